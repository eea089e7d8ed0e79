package apigateway

import (
	"context"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/wire"
)

// Sockets handles the routes of the WebSocket API.
type Sockets struct {
	*Gateway
	canteen      *chat.Canteen
	authenticate func(*http.Request) (chat.Actor, error)
}

// Sockets makes the routes. authenticate returns the actor of a request to connect, and refuses requests of foreign origins.
func (g *Gateway) Sockets(c *chat.Canteen, authenticate func(*http.Request) (chat.Actor, error)) *Sockets {
	return &Sockets{g, c, authenticate}
}

// frameRate limits one connection: 20 frames a second, 60 at once.
func frameRate() chat.Rate {
	return chat.Rate{Name: "frames of a connection", Every: 50 * time.Millisecond, Burst: 60}
}

// Connect handles $connect. Nil accepts the connection. Errors come from authenticate or the store. The gateway cannot post
// to a connection before $connect is over; therefore hello is the reply to open.
func (s *Sockets) Connect(ctx context.Context, id string, r *http.Request) error {
	a, err := s.authenticate(r.WithContext(ctx))
	if err != nil {
		return err
	}
	now := s.o.Clock.Time()
	if err := s.o.Connections.AddConnection(ctx, connection.Connection{
		ID: id, User: a.User.ID, SessionID: a.SessionID, TokenID: a.TokenID, MadeAt: now, SeenAt: now, ExpiresAt: now.Add(connectionLife),
		Until: a.Until, NotOwn: wire.NotOwn(a.User, r.URL.Query()),
	}); err != nil {
		return err
	}
	if s.o.Limiter == nil {
		return nil
	}
	if err := s.closeOldest(ctx, a.User.ID, id, now); err != nil {
		s.o.Log.WarnContext(ctx, "limit of connections not enforced", "user", a.User.ID, "error", err)
	}
	return nil
}

// probeLife is how long the connection of a probe may live.
const probeLife = 2 * time.Minute

// ConnectProbe accepts a connection of a probe, which hears the events for user and sends nothing. The user is nobody's.
func (s *Sockets) ConnectProbe(ctx context.Context, id, user string) error {
	now := s.o.Clock.Time()
	return s.o.Connections.AddConnection(ctx, connection.Connection{ // it needs no hello
		ID: id, User: user, MadeAt: now.Add(-time.Second), SeenAt: now, ExpiresAt: now.Add(probeLife),
	})
}

// closeOldest closes the user's oldest connections beyond the limit, but not id. Silent connections do not count: their end
// may have been lost, and they must not lock the user out.
func (s *Sockets) closeOldest(ctx context.Context, user, id string, now time.Time) error {
	conns, err := s.o.Connections.ConnectionsOf(ctx, []string{user}, now)
	if err != nil {
		return err
	}
	conns = slices.DeleteFunc(conns, func(c connection.Connection) bool { return c.ID == id || !alive(c, now) })
	slices.SortFunc(conns, func(a, b connection.Connection) int { return a.MadeAt.Compare(b.MadeAt) })
	for _, c := range conns[:max(0, len(conns)+1-wire.ConnectionsOfUser)] {
		if err := s.closeConnection(ctx, c.User, c.ID, wire.CloseTooMany); err != nil {
			return err
		}
	}
	return nil
}

// Disconnect handles $disconnect, which may never come.
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

// closeReason is why a connection is closed: a close code, and the store's error if there was one.
type closeReason struct {
	code int
	err  error
}

// Frame handles $default: it executes the command in the frame, or closes the connection. ok is false if it closed it. An
// error comes from the store.
func (s *Sockets) Frame(ctx context.Context, id string, frame []byte, binary bool) (ok bool, err error) {
	c, end := s.frame(ctx, id, frame, binary)
	if end == nil {
		return true, nil
	}
	user := c.User
	if user == "" { // refused before the connection was loaded
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

func (s *Sockets) frame(ctx context.Context, id string, frame []byte, binary bool) (connection.Connection, *closeReason) {
	var c connection.Connection
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
		c.Until = a.Until // later than before when the session was used
		err = s.execute(ctx, &c, a, cmd)
	}
	if err != nil && chat.ErrorCode(err) == chat.NotFound { // the connection was removed, or its session
		return c, &closeReason{code: closeRestart}
	}
	if err != nil && chat.ErrorCode(err) == chat.RateLimited {
		return c, &closeReason{code: wire.CloseTooMany}
	}
	if err != nil { // the storage failed: the client recovers by reconnecting
		return c, &closeReason{closeLater, err}
	}
	return c, nil
}

// findConnection loads the connection of a frame. The first frame must be open. It waits up to Options.Patience: frames are
// handled concurrently, so that another may overtake open, and the store may show a new connection late.
func (s *Sockets) findConnection(ctx context.Context, id string, open bool) (connection.Connection, *closeReason) {
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
		return c, &closeReason{code: closeRestart} // its user is unknown; the client may reconnect
	}
}
