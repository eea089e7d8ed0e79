package canteen

import (
	"context"
	"sync"
	"time"
)

// ticketLife is how long a ticket may wait to be used.
const ticketLife = 30 * time.Second

// tickets are open single-use tickets, by the hash of their secret. They live 30 s on one machine: losing them in a
// restart costs a client one more request.
type tickets struct {
	mu   sync.Mutex
	open map[SecretHash]ticket
}

type ticket struct {
	actor Actor
	until time.Time
}

// NewTicket gives a secret that opens one socket as the actor within 30 s.
func (c *Canteen) NewTicket(ctx context.Context, a Actor) (string, error) {
	if err := a.mayRead(); err != nil {
		return "", err
	}
	if err := c.take(ctx, rates().change, a.User.ID); err != nil {
		return "", err
	}
	now, secret := c.clock.Time(), NewSecret()
	c.tickets.mu.Lock()
	defer c.tickets.mu.Unlock()
	for h, t := range c.tickets.open {
		if !now.Before(t.until) {
			delete(c.tickets.open, h)
		}
	}
	c.tickets.open[HashSecret(secret)] = ticket{a, now.Add(ticketLife)}
	return secret, nil
}

// ByTicket uses a ticket up. The socket still checks that the actor's session or token lives.
func (c *Canteen) ByTicket(ctx context.Context, secret string) (Actor, error) {
	h := HashSecret(secret)
	c.tickets.mu.Lock()
	t, ok := c.tickets.open[h]
	delete(c.tickets.open, h)
	c.tickets.mu.Unlock()
	if !ok || !c.clock.Time().Before(t.until) {
		return Actor{}, Errorf(Unauthenticated, "This ticket is unknown, used or expired.")
	}
	return c.Still(ctx, t.actor)
}
