// Package connection holds what is known of clients' live connections, and which one of a user's gets an alert. It keeps nothing.
//
// The package imports chat.
package connection

import (
	"context"
	"time"

	"github.com/canteen-chat/canteen/chat"
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
	NotOwn    bool // a bot that does not hear of what it did itself (see chat.IsOwn)
	MadeAt    time.Time
	SeenAt    time.Time // when it was last heard of
	ActiveAt  time.Time // when its user last did something that a socket hears of; zero: not yet
	ExpiresAt time.Time // when the gateway has ended it in any case
	Until     time.Time // when its session or token is over by itself, as far as it is known; zero: never
}

// Over says whether its session or token is over by itself at now.
func (c Connection) Over(now time.Time) bool { return !c.Until.IsZero() && !now.Before(c.Until) }

// Store holds connections. They end without notice: those that expired are never given, and who finds one dead
// removes it.
type Store interface {
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

// Target chooses the one of a user's connections that gets an alert: among the active ones, or among all if none is active, the one on
// which the user did something last. Users who are away get alerts too, since most of them work in another program. ok is false if an
// active connection has the message on its screen, or if there is no connection.
func Target(e chat.Alerted, all []Connection) (target Connection, ok bool) {
	for _, c := range all {
		switch {
		case !c.Away && c.shows(e):
			return Connection{}, false
		case !ok || c.nearer(target):
			target, ok = c, true
		}
	}
	return target, ok
}

// nearer says whether c is more likely than o to be where their user is.
func (c Connection) nearer(o Connection) bool {
	if c.Away != o.Away {
		return o.Away
	}
	return c.activeAfter(o)
}

// shows says whether the message is where the connection's user looks: the room, or for a reply its thread.
func (c Connection) shows(e chat.Alerted) bool {
	inRoom := e.Thread == 0 || e.AlsoInRoom
	return c.Room == e.Room && (inRoom || c.Thread == e.Thread)
}

// activeAfter orders connections by activity. New ones, whose users have done nothing yet, are ordered by their beginning.
func (c Connection) activeAfter(o Connection) bool {
	if !c.ActiveAt.Equal(o.ActiveAt) {
		return c.ActiveAt.After(o.ActiveAt)
	}
	return c.MadeAt.After(o.MadeAt)
}
