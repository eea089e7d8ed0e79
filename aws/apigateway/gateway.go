package apigateway

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/wire"
)

// Options configure a Gateway. Poster, Connections, Clock and Log are required.
type Options struct {
	Poster      Poster
	Connections connection.Store
	Limiter     chat.Limiter // of frames and connections; nil means no limits
	Clock       chat.Clock
	Log         *slog.Logger
	Alerter     Alerter       // nil means that messages alert nobody
	Pace        time.Duration // shortest time of a batch for more than 500 connections; 0 means 1 s
	Patience    time.Duration // how long a frame waits for its connection to appear in the store; 0 means 3 s
}

const (
	heartbeat      = 480 * time.Second // API Gateway closes connections that are silent for 10 min
	grace          = 30 * time.Second  // silence allowed beyond the heartbeat
	touchEvery     = 15 * time.Second  // shortest time between two writes of SeenAt
	presencePoll   = 60 * time.Second
	connectionLife = 2*time.Hour + 10*time.Minute // API Gateway closes connections after 2 h
	typingWithin   = 5 * time.Second
)

// Close codes that were registered with IANA after RFC 6455.
const (
	closeRestart = 1012
	closeLater   = 1013
)

// Gateway sends events to connected clients. It is safe for concurrent use.
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

// Deliver implements chat.Live for typing, which no commit holds. All other events reach FanOut through the stream. It
// returns within 5 s, when every frame is sent or given up.
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
			g.o.Log.WarnContext(ctx, "typing event not delivered", "error", err)
			continue
		}
		var to []*recipient
		for _, c := range conns {
			if c.User != e.User && alive(c, now) && !c.Over(now) {
				to = append(to, &recipient{Connection: c, events: []event{g.encode(ctx, e)}, once: true})
			}
		}
		if _, err := g.postAll(ctx, to); err != nil {
			g.o.Log.WarnContext(ctx, "typing event not delivered to all", "error", err)
		}
	}
}

// greeted says whether the connection's open command was handled. Before that it gets no events.
func greeted(c connection.Connection) bool { return c.SeenAt.After(c.MadeAt) }

// Active says whether one of a user's connections is that of somebody who is using Canteen.
func Active(cs []connection.Connection, now time.Time) bool {
	return slices.ContainsFunc(cs, func(c connection.Connection) bool { return !c.Away && alive(c, now) && !c.Over(now) })
}

// alive says whether the client has sent something lately.
func alive(c connection.Connection, now time.Time) bool { return now.Sub(c.SeenAt) < heartbeat+grace }

// closeConnection removes a connection from the store, sends bye with the code, and closes it. If err is nil it is removed;
// sending and closing are best effort.
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
	if err := g.post(ctx, id, encode(b)); hasStatus(err, statusGone) {
		return nil
	}
	// A client that does not take bye, since its buffer is full, is closed all the same.
	err := g.retry(ctx, func(ctx context.Context) error { return g.o.Poster.Delete(ctx, id) })
	if err != nil && !hasStatus(err, statusGone) {
		g.o.Log.WarnContext(ctx, "connection not closed", "connection", id, "code", code, "error", err)
	}
	return nil
}

// encode is for types that always have a JSON form.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return b
}
