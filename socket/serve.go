package socket

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gobwas/ws"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// Doors are the functions of the HTTP API that the handler needs.
type Doors struct {
	// Probe gives the user of a request by which the server tries itself, "" for all others. Such a user is in no table, hears its own
	// events only, and is not counted. It may be nil.
	Probe func(*http.Request) string
	// Who authenticates the request and refuses requests from foreign origins.
	Who func(*http.Request) (chat.Actor, error)
	// Fail answers a request that is not upgraded.
	Fail func(http.ResponseWriter, *http.Request, error)
}

const (
	readBuffer = 512  // clients send little
	keySize    = 24   // length of Sec-WebSocket-Key: 16 bytes in base64
	version    = "13" // version of the protocol (RFC 6455)

	sessionOver = "session over" // reason of 4001

	serviceRestart, tryAgainLater = 1012, 1013 // close codes registered with IANA after RFC 6455
)

type handler struct {
	hub     *Hub
	canteen *chat.Canteen
	doors   Doors
}

// Handler serves /ws.
func (h *Hub) Handler(c *chat.Canteen, d Doors) http.Handler {
	h.canteen = c
	return &handler{hub: h, canteen: c, doors: d}
}

// ServeHTTP implements http.Handler. After the upgrade a goroutine serves the connection.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, epoch, err := h.who(r)
	if err != nil {
		h.doors.Fail(w, r, err)
		return
	}
	if !h.hub.begin() {
		h.doors.Fail(w, r, &chat.Error{Code: chat.Unavailable, Message: "The server is restarting. Try again.", RetryAfter: time.Second})
		return
	}
	c, from, err := upgrade(w, r)
	if err != nil {
		h.hub.live.Done()
		h.hub.o.Log.Debug("upgrade failed", "error", err) // the peer is gone or has sent an invalid handshake
		return
	}
	c.id, c.actor, c.clock, c.until = chat.NewID(), a, h.hub.o.Clock, a.Until
	c.madeAt = h.hub.o.Clock.Time()
	if c.meter = h.hub.o.Meter; h.probes(r) {
		c.probe, c.meter = true, noMeter{}
	}
	c.notOwn = wire.NotOwn(a.User, r.URL.Query())
	c.send(encode(wire.Hello{
		Type: "hello", User: a.User.ID, Connection: c.id, Epoch: epoch, Heartbeat: int(h.hub.o.Heartbeat.Seconds()),
	}))
	go h.run(c, from)
}

func (h *handler) probes(r *http.Request) bool { return h.doors.Probe != nil && h.doors.Probe(r) != "" }

// who is the user of a connection, as of now, and the workspace's epoch.
func (h *handler) who(r *http.Request) (a chat.Actor, epoch string, err error) {
	if h.probes(r) {
		return chat.Actor{User: chat.User{ID: h.doors.Probe(r)}}, "", handshake(r)
	}
	if a, err = h.doors.Who(r); err == nil {
		err = handshake(r)
	}
	if err != nil {
		return a, "", err
	}
	_, workspace, err := h.canteen.Me(r.Context(), a)
	return a, workspace.Epoch, err
}

// handshake checks the headers of the handshake (RFC 6455, 4.2.1).
func handshake(r *http.Request) error {
	switch {
	case !strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		return chat.InvalidField("Upgrade", "This address takes WebSocket connections only.")
	case r.Header.Get("Sec-WebSocket-Version") != version:
		return chat.InvalidField("Sec-WebSocket-Version", "This address supports version "+version+" of the WebSocket protocol.")
	case len(r.Header.Get("Sec-WebSocket-Key")) != keySize:
		return chat.InvalidField("Sec-WebSocket-Key", "A key of 16 bytes in base64 is needed.")
	}
	return nil
}

// upgrade takes over the connection. Bytes that the peer has sent after the handshake are read first.
func upgrade(w http.ResponseWriter, r *http.Request) (*conn, *bufio.Reader, error) {
	n, rw, _, err := ws.HTTPUpgrader{Timeout: writeWithin}.Upgrade(r, w)
	if err != nil {
		if n != nil {
			err = errors.Join(err, n.Close())
		}
		return nil, nil, err
	}
	if err := bound(n); err != nil {
		return nil, nil, errors.Join(err, n.Close())
	}
	var from io.Reader = n
	if ahead := rw.Reader.Buffered(); ahead > 0 {
		b, err := rw.Reader.Peek(ahead)
		if err != nil {
			return nil, nil, errors.Join(err, n.Close())
		}
		from = io.MultiReader(bytes.NewReader(bytes.Clone(b)), n)
	}
	return &conn{net: n, writing: true}, bufio.NewReaderSize(from, readBuffer), nil
}

// bound limits the kernel's send buffer, which fills up for a slow peer.
func bound(n net.Conn) error {
	if t, ok := n.(interface{ NetConn() net.Conn }); ok { // TLS
		n = t.NetConn()
	}
	if t, ok := n.(interface{ SetWriteBuffer(bytes int) error }); ok {
		return t.SetWriteBuffer(kernelBytes)
	}
	return nil
}

// encode encodes a value as a text frame. It is for types whose JSON encoding cannot fail.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return textFrame(b)
}

// run is the reader goroutine. It serves the connection until its end.
func (h *handler) run(c *conn, from *bufio.Reader) {
	c.meter.Opened()
	defer h.hub.live.Done()
	defer func() { c.meter.Closed(c.endCode()) }()
	defer c.net.Close()
	defer func() {
		if p := recover(); p != nil { // a panic must not end other connections
			h.hub.o.Log.Error("connection panicked", "connection", c.id, "panic", p, "stack", string(debug.Stack()))
			c.close(ws.StatusInternalServerError, "")
		}
	}()
	r := &reader{c: c, from: from, silence: h.hub.o.Heartbeat + grace}
	if h.hub.o.Limits {
		r.frames = &bucket{at: time.Now(), left: frameBurst}
	}
	h.hub.queue.settle() // what was committed before is in what the client fetches after its hello
	if h.hub.join(c) {
		defer h.hub.leave(c)
		if !c.probe {
			h.hub.recheck(c)
		}
	}
	c.begin() // only now: if the session has ended, nothing queued may be sent
	err := h.listen(c, r)
	end, ok := errors.AsType[closed](err)
	if !ok && !c.closing() {
		return // the peer is gone
	}
	c.close(end.code, end.reason)
	r.finish()
}

// recheck closes a connection whose session or token is over: after the handshake, during which it may have ended, and when it
// expires, unless it was used meanwhile.
func (h *Hub) recheck(c *conn) {
	a, err := h.canteen.Still(context.Background(), c.actor)
	switch {
	case err == nil:
		c.lives(a.Until)
	case chat.ErrorCode(err) == chat.Unauthenticated:
		c.close(wire.CloseEnded, sessionOver)
	default:
		h.o.Log.Warn("socket not checked", "connection", c.id, "error", err)
		c.close(tryAgainLater, "try again")
	}
}

// listen executes commands until the connection ends.
func (h *handler) listen(c *conn, r *reader) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	for {
		frame, err := r.next()
		if err != nil {
			return err
		}
		if c.closing() {
			return net.ErrClosed
		}
		if err := h.do(ctx, c, frame); err != nil {
			return err
		}
	}
}

// do executes one command.
func (h *handler) do(ctx context.Context, c *conn, frame []byte) error {
	cmd, err := wire.ParseCommand(frame)
	if err == nil && c.probe {
		err = errors.New("a probe only listens")
	}
	if err != nil {
		h.hub.o.Meter.Command("invalid")
		return closed{wire.CloseMalformed, err.Error()}
	}
	h.hub.o.Meter.Command(cmd.Type)
	a := c.actor
	switch cmd.Type {
	case "open", "typing", "watch": // with the rights of now
		if a, err = h.canteen.Still(ctx, a); err != nil {
			break
		}
		c.lives(a.Until)
	}
	if err == nil {
		err = h.perform(ctx, c, a, cmd)
	}
	switch {
	case err == nil:
		return nil
	case chat.ErrorCode(err) == chat.Unauthenticated:
		return closed{wire.CloseEnded, sessionOver}
	case chat.ErrorCode(err) == chat.RateLimited:
		return closed{wire.CloseTooMany, "too many commands"}
	}
	// the store has failed: the client reconnects and refetches
	h.hub.o.Meter.Failed()
	h.hub.o.Log.Warn("socket command failed", "connection", c.id, "type", cmd.Type, "error", err)
	return closed{tryAgainLater, "try again"}
}

// perform performs one command as the actor.
func (h *handler) perform(ctx context.Context, c *conn, a chat.Actor, cmd wire.Command) (err error) {
	switch cmd.Type {
	case "ping":
		h.hub.queue.settle() // the pong must come after all events committed before the ping
		c.send(encode(wire.Pong{Type: "pong"}))
	case "open":
		if err = h.open(ctx, c, a, cmd.Room, cmd.Thread); c.opened { // a connection that begins is no sign of its user
			c.acts()
		}
		c.opened = true
	case "typing":
		c.acts()
		err = h.canteen.Typing(ctx, a, cmd.Room)
	case "watch":
		var ids []string
		if ids, err = h.canteen.VisibleUsers(ctx, a, cmd.Users); err == nil {
			h.hub.watch(c, ids)
		}
	case "presence":
		c.mu.Lock()
		c.away = cmd.State == wire.Away
		c.mu.Unlock()
		if cmd.State == wire.Active {
			c.acts()
		}
		h.hub.presenceChanged(c)
	}
	return err
}

// open sets the room on screen, and the thread in it, if the user is a member.
func (h *handler) open(ctx context.Context, c *conn, a chat.Actor, room string, thread int64) error {
	for {
		c.mu.Lock()
		before := c.leaves
		if room == "" {
			c.room, c.thread = "", 0
		}
		c.mu.Unlock()
		if room == "" {
			return nil
		}
		may, err := h.canteen.MayOpen(ctx, a, room)
		if err != nil {
			return err
		}
		c.mu.Lock()
		settled := before == c.leaves
		if settled && may {
			c.room, c.thread = room, thread
		}
		c.mu.Unlock()
		if settled {
			return nil
		}
	}
}
