package chat

import (
	"context"
	"time"
)

// Connection is a client's live connection that no process holds, as on AWS: what must be known of it to deliver to it.
type Connection struct {
	ID        string // the gateway's
	User      string
	SessionID string // set when it came with a session
	TokenID   string // set when it came with a token
	Room      string // the room on screen; "" for none
	Thread    int64  // the root of the room's thread that is on screen too; 0 for none
	Away      bool
	NotOwn    bool // a bot that does not hear of what it did itself (see [IsOwn])
	MadeAt    time.Time
	SeenAt    time.Time // when it was last heard of
	ActiveAt  time.Time // when its user last did something that a socket hears of; zero: not yet
	ExpiresAt time.Time // when the gateway has ended it in any case
	Until     time.Time // when its session or token is over by itself, as far as it is known; zero: never
}

// Over says whether its session or token is over by itself at now.
func (c Connection) Over(now time.Time) bool { return !c.Until.IsZero() && !now.Before(c.Until) }

// Connect lets the actor open a socket. It bounds how often: a handshake costs more than a request, and everybody hears of its presence.
func (c *Canteen) Connect(ctx context.Context, a Actor) error {
	_, err := perform(ctx, c, a, CmdConnect, use[struct{}]{do: func(*attempt) (struct{}, error) { return struct{}{}, nil }})
	return err
}

// ConnectionStore holds connections. They end without notice: those that expired are never given, and who finds one dead
// removes it.
type ConnectionStore interface {
	AddConnection(ctx context.Context, c Connection) error
	// Connection is NotFound when it is not there any more, or expired at now.
	Connection(ctx context.Context, id string, now time.Time) (Connection, error)
	// UpdateConnection changes Room, Thread, Away, SeenAt, ActiveAt and Until of the connection as it is then, and gives it. change may be
	// called more than once: two frames of a connection can come at the same time. NotFound when it is not there any more.
	UpdateConnection(ctx context.Context, user, id string, change func(*Connection)) (Connection, error)
	// RemoveConnection takes it out; one that is not there is no error.
	RemoveConnection(ctx context.Context, user, id string) error
	// ConnectionsOf are those of users, in no order; of many users it reads all there are, of few each one's.
	ConnectionsOf(ctx context.Context, users []string, now time.Time) ([]Connection, error)
	// ConnectionsIn are those that have the room open; what opened it within the last second may be missing.
	ConnectionsIn(ctx context.Context, room string, now time.Time) ([]Connection, error)
}
