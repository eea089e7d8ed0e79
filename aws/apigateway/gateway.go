package apigateway

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// Options are what a Gateway needs. Poster, Connections, Clock and Log are required.
type Options struct {
	Poster      Poster
	Connections chat.ConnectionStore
	Limiter     chat.Limiter // of frames and connections; nil: no limits
	Clock       chat.Clock
	Log         *slog.Logger
	Pace        time.Duration // between frames to the members of a large room; 1 s unless said
	Patience    time.Duration // with a connection that the store does not show yet; 3 s unless said
}

const (
	heartbeat      = 480 * time.Second // the gateway ends what is silent for 10 min
	grace          = 30 * time.Second  // of silence beyond the heartbeat
	touchEvery     = 15 * time.Second  // SeenAt is not written more often
	presencePoll   = 60 * time.Second
	connectionLife = 2*time.Hour + 10*time.Minute // the gateway ends connections after 2 h
	typingWithin   = 5 * time.Second
)

// Close codes registered with IANA after RFC 6455.
const (
	closeRestart = 1012
	closeLater   = 1013
)

// Gateway is the port to connected clients. It is safe for concurrent use.
type Gateway struct{ o Options }

var _ chat.Live = (*Gateway)(nil)

// New makes a Gateway. It does no I/O.
func New(o Options) *Gateway {
	if o.Pace == 0 {
		o.Pace = time.Second
	}
	if o.Patience == 0 {
		o.Patience = 3 * time.Second
	}
	return &Gateway{o}
}

// Deliver implements chat.Live for what no commit holds: typing. All else comes by the stream, to FanOut. It returns when
// every frame is out or given up, within 5 s.
func (g *Gateway) Deliver(as []chat.Announcement) {
	ctx, stop := context.WithTimeout(context.Background(), typingWithin)
	defer stop()
	for _, a := range as {
		e, ok := a.Event.(chat.Typing)
		if !ok {
			continue
		}
		now := g.o.Clock.Time()
		conns, err := g.o.Connections.ConnectionsIn(ctx, e.Room, now)
		if err != nil {
			g.o.Log.WarnContext(ctx, "typing not told", "error", err)
			continue
		}
		var to []*recipient
		for _, c := range conns {
			if c.User != e.User && alive(c, now) {
				to = append(to, &recipient{Connection: c, events: []event{g.encode(ctx, e)}, once: true})
			}
		}
		if _, err := g.postAll(ctx, to); err != nil {
			g.o.Log.WarnContext(ctx, "typing not told to all", "error", err)
		}
	}
}

// greeted says whether the connection's open was obeyed: not before does it get anything.
func greeted(c chat.Connection) bool { return c.SeenAt.After(c.MadeAt) }

// alive says whether somebody seems to be at the other end.
func alive(c chat.Connection, now time.Time) bool { return now.Sub(c.SeenAt) < heartbeat+grace }

// closeConnection takes a connection out, says why, and closes it. That it is out is certain when err is nil; the rest is best effort.
func (g *Gateway) closeConnection(ctx context.Context, user, id string, code int) error {
	if user != "" {
		if err := g.o.Connections.RemoveConnection(ctx, user, id); err != nil {
			return err
		}
	}
	b := wire.Bye{Type: "bye", Code: code}
	if code != wire.CloseEnded && code != wire.CloseTooMany {
		b.RetryMS = 300 + rand.IntN(2700) // #nosec G404 -- keeps clients apart, no secret
	}
	err := g.post(ctx, id, encode(b))
	if err == nil {
		err = g.retry(ctx, func(ctx context.Context) error { return g.o.Poster.Delete(ctx, id) })
	}
	if err != nil && !hasStatus(err, statusGone) {
		g.o.Log.WarnContext(ctx, "connection not closed", "connection", id, "code", code, "error", err)
	}
	return nil
}

// encode is for the few shapes that have a JSON form whatever they hold.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return b
}
