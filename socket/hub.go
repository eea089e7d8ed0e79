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
	Limits    bool          // limit connections per user and frames per second
	Heartbeat time.Duration // interval at which clients send pings; default 25 s
	Meter     Meter         // nil: nothing is counted
}

const (
	heartbeat  = 25 * time.Second
	grace      = 10 * time.Second // a client that is silent for the heartbeat plus this time is disconnected
	tick       = time.Second      // interval of presence events
	offlineGap = 30 * time.Second // a user without a connection for this time is offline

	// gather is how long the fan-out waits for more announcements before it starts. Meanwhile posts are acknowledged, and the events
	// gathered are sent in one frame.
	gather = time.Millisecond

	// stride is the number of connections after which the fan-out yields. Each connection has a writer goroutine. Without yielding,
	// goroutines that acknowledge posts would wait behind all writers.
	stride = 8
)

// Hub delivers events to the connected clients. It implements chat.Live and is safe for concurrent use.
type Hub struct {
	o        Options
	queue    *queue
	canteen  *chat.Canteen // set before the first connection
	mu       sync.RWMutex
	users    map[string]*user
	watchers map[string]map[*conn]bool // by the id of the watched user
	dirty    map[string]bool           // users whose presence may have changed
	draining bool
	stop     chan struct{}
	live     sync.WaitGroup // connections
}

// user is a user who has, or recently had, connections.
type user struct {
	conns map[*conn]bool
	shown wire.Presence // the presence that watchers were last sent
	gone  time.Time     // when the last connection ended
}

// New makes a hub and starts its goroutines; Drain ends them.
func New(o Options) *Hub {
	if o.Heartbeat == 0 {
		o.Heartbeat = heartbeat
	}
	if o.Meter == nil {
		o.Meter = noMeter{}
	}
	h := &Hub{
		o: o, queue: newQueue(), users: map[string]*user{}, watchers: map[string]map[*conn]bool{}, dirty: map[string]bool{},
		stop: make(chan struct{}),
	}
	go h.ticks()
	go h.fanOut()
	return h
}

// Deliver implements chat.Live. It closes the connections of ended sessions at once and queues the other announcements.
func (h *Hub) Deliver(as []chat.Announcement) {
	for _, a := range as {
		if e, ok := a.Event.(chat.SessionsEnded); ok {
			h.end(e)
		}
	}
	if dropped := h.queue.put(as, time.Now()); len(dropped) > 0 {
		h.o.Meter.Overflowed("fanout")
		h.o.Log.Warn("fan-out queue full: announcements dropped, clients are told to refetch", "announcements", len(dropped))
		h.closeThoseWhoLeft(dropped)
	}
}

// closeThoseWhoLeft closes the connections of users whose RoomLeft was dropped: they must not receive more of that room, nor keep
// it on screen.
func (h *Hub) closeThoseWhoLeft(dropped []chat.Announcement) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, a := range dropped {
		if _, ok := a.Event.(chat.RoomLeft); ok {
			h.each(a.To, func(c *conn) { c.close(tryAgainLater, "try again") })
		}
	}
}

// fanOut sends the queued announcements, in order, until the hub drains.
func (h *Hub) fanOut() {
	for {
		select {
		case <-h.stop:
			return
		case <-h.queue.wake:
		}
		time.Sleep(gather)
		as, at, dropped, done := h.queue.take()
		if dropped {
			h.resync()
		}
		for i, a := range as {
			h.send(a, at[i])
		}
		done()
	}
}

// resync tells every client to refetch rooms and users.
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

// send queues an announcement, which was committed at a time, at the connections of its audience.
func (h *Hub) send(a chat.Announcement, at time.Time) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	switch e := a.Event.(type) {
	case chat.SessionsEnded: // Deliver has handled it
		return
	case chat.Typing:
		h.typing(e)
		return
	case chat.Alerted:
		h.alert(e)
		return
	case chat.RoomLeft:
		h.each(a.To, func(c *conn) { c.leave(e.Room) })
	}
	var frame []byte
	n := 0
	h.each(a.To, func(c *conn) {
		if c.notOwn && wire.IsOwn(a.Event, c.actor.User.ID) {
			return
		}
		if frame == nil {
			frame = h.encode(a.Event)
		}
		c.deliver(frame, at)
		if c.probe {
			return
		}
		if n++; n%stride == 0 {
			runtime.Gosched()
		}
	})
	h.o.Meter.Delivered(n)
}

// each calls f for every connection of the users. The caller holds the lock.
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
		h.o.Log.Error("event not encoded: clients are told to refetch", "error", err)
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
			c.close(wire.CloseEnded, sessionOver)
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

// begin counts a connection before its upgrade. It gives false while the hub drains. After true the caller must call live.Done.
func (h *Hub) begin() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.draining {
		h.live.Add(1)
	}
	return !h.draining
}

// join registers a connection. It gives false, and closes the connection, if the user has too many or the hub drains.
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
	if !c.probe {
		h.dirty[c.actor.User.ID] = true
	}
	return true
}

func (h *Hub) leave(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unwatch(c)
	if c.probe {
		delete(h.users, c.actor.User.ID)
	} else if u := h.users[c.actor.User.ID]; u != nil && u.conns[c] {
		delete(u.conns, c)
		u.gone = h.o.Clock.Time()
		h.dirty[c.actor.User.ID] = true
	}
}

// retry is the close reason at a restart: the time after which to reconnect, 300 to 3,000 ms, spread by a hash of id.
func retry(id string) string {
	sum := 0
	for _, b := range []byte(id) {
		sum = sum*31 + int(b)
	}
	return "retry " + strconv.Itoa(300+(sum&0x7fffffff)%2700)
}

// Drain closes all connections with 1012 and a time to reconnect. It waits until they have ended, or ctx ends.
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
