package apigateway

import (
	"context"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// Sockets are the routes of the WebSocket API.
type Sockets struct {
	*Gateway
	canteen      *chat.Canteen
	authenticate func(*http.Request) (chat.Actor, error)
}

// Sockets makes the routes for a Canteen. who settles who connects, and that no foreign page makes them.
func (g *Gateway) Sockets(c *chat.Canteen, authenticate func(*http.Request) (chat.Actor, error)) *Sockets {
	return &Sockets{g, c, authenticate}
}

// frameRate bounds what one connection says: 20 a second, 60 at once.
func frameRate() chat.Rate {
	return chat.Rate{Name: "frames of a connection", Every: 50 * time.Millisecond, Burst: 60}
}

// Connect is $connect: nil lets the connection be made. The errors are those of who, and the store's. Nothing can be sent to
// a connection that is being made, hence hello in answer to open.
func (s *Sockets) Connect(ctx context.Context, id string, r *http.Request) error {
	a, err := s.authenticate(r.WithContext(ctx))
	if err != nil {
		return err
	}
	now := s.o.Clock.Time()
	if err := s.o.Connections.AddConnection(ctx, chat.Connection{
		ID: id, User: a.User.ID, SessionID: a.SessionID, TokenID: a.TokenID, MadeAt: now, SeenAt: now, ExpiresAt: now.Add(connectionLife),
	}); err != nil {
		return err
	}
	if s.o.Limiter == nil {
		return nil
	}
	if err := s.closeOldest(ctx, a.User.ID, id, now); err != nil {
		s.o.Log.WarnContext(ctx, "connections of a user not counted", "user", a.User.ID, "error", err)
	}
	return nil
}

// closeOldest ends the oldest connections of a user beyond the limit, id apart. Those not heard of do not count: their end may have
// been lost, and nobody is to be locked out by ghosts.
func (s *Sockets) closeOldest(ctx context.Context, user, id string, now time.Time) error {
	conns, err := s.o.Connections.ConnectionsOf(ctx, []string{user}, now)
	if err != nil {
		return err
	}
	conns = slices.DeleteFunc(conns, func(c chat.Connection) bool { return c.ID == id || !alive(c, now) })
	slices.SortFunc(conns, func(a, b chat.Connection) int { return a.MadeAt.Compare(b.MadeAt) })
	for _, c := range conns[:max(0, len(conns)+1-wire.ConnectionsOfUser)] {
		if err := s.closeConnection(ctx, c.User, c.ID, wire.CloseTooMany); err != nil {
			return err
		}
	}
	return nil
}

// Disconnect is $disconnect, which may never come.
func (s *Sockets) Disconnect(ctx context.Context, id string) error {
	c, err := s.o.Connections.Connection(ctx, id, s.o.Clock.Time())
	if err != nil && chat.ErrorCode(err) == chat.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return s.o.Connections.RemoveConnection(ctx, c.User, id)
}

// closeReason is why a connection is to end: a close code, and the trouble behind it if it was the store's.
type closeReason struct {
	code int
	err  error
}

// Frame is $default: it obeys one frame, or ends the connection with bye. ok is false when it did; an error is the store's.
func (s *Sockets) Frame(ctx context.Context, id string, frame []byte, binary bool) (ok bool, err error) {
	c, end := s.frame(ctx, id, frame, binary)
	if end == nil {
		return true, nil
	}
	user := c.User
	if user == "" { // refused before it was looked at
		known, err := s.o.Connections.Connection(ctx, id, s.o.Clock.Time())
		if err == nil {
			user = known.User
		}
	}
	if err := s.closeConnection(ctx, user, id, end.code); err != nil && end.err == nil {
		end.err = err
	}
	return false, end.err
}

func (s *Sockets) frame(ctx context.Context, id string, frame []byte, binary bool) (chat.Connection, *closeReason) {
	var c chat.Connection
	switch {
	case binary:
		return c, &closeReason{code: 1003}
	case len(frame) > wire.FrameBytes:
		return c, &closeReason{code: 1009}
	case !utf8.Valid(frame):
		return c, &closeReason{code: 1007}
	}
	cmd, err := wire.ParseCommand(frame)
	if err != nil {
		return c, &closeReason{code: wire.CloseMalformed}
	}
	if s.o.Limiter != nil {
		if wait, err := s.o.Limiter.Take(ctx, frameRate(), id); err != nil || wait > 0 {
			return c, &closeReason{wire.CloseTooMany, err}
		}
	}
	c, end := s.findConnection(ctx, id, cmd.Type == "open")
	if end != nil {
		return c, end
	}
	a, err := s.canteen.Still(ctx, chat.Actor{User: chat.User{ID: c.User}, SessionID: c.SessionID, TokenID: c.TokenID})
	if err != nil && chat.ErrorCode(err) == chat.Unauthenticated {
		return c, &closeReason{code: wire.CloseEnded}
	}
	if err == nil {
		err = s.execute(ctx, &c, a, cmd)
	}
	if err != nil && chat.ErrorCode(err) == chat.NotFound { // removed meanwhile, or its session with it
		return c, &closeReason{code: closeRestart}
	}
	if err != nil && chat.ErrorCode(err) == chat.RateLimited {
		return c, &closeReason{code: wire.CloseTooMany}
	}
	if err != nil { // the storage fails: the client heals by reconnecting
		return c, &closeReason{closeLater, err}
	}
	return c, nil
}

// findConnection is the connection of a frame, which must be its open before it is any other. The gateway hands over frames side by
// side and the store may show a new connection a moment late: both are waited for.
func (s *Sockets) findConnection(ctx context.Context, id string, open bool) (chat.Connection, *closeReason) {
	for until := time.Now().Add(s.o.Patience); ; {
		c, err := s.o.Connections.Connection(ctx, id, s.o.Clock.Time())
		switch {
		case err != nil && chat.ErrorCode(err) != chat.NotFound:
			return c, &closeReason{closeLater, err}
		case err == nil && (open || greeted(c)):
			return c, nil
		case time.Now().Before(until) && sleep(ctx, 50*time.Millisecond) == nil:
			continue
		case err == nil:
			return c, &closeReason{code: wire.CloseMalformed}
		}
		return c, &closeReason{code: closeRestart} // as who it came is not known any more: it may come again
	}
}
