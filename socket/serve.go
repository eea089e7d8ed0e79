package socket

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/canteen-chat/canteen"
	"github.com/canteen-chat/canteen/wire"
)

// Doors are what the handler needs of the HTTP side.
type Doors struct {
	// Who is the actor of a request and whether a cookie says so.
	Who func(*http.Request) (a canteen.Actor, cookie bool, err error)
	// Trusted says whether an Origin header is the product's own.
	Trusted func(origin string) bool
	// Fail answers a request that does not become a socket.
	Fail func(http.ResponseWriter, *http.Request, error)
}

const framesPerSecond, frameBurst = 20, 60

type handler struct {
	hub      *Hub
	canteen  *canteen.Canteen
	doors    Doors
	upgrader websocket.Upgrader
}

// Handler is /ws.
func (h *Hub) Handler(c *canteen.Canteen, d Doors) http.Handler {
	return &handler{hub: h, canteen: c, doors: d, upgrader: websocket.Upgrader{
		ReadBufferSize: 1024, WriteBufferSize: 1024, HandshakeTimeout: writeWithin,
		CheckOrigin: func(*http.Request) bool { return true }, // ServeHTTP has checked
	}}
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, err := h.who(r)
	if err == nil && !websocket.IsWebSocketUpgrade(r) {
		err = canteen.InvalidField("Upgrade", "This address takes WebSocket connections alone.")
	}
	if err != nil {
		h.doors.Fail(w, r, err)
		return
	}
	_, workspace, err := h.canteen.Me(r.Context(), a)
	if err != nil {
		h.doors.Fail(w, r, err)
		return
	}
	if !h.hub.begin() {
		h.doors.Fail(w, r, &canteen.Error{Code: canteen.Unavailable, Message: "The server restarts. Try again.", RetryAfter: time.Second})
		return
	}
	defer h.hub.live.Done()
	ws, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // answered by the upgrader
	}
	c := &conn{id: canteen.NewID(), actor: a, ws: ws, wake: make(chan struct{}, 1)}
	go c.write()
	c.send(encode(wire.Hello{
		Type: "hello", User: a.User.ID, Connection: c.id, Epoch: workspace.Epoch, Heartbeat: int(h.hub.o.Heartbeat.Seconds()),
	}))
	h.run(c)
}

// encode is for the few shapes that have a JSON form whatever they hold.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return b
}

// who settles who connects and whether a foreign page makes them.
func (h *handler) who(r *http.Request) (canteen.Actor, error) {
	origin := r.Header.Get("Origin")
	foreign := canteen.Errorf(canteen.Forbidden, "This connection came from a page of another origin.")
	if origin != "" && !h.doors.Trusted(origin) {
		return canteen.Actor{}, foreign
	}
	if ticket := r.URL.Query().Get("ticket"); ticket != "" {
		return h.canteen.ByTicket(r.Context(), ticket)
	}
	a, cookie, err := h.doors.Who(r)
	if err == nil && cookie && origin == "" {
		return canteen.Actor{}, foreign
	}
	return a, err
}

// run is the reader: until the connection ends.
func (h *handler) run(c *conn) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	defer c.close(websocket.CloseNormalClosure, "")
	if !h.hub.join(c) {
		h.wait(c)
		return
	}
	defer h.hub.leave(c)
	if _, err := h.canteen.Still(ctx, c.actor); err != nil { // it ended while the connection was made
		c.close(wire.CloseEnded, "session over")
		h.wait(c)
		return
	}
	c.ws.SetReadLimit(wire.FrameBytes)
	heard := func() error { return c.ws.SetReadDeadline(time.Now().Add(h.hub.o.Heartbeat + grace)) }
	ping, pong := c.ws.PingHandler(), c.ws.PongHandler()
	c.ws.SetPingHandler(func(s string) error { return errors.Join(heard(), ping(s)) })
	c.ws.SetPongHandler(func(s string) error { return errors.Join(heard(), pong(s)) })
	frames := bucket{at: time.Now(), left: frameBurst}
	for {
		if heard() != nil {
			return
		}
		kind, frame, err := c.ws.ReadMessage()
		if err != nil {
			if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
				c.close(wire.CloseSilent, "silent")
			}
			return
		}
		switch {
		case h.hub.o.Limits && !frames.take(time.Now()):
			c.close(wire.CloseTooMany, "too many frames")
		case kind != websocket.TextMessage:
			c.close(websocket.CloseUnsupportedData, "text frames alone")
		case !utf8.Valid(frame):
			c.close(websocket.CloseInvalidFramePayloadData, "not UTF-8")
		default:
			if h.do(ctx, c, frame) {
				continue
			}
		}
		h.wait(c)
		return
	}
}

// wait reads on until the close has been answered, so that the code is not lost with unread data (RFC 9293, a reset).
func (h *handler) wait(c *conn) {
	if c.ws.SetReadDeadline(time.Now().Add(closeWithin)) != nil {
		return
	}
	for {
		if _, _, err := c.ws.NextReader(); err != nil {
			return
		}
	}
}

// bucket bounds frames: so many at once, so many a second.
type bucket struct {
	at   time.Time
	left float64
}

func (b *bucket) take(now time.Time) bool {
	b.left = min(frameBurst, b.left+now.Sub(b.at).Seconds()*framesPerSecond)
	b.at = now
	b.left--
	return b.left >= 0
}

// do obeys one command; false when the connection is to end.
func (h *handler) do(ctx context.Context, c *conn, frame []byte) bool {
	cmd, err := wire.ParseCommand(frame)
	if err != nil {
		c.close(wire.CloseMalformed, err.Error())
		return false
	}
	switch cmd.Type {
	case "ping":
		c.send(encode(wire.Pong{Type: "pong"}))
	case "open":
		err = h.open(ctx, c, cmd.Room)
	case "typing":
		err = h.canteen.Typing(ctx, c.actor, cmd.Room)
	case "watch":
		var ids []string
		if ids, err = h.canteen.VisibleUsers(ctx, c.actor, cmd.Users); err == nil {
			h.hub.watch(c, ids)
		}
	case "presence":
		c.mu.Lock()
		c.away = cmd.State == wire.Away
		c.mu.Unlock()
		h.hub.moved(c)
	}
	if err != nil { // the storage fails: the client heals by reconnecting
		h.hub.o.Log.Warn("socket command failed", "connection", c.id, "type", cmd.Type, "error", err)
		c.close(websocket.CloseTryAgainLater, "try again")
		return false
	}
	return true
}

// open sets the room on screen, if the user is in it.
func (h *handler) open(ctx context.Context, c *conn, room string) error {
	for {
		c.mu.Lock()
		before := c.leaves
		if room == "" {
			c.room = ""
		}
		c.mu.Unlock()
		if room == "" {
			return nil
		}
		may, err := h.canteen.MayOpen(ctx, c.actor, room)
		if err != nil {
			return err
		}
		c.mu.Lock()
		settled := before == c.leaves
		if settled && may {
			c.room = room
		}
		c.mu.Unlock()
		if settled {
			return nil
		}
	}
}
