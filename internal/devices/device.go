package devices

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/gorilla/websocket"
	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// device is a client of one person: its state, and the events and answers that are on their way to it.
type device struct {
	who     string
	state   *client.State
	sockets []*line
	needs   []client.Need
	answers []answer
	asks    int
	log     []step // its history

	ends  bool // it has a token of its own, which is over at until
	until time.Time
	token string
}

// line is one connection, with the events that the server has sent and the simulated network has not delivered yet.
type line struct {
	live    *client.Live
	queue   []client.Event
	revs    map[string]int64 // revision of the last event, by room
	closed  bool             // the connection has ended; events in the queue may still be delivered
	old     bool             // there is a newer connection: the device ignores this one
	slow    bool             // the device does not read
	stalled bool             // the device has not read for a while
	late    bool             // the device has not read for a while: events may be older than the test's state, and the close may be lost
	id      string           // AWS: id of the connection at the gateway
	heard   int              // AWS: number of events that have arrived
	lost    map[string]bool  // rooms with a lost event that no later event has revealed; "" for events without a revision
}

// answer is an answer that is on its way.
type answer struct {
	step
	asked client.Asked
	since int64 // for changes: the revision of the first request
}

// step is one step of a device's history, in the form that the tests of the clients replay. It is a request (Ask), an answer (Take,
// which is one of room, message, gone, rooms, users, changes, page, older, newer) or an event.
type step struct {
	Ask   int             `json:"ask,omitempty"` // number of the request
	Take  string          `json:"take,omitempty"`
	Room  string          `json:"room,omitempty"`
	Since int64           `json:"since,omitempty"`
	Edge  int64           `json:"edge,omitempty"`
	Body  json.RawMessage `json:"body,omitempty"`
	Event json.RawMessage `json:"event,omitempty"`
	Needs []client.Need   `json:"needs"`
}

func (d *device) close() {
	for _, l := range d.sockets {
		_ = l.live.Close() // fails if it is closed already
	}
	d.sockets, d.needs, d.answers, d.state, d.log = nil, nil, nil, nil, nil
	d.ends, d.token = false, ""
}

// begin starts a device like the web client: it connects, fetches rooms and users, and loads the rooms.
func (w *World) begin(d *device) {
	d.state, d.asks = client.NewState(w.person(d.who).ID), 0
	d.state.WatchThreads()
	w.connect(d)
	for _, n := range d.needs {
		w.ask(d, n)
	}
	d.needs = nil
	for len(d.answers) > 0 {
		w.take(w.rt, d, 0)
	}
	for _, room := range w.rooms {
		if d.state.Rooms[room] != nil {
			w.page(d, "page", room, url.Values{"limit": {"4"}}, 0)
		}
	}
	for len(d.answers) > 0 {
		w.take(w.rt, d, 0)
	}
}

// answered queues the message that answers a command at one device of its sender.
func (w *World) answered(p Person, m wire.Message) {
	if w.gateway != nil { // on AWS events may be lost, so the membership is recorded here
		w.at[moment{m.Room, m.Rev}] = maps.Clone(w.in[m.Room])
	}
	for _, d := range w.devices {
		if d.who == p.Handle && d.state != nil {
			d.answers = append(d.answers, answer{step: step{Take: "message", Room: m.Room, Body: json.RawMessage(pretty(w.rt, m))}})
			return
		}
	}
}

// connect opens a connection. The device then ignores older connections, and fetches rooms and users.
func (w *World) connect(d *device) {
	l := w.dial(d)
	if l == nil { // its token is over
		return
	}
	for _, o := range d.sockets {
		o.old, o.queue = true, nil
	}
	d.sockets = append(d.sockets, l)
	w.drain(w.rt, d, l)
	w.reconcile(d)
}

// reconcile makes a device fetch everything, as clients do when events may have been lost.
func (w *World) reconcile(d *device) {
	d.needs = append(d.needs, client.Need{What: "rooms"}, client.Need{What: "users"})
	d.state.WatchThreads()
}

func (w *World) dial(d *device) *line {
	if w.gateway != nil {
		return w.dialGateway(d)
	}
	live, err := w.client(d).Dial(w.ctx)
	if w.refused(d, err) {
		return nil
	}
	if err != nil {
		w.rt.Fatal(err)
	}
	return &line{live: live, revs: map[string]int64{}, lost: map[string]bool{}}
}

// again repeats requests that AWS did not answer, as every client does.
func (w *World) again(f func() error) error {
	if w.gateway == nil {
		return f()
	}
	return client.Retry(w.ctx, func(context.Context) error { return f() })
}

// pump reads all events that the server has sent into the queues of the connections.
func (w *World) pump(rt *rapid.T) {
	if w.gateway != nil {
		w.gateway.Settle()
	}
	for _, d := range w.devices {
		for _, l := range d.sockets {
			w.drain(rt, d, l)
		}
	}
	w.changing = false
}

// drain sends a ping and reads until the pong. All events sent before have arrived then.
func (w *World) drain(rt *rapid.T, d *device, l *line) {
	if l.closed || l.slow {
		return
	}
	if w.gateway != nil {
		w.drainGateway(rt, d, l)
		return
	}
	if err := l.live.Send(map[string]string{"type": "ping"}); err != nil {
		l.closed = true // Next below gives the reason
	}
	for {
		e, err := l.live.Next()
		if err != nil {
			if _, ok := errors.AsType[*websocket.CloseError](err); !ok && !l.closed && !l.late {
				rt.Fatalf("%s: connection ended without a code: %v", d.who, err)
			}
			l.closed = true
			return
		}
		if e.Type == "pong" {
			return
		}
		if e.Type != "hello" {
			w.entitled(rt, d, l, e)
			if !l.old {
				l.queue = append(l.queue, e)
			}
		}
	}
}

// apply delivers the next n events of a connection to its device.
func (w *World) apply(rt *rapid.T, d *device, l *line, n int) {
	n = min(n, len(l.queue))
	for _, e := range l.queue[:n] {
		room, rev := revision(rt, e)
		r := d.state.Rooms[room]
		known := r != nil && rev > 0 && rev <= r.Room.Rev && (!r.Loaded || rev <= r.Held)
		before := revisions(r)
		needs, err := d.state.Apply(e)
		if err != nil {
			rt.Fatal(err)
		}
		for seq, rev := range revisions(d.state.Rooms[room]) {
			if rev < before[seq] {
				rt.Fatalf("message %d of %s went back from revision %d to %d by %s", seq, d.who, before[seq], rev, e.JSON)
			}
		}
		if known && len(needs) > 0 {
			rt.Fatalf("%s holds revision %d of a room and needs %v after an older event: %s", d.who, r.Held, needs, e.JSON)
		}
		if rev > 0 {
			delete(l.lost, room) // the event is in order, or reveals the gap
		}
		if e.Type != "thread" { // each client holds threads in its own way
			w.went(d, step{Event: e.JSON}, needs)
		}
	}
	l.queue = l.queue[n:]
}

// revisions are the revisions of a device's messages in a room; seq 0 stands for the read pointer.
func revisions(r *client.RoomState) map[int64]int64 {
	revs := map[int64]int64{}
	if r != nil {
		revs[0] = r.Room.ReadRev
		for _, m := range r.Messages {
			revs[m.Seq] = m.Rev
		}
	}
	return revs
}

// revision is the room and revision of an event, 0 if the event has none.
func revision(rt *rapid.T, e client.Event) (room string, rev int64) {
	if !slices.Contains([]string{"message", "reaction", "poll"}, e.Type) {
		return "", 0
	}
	v := read[struct {
		Room string
		Rev  int64
	}](rt, e.JSON)
	return v.Room, v.Rev
}

func (w *World) went(d *device, s step, needs []client.Need) {
	s.Needs = append([]client.Need{}, needs...)
	d.log = append(d.log, s)
	d.needs = append(d.needs, needs...)
}

// deliver delivers some events of one connection to its device. It may lose the first one, or deliver them twice.
func (w *World) deliver(rt *rapid.T) {
	d := w.device(rt)
	if len(d.sockets) == 0 {
		return
	}
	l := draw(rt, "connection", d.sockets...)
	if len(l.queue) > 0 && rapid.IntRange(0, 5).Draw(rt, "lost") == 0 { // delivery is at most once
		room, _ := revision(rt, l.queue[0])
		l.lost[room], l.queue = true, l.queue[1:]
	}
	n := rapid.IntRange(1, 6).Draw(rt, "events")
	queue := l.queue
	w.apply(rt, d, l, n)
	if rapid.IntRange(0, 3).Draw(rt, "twice") == 0 { // a batch is delivered again, as a queue does after a timeout
		l.queue = queue
		w.apply(rt, d, l, n)
	}
}

// connection cuts a connection, which loses its undelivered events, or opens one, possibly in addition to an older one.
func (w *World) connection(rt *rapid.T) {
	d := w.device(rt)
	if w.out[w.person(d.who).ID] {
		return
	}
	if n := len(d.sockets); n == 2 || n == 1 && rapid.Bool().Draw(rt, "cut") {
		l := draw(rt, "connection", d.sockets...)
		_ = l.live.Close() // fails if it is closed already
		d.sockets = slices.DeleteFunc(d.sockets, func(o *line) bool { return o == l })
		w.reconcile(d)
		return
	}
	w.connect(d)
}

// stall stops reading a connection, or reads it again. By then the server may have closed it as too slow.
func (w *World) stall(rt *rapid.T) {
	d := w.device(rt)
	if len(d.sockets) == 0 {
		return
	}
	l := draw(rt, "connection", d.sockets...)
	if l.slow = !l.slow && !l.closed; l.slow {
		l.late, l.stalled = true, true
		return
	}
	w.drain(rt, d, l)
}
