package socket

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// Options are what a hub needs.
type Options struct {
	Clock     chat.Clock
	Log       *slog.Logger
	Limits    bool          // on connections and frames
	Heartbeat time.Duration // of silence after which clients ping; 25 s unless said
}

const (
	heartbeat  = 25 * time.Second
	grace      = 10 * time.Second // of silence beyond the heartbeat
	tick       = time.Second      // presence is told no more often
	offlineGap = 30 * time.Second // without a connection

	// gather is how long the fan-out waits for more to send before it begins. Who posted is answered meanwhile, and what is said
	// within it goes out in one frame.
	gather = time.Millisecond

	// stride is after how many connections the fan-out lets others run. Each connection's writer is a goroutine: without this,
	// whoever waits for an acknowledgement would queue behind all of them.
	stride = 8
)

// Hub is the port to connected clients. It is safe for concurrent use.
type Hub struct {
	o        Options
	queue    *queue
	mu       sync.RWMutex
	users    map[string]*user
	watchers map[string]map[*conn]bool // by whom they watch
	dirty    map[string]bool           // users whose presence may be another
	draining bool
	stop     chan struct{}
	live     sync.WaitGroup // connections
}

// user is who has, or just had, connections.
type user struct {
	conns map[*conn]bool
	shown wire.Presence
	gone  time.Time // when the last connection went
}

// New makes a hub; Drain ends it.
func New(o Options) *Hub {
	if o.Heartbeat == 0 {
		o.Heartbeat = heartbeat
	}
	h := &Hub{
		o: o, queue: newQueue(), users: map[string]*user{}, watchers: map[string]map[*conn]bool{}, dirty: map[string]bool{},
		stop: make(chan struct{}),
	}
	go h.presence()
	go h.fanOut()
	return h
}

// Deliver implements chat.Live: it ends sessions at once and queues the rest.
func (h *Hub) Deliver(as []chat.Announcement) {
	for _, a := range as {
		if e, ok := a.Event.(chat.SessionsEnded); ok {
			h.end(e)
		}
	}
	if forgotten := h.queue.put(as); len(forgotten) > 0 {
		h.o.Log.Warn("the fan-out fell behind; clients are told to reconcile", "announcements", len(forgotten))
		h.closeThoseWhoLeft(forgotten)
	}
}

// closeThoseWhoLeft closes the connections of users whose RoomLeft was forgotten: they must not get anything more of that room, nor
// keep it on screen.
func (h *Hub) closeThoseWhoLeft(forgotten []chat.Announcement) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, a := range forgotten {
		if _, ok := a.Event.(chat.RoomLeft); ok {
			h.each(a.To, func(c *conn) { c.close(tryAgainLater, "try again") })
		}
	}
}

// fanOut sends what was queued, in order, until the hub drains.
func (h *Hub) fanOut() {
	for {
		select {
		case <-h.stop:
			return
		case <-h.queue.wake:
		}
		time.Sleep(gather)
		as, forgot, done := h.queue.take()
		if forgot {
			h.resync()
		}
		for _, a := range as {
			h.send(a)
		}
		done()
	}
}

// resync makes every client compare everything.
func (h *Hub) resync() {
	frame := encode(wire.Pong{Type: "resync"})
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, u := range h.users {
		for c := range u.conns {
			c.send(frame)
		}
	}
}

// send gives an announcement to the connections it is for.
func (h *Hub) send(a chat.Announcement) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	switch e := a.Event.(type) {
	case chat.SessionsEnded: // ended by Deliver
		return
	case chat.Typing:
		h.typing(e)
		return
	case chat.RoomLeft:
		h.each(a.To, func(c *conn) { c.leave(e.Room) })
	}
	var frame []byte
	n := 0
	h.each(a.To, func(c *conn) {
		if frame == nil {
			frame = h.encode(a.Event)
		}
		c.send(frame)
		if n++; n%stride == 0 {
			runtime.Gosched()
		}
	})
}

// each calls f for every connection of users. It needs the lock.
func (h *Hub) each(users []string, f func(*conn)) {
	for _, id := range users {
		if u := h.users[id]; u != nil {
			for c := range u.conns {
				f(c)
			}
		}
	}
}

func (h *Hub) encode(e chat.Event) []byte {
	frame, err := wire.EventFrame(e)
	if err != nil {
		h.o.Log.Error("event not encoded; clients are told to reconcile", "error", err)
		return textFrame([]byte(`{"type":"resync"}`))
	}
	if frame == nil {
		return nil
	}
	return textFrame(frame)
}

func (h *Hub) end(e chat.SessionsEnded) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	h.each([]string{e.User}, func(c *conn) {
		if e.All && (e.Except == "" || c.actor.SessionID != e.Except) || slices.Contains(e.IDs, c.actor.SessionID+c.actor.TokenID) {
			c.close(wire.CloseEnded, "session over")
		}
	})
}

func (h *Hub) typing(e chat.Typing) {
	frame := h.encode(e)
	for id, u := range h.users {
		if id == e.User {
			continue
		}
		for c := range u.conns {
			if c.hasOpen(e.Room) {
				c.send(frame)
			}
		}
	}
}

// begin counts a connection to come; false while the hub drains. Whoever got true calls live.Done.
func (h *Hub) begin() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.draining {
		h.live.Add(1)
	}
	return !h.draining
}

// join registers a connection; false when the user has too many or the hub drains.
func (h *Hub) join(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	u := h.users[c.actor.User.ID]
	if u == nil {
		u = &user{conns: map[*conn]bool{}, shown: wire.Offline}
		h.users[c.actor.User.ID] = u
	}
	switch {
	case h.draining:
		c.close(serviceRestart, retry(c.actor.User.ID))
		return false
	case h.o.Limits && len(u.conns) >= wire.ConnectionsOfUser:
		c.close(wire.CloseTooMany, "too many connections")
		return false
	}
	u.conns[c] = true
	h.dirty[c.actor.User.ID] = true
	return true
}

func (h *Hub) leave(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unwatch(c)
	if u := h.users[c.actor.User.ID]; u != nil && u.conns[c] {
		delete(u.conns, c)
		u.gone = h.o.Clock.Time()
		h.dirty[c.actor.User.ID] = true
	}
}

// retry is the reason of a restart: when to come back, spread over three seconds by who one is.
func retry(of string) string {
	sum := 0
	for _, b := range []byte(of) {
		sum = sum*31 + int(b)
	}
	return "retry " + strconv.Itoa(300+(sum&0x7fffffff)%2700)
}

// Drain closes all connections with 1012 and a hint when to come back, and waits for them to be gone or ctx to end.
func (h *Hub) Drain(ctx context.Context) {
	h.mu.Lock()
	if !h.draining {
		h.draining = true
		close(h.stop)
		h.queue.close()
	}
	for id, u := range h.users {
		for c := range u.conns {
			c.close(serviceRestart, retry(id+c.id))
		}
	}
	h.mu.Unlock()
	gone := make(chan struct{})
	go func() { h.live.Wait(); close(gone) }()
	select {
	case <-gone:
	case <-ctx.Done():
	}
}
