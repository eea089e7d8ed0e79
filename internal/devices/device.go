package devices

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"

	"github.com/gorilla/websocket"
	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// device is a client of one person: what it holds, and all that is on its way to it.
type device struct {
	who     string
	state   *client.State
	sockets []*line
	needs   []client.Need
	answers []answer
	asks    int
	log     []step // what it went through
}

// line is one connection: what the server has sent and the network not yet delivered.
type line struct {
	live   *client.Live
	queue  []client.Event
	revs   map[string]int64 // of the last event by room
	closed bool             // at its end; what is in the queue may still come
	old    bool             // there is a newer one: the device hears this one no more
	slow   bool             // it is not read
	late   bool             // it was not read for a while: events are older than what the test knows, and the close may be lost
	id     string           // the gateway's, in the cloud
	heard  int              // events that have arrived, in the cloud
	lost   map[string]bool  // rooms of which an event was lost, and no later one has shown it; "" for those without revision
}

// answer is an answer on its way.
type answer struct {
	step
	asked client.Asked
	since int64 // of changes: where they began
}

// step is one thing that a device went through, as the browser's tests read it.
type step struct {
	Ask   int             `json:"ask,omitempty"`  // number of the question …
	Take  string          `json:"take,omitempty"` // … or what is taken, as an answer to it: room, message, gone, rooms, users, changes, page, older, newer
	Room  string          `json:"room,omitempty"`
	Since int64           `json:"since,omitempty"`
	Edge  int64           `json:"edge,omitempty"`
	Body  json.RawMessage `json:"body,omitempty"`
	Event json.RawMessage `json:"event,omitempty"`
	Needs []client.Need   `json:"needs"`
}

func (d *device) close() {
	for _, l := range d.sockets {
		_ = l.live.Close() // it may be closed already
	}
	d.sockets, d.needs, d.answers, d.state, d.log = nil, nil, nil, nil, nil
}

// begin starts a device from nothing, as the browser does: a connection, everything compared, some rooms shown.
func (w *World) begin(d *device) {
	d.state, d.asks = client.NewState(w.person(d.who).ID), 0
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

// answered brings the message that answers a command on its way to a device of who gave it.
func (w *World) answered(p Person, m wire.Message) {
	if w.gateway != nil { // where no connection tells for certain
		w.at[moment{m.Room, m.Rev}] = maps.Clone(w.in[m.Room])
	}
	for _, d := range w.devices {
		if d.who == p.Handle && d.state != nil {
			d.answers = append(d.answers, answer{step: step{Take: "message", Room: m.Room, Body: json.RawMessage(pretty(w.rt, m))}})
			return
		}
	}
}

// connect opens a connection. From then on the device hears no older one, and it always asks to compare everything.
func (w *World) connect(d *device) {
	l := w.dial(d)
	for _, o := range d.sockets {
		o.old, o.queue = true, nil
	}
	d.sockets = append(d.sockets, l)
	w.drain(w.rt, d, l)
	d.needs = append(d.needs, client.Need{What: "rooms"}, client.Need{What: "users"})
}

func (w *World) dial(d *device) *line {
	if w.gateway != nil {
		return w.dialGateway(d)
	}
	live, err := w.as(*w.person(d.who)).Dial(w.ctx)
	if err != nil {
		w.rt.Fatal(err)
	}
	return &line{live: live, revs: map[string]int64{}, lost: map[string]bool{}}
}

// again repeats what the cloud did not answer, as every client does.
func (w *World) again(f func() error) error {
	if w.gateway == nil {
		return f()
	}
	return client.Retry(w.ctx, func(context.Context) error { return f() })
}

// pump brings everything that the server has sent to the devices' doors.
func (w *World) pump(rt *rapid.T) {
	if w.gateway != nil {
		w.gateway.Settle()
	}
	for _, d := range w.devices {
		for _, l := range d.sockets {
			w.drain(rt, d, l)
		}
	}
	w.before = nil
}

// drain reads a connection up to the answer to a ping: what was sent before has arrived by then.
func (w *World) drain(rt *rapid.T, d *device, l *line) {
	if l.closed || l.slow {
		return
	}
	if w.gateway != nil {
		w.drainGateway(rt, d, l)
		return
	}
	if err := l.live.Send(map[string]string{"type": "ping"}); err != nil {
		l.closed = true // the reader below would say why
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

// entitled checks that a device may see an event, and that those of a room come in order, one for each revision.
func (w *World) entitled(rt *rapid.T, d *device, l *line, e client.Event) {
	me := w.person(d.who).ID
	var v struct {
		Rev  int64 `json:"rev"`
		Room json.RawMessage
		User json.RawMessage
	}
	if err := json.Unmarshal(e.JSON, &v); err != nil {
		rt.Fatal(err)
	}
	var room string
	var whole struct{ ID string }
	if json.Unmarshal(v.Room, &room) != nil && len(v.Room) > 0 {
		if err := json.Unmarshal(v.Room, &whole); err != nil {
			rt.Fatal(err)
		}
		room = whole.ID
	}
	was := w.before == nil && w.in[room][me] || w.before[room][me]
	switch {
	case l.late: // by the members at its commit, as the others' events told
		came := w.gateway != nil && w.in[room][me] // since: they may read what was before, and may be told it when that comes late
		if in, told := w.at[moment{room, v.Rev}]; told && !in[me] && !came {
			rt.Fatalf("%s was not in it and gets %s", d.who, e.JSON)
		}
	case w.out[me]:
		rt.Fatalf("%s is deactivated and gets %s", d.who, e.JSON)
	case e.Type == "user":
		if err := json.Unmarshal(v.User, &whole); err != nil {
			rt.Fatal(err)
		}
		if d.who == "kim" && whole.ID != me && !w.share(me, whole.ID) {
			rt.Fatalf("a guest gets a stranger: %s", e.JSON)
		}
	case e.Type == "left":
		if !was {
			rt.Fatalf("%s was not in it and gets %s", d.who, e.JSON)
		}
	case room != "" && !w.in[room][me]:
		rt.Fatalf("%s is not in it and gets %s", d.who, e.JSON)
	}
	if e.Type == "left" {
		delete(l.revs, room)
	}
	if v.Rev > 0 && w.gateway == nil { // there, what is lost shows as a gap, and what comes twice is known
		if !l.late {
			w.at[moment{room, v.Rev}] = maps.Clone(w.in[room])
		}
		if last, ok := l.revs[room]; ok && v.Rev != last+1 {
			rt.Fatalf("%s gets revision %d after %d", d.who, v.Rev, last)
		}
		l.revs[room] = v.Rev
	}
}

func (w *World) share(a, b string) bool {
	for _, users := range w.in {
		if users[a] && users[b] {
			return true
		}
	}
	for _, users := range w.before {
		if users[a] && users[b] {
			return true
		}
	}
	return false
}

// apply gives a device its next events of a connection.
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
				rt.Fatalf("message %d of %s goes back from revision %d to %d by %s", seq, d.who, before[seq], rev, e.JSON)
			}
		}
		if known && len(needs) > 0 {
			rt.Fatalf("%s holds revision %d of a room and needs %v for what is older: %s", d.who, r.Held, needs, e.JSON)
		}
		if rev > 0 {
			delete(l.lost, room) // it is in order, or shows the gap
		}
		w.went(d, step{Event: e.JSON}, needs)
	}
	l.queue = l.queue[n:]
}

// revisions are those of the messages that a device holds of a room, and at seq 0 that of the read pointer.
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

// revision is where in the order of a room an event stands, 0 if it has no place there.
func revision(rt *rapid.T, e client.Event) (room string, rev int64) {
	if e.Type != "message" && e.Type != "reaction" {
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

// deliver brings some events of one connection to their device.
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
	if rapid.IntRange(0, 3).Draw(rt, "twice") == 0 { // a batch that is sent again, as a queue of deliveries does on doubt
		l.queue = queue
		w.apply(rt, d, l, n)
	}
}

// connection cuts one, losing what was on its way, or opens one, perhaps beside an older one.
func (w *World) connection(rt *rapid.T) {
	d := w.device(rt)
	if w.out[w.person(d.who).ID] {
		return
	}
	if n := len(d.sockets); n == 2 || n == 1 && rapid.Bool().Draw(rt, "cut") {
		l := draw(rt, "connection", d.sockets...)
		_ = l.live.Close() // it may be closed already
		d.sockets = slices.DeleteFunc(d.sockets, func(o *line) bool { return o == l })
		d.needs = append(d.needs, client.Need{What: "rooms"}, client.Need{What: "users"}) // as always when one ends
		return
	}
	w.connect(d)
}

// stall leaves a connection unread, or reads it again, which may be too late: who does not keep up is closed.
func (w *World) stall(rt *rapid.T) {
	d := w.device(rt)
	if len(d.sockets) == 0 {
		return
	}
	l := draw(rt, "connection", d.sockets...)
	if l.slow = !l.slow && !l.closed; l.slow {
		l.late = true
		return
	}
	w.drain(rt, d, l)
}
