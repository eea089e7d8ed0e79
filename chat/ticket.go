package chat

import (
	"context"
	"time"
)

// TicketLife is how long a ticket may wait to be used.
const TicketLife = 30 * time.Second

// Ticket opens one socket for who holds its secret, as what it was asked for with: a session or a token.
type Ticket struct {
	User      string
	SessionID string
	TokenID   string
	ExpiresAt time.Time
}

// TicketStore holds tickets by the hash of their secret, for as long as they live: losing one costs a client one more
// request.
type TicketStore interface {
	AddTicket(ctx context.Context, t Ticket, h SecretHash) error
	// TakeTicket uses a ticket up: of several who ask for it one gets it. NotFound when there is none, or it is expired at now.
	TakeTicket(ctx context.Context, h SecretHash, now time.Time) (Ticket, error)
}

// NewTicket gives a secret that opens one socket as the actor within TicketLife.
func (c *Canteen) NewTicket(ctx context.Context, a Actor) (string, error) {
	secret := NewSecret()
	return perform(ctx, c, a, CmdNewTicket, use[string]{do: func(at *attempt) (string, error) {
		t := Ticket{User: at.User.ID, SessionID: at.SessionID, TokenID: at.TokenID, ExpiresAt: c.clock.Time().Add(TicketLife)}
		return secret, c.tickets.AddTicket(ctx, t, HashSecret(secret))
	}})
}

// ByTicket uses a ticket up: its actor as of now, if the session or token lives.
func (c *Canteen) ByTicket(ctx context.Context, secret string) (Actor, error) {
	t, err := c.tickets.TakeTicket(ctx, HashSecret(secret), c.clock.Time())
	if err != nil && ErrorCode(err) == NotFound {
		return Actor{}, Errorf(Unauthenticated, "This ticket is unknown, used or expired.")
	} else if err != nil {
		return Actor{}, err
	}
	return c.Still(ctx, Actor{User: User{ID: t.User}, SessionID: t.SessionID, TokenID: t.TokenID})
}
