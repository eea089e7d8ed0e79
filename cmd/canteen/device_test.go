package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

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
func (w *world) begin(d *device) {
	d.state, d.asks = client.NewState(w.person(d.who).id), 0
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
func (w *world) answered(p person, m wire.Message) {
	if w.cloud != nil { // where no connection tells for certain
		w.at[moment{m.Room, m.Rev}] = maps.Clone(w.in[m.Room])
	}
	for _, d := range w.devices {
		if d.who == p.handle && d.state != nil {
			d.answers = append(d.answers, answer{step: step{Take: "message", Room: m.Room, Body: json.RawMessage(pretty(w.rt, m))}})
			return
		}
	}
}

// connect opens a connection. From then on the device hears no older one, and it always asks to compare everything.
func (w *world) connect(d *device) {
	l := w.dial(d)
	for _, o := range d.sockets {
		o.old, o.queue = true, nil
	}
	d.sockets = append(d.sockets, l)
	w.drain(w.rt, d, l)
	d.needs = append(d.needs, client.Need{What: "rooms"}, client.Need{What: "users"})
}

func (w *world) dial(d *device) *line {
	if w.cloud != nil {
		return w.cloud.dial(w, d)
	}
	live, err := w.as(*w.person(d.who)).Dial(w.ctx)
	if err != nil {
		w.rt.Fatal(err)
	}
	return &line{live: live, revs: map[string]int64{}, lost: map[string]bool{}}
}

// again repeats what the cloud did not answer, as every client does.
func (w *world) again(f func() error) error {
	if w.cloud == nil {
		return f()
	}
	return client.Retry(w.ctx, func(context.Context) error { return f() })
}

// pump brings everything that the server has sent to the devices' doors.
func (w *world) pump(rt *rapid.T) {
	if w.cloud != nil {
		w.cloud.gateway.Settle()
	}
	for _, d := range w.devices {
		for _, l := range d.sockets {
			w.drain(rt, d, l)
		}
	}
	w.before = nil
}

// drain reads a connection up to the answer to a ping: what was sent before has arrived by then.
func (w *world) drain(rt *rapid.T, d *device, l *line) {
	if l.closed || l.slow {
		return
	}
	if w.cloud != nil {
		w.cloud.drain(w, rt, d, l)
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
func (w *world) entitled(rt *rapid.T, d *device, l *line, e client.Event) {
	me := w.person(d.who).id
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
		came := w.cloud != nil && w.in[room][me] // since: they may read what was before, and may be told it when that comes late
		if in, told := w.at[moment{room, v.Rev}]; told && !in[me] && !came {
			rt.Fatalf("%s was not in it and gets %s", d.who, e.JSON)
		}
	case w.out[me]:
		rt.Fatalf("%s is deactivated and gets %s", d.who, e.JSON)
	case e.Type == "user":
		if err := json.Unmarshal(v.User, &whole); err != nil {
			rt.Fatal(err)
		}
		if d.who == "gus" && whole.ID != me && !w.share(me, whole.ID) {
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
	if v.Rev > 0 && w.cloud == nil { // there, what is lost shows as a gap, and what comes twice is known
		if !l.late {
			w.at[moment{room, v.Rev}] = maps.Clone(w.in[room])
		}
		if last, ok := l.revs[room]; ok && v.Rev != last+1 {
			rt.Fatalf("%s gets revision %d after %d", d.who, v.Rev, last)
		}
		l.revs[room] = v.Rev
	}
}

func (w *world) share(a, b string) bool {
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
func (w *world) apply(rt *rapid.T, d *device, l *line, n int) {
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

func (w *world) went(d *device, s step, needs []client.Need) {
	s.Needs = append([]client.Need{}, needs...)
	d.log = append(d.log, s)
	d.needs = append(d.needs, needs...)
}

// deliver brings some events of one connection to their device.
func (w *world) deliver(rt *rapid.T) {
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
func (w *world) connection(rt *rapid.T) {
	d := w.device(rt)
	if w.out[w.person(d.who).id] {
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
func (w *world) stall(rt *rapid.T) {
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

// fetch asks the server for something that a device needs; the answer is then on its way.
func (w *world) fetch(rt *rapid.T) {
	if d := w.device(rt); len(d.needs) > 0 && d.state != nil {
		n := draw(rt, "need", d.needs...)
		d.needs = slices.DeleteFunc(d.needs, func(o client.Need) bool { return o == n })
		w.ask(d, n)
	}
}

// load shows a room that is not held, shows it anew, or goes on at one of the ends.
func (w *world) load(rt *rapid.T) {
	d := w.device(rt)
	room := draw(rt, "room", w.rooms...)
	if d.state == nil || d.state.Rooms[room] == nil {
		return
	}
	r, limit := d.state.Rooms[room], fmt.Sprint(rapid.IntRange(1, 6).Draw(rt, "limit"))
	what, q, edge := "page", url.Values{"limit": {limit}}, int64(0)
	switch kind := draw(rt, "page", "latest", "around", "older", "newer"); {
	case kind == "around":
		q.Set("around", fmt.Sprint(w.seq(rt, room)))
	case kind == "older" && len(r.Messages) > 0:
		what, edge = kind, r.Messages[0].Seq
		q.Set("before", fmt.Sprint(edge))
	case kind == "newer" && len(r.Messages) > 0:
		what, edge = kind, r.Messages[len(r.Messages)-1].Seq
		q.Set("after", fmt.Sprint(edge))
	}
	w.page(d, what, room, q, edge)
}

func (w *world) page(d *device, what, room string, q url.Values, edge int64) {
	w.get(d, answer{step: step{Take: what, Room: room, Edge: edge}}, "/rooms/"+room+"/messages?"+q.Encode())
}

func (w *world) ask(d *device, n client.Need) {
	switch n.What {
	case "rooms", "users":
		w.get(d, answer{step: step{Take: n.What}}, "/"+n.What)
	case "room":
		w.get(d, answer{step: step{Take: "room", Room: n.Room}}, "/rooms/"+n.Room)
	case "changes":
		if r := d.state.Rooms[n.Room]; r != nil && r.Loaded {
			w.changes(d, n.Room, r.Held, r.Held)
		}
	}
}

func (w *world) changes(d *device, room string, since, from int64) {
	w.get(d, answer{step: step{Take: "changes", Room: room, Since: since}, since: since}, fmt.Sprintf("/rooms/%s/changes?since=%d&limit=3", room, from))
}

// get asks now; the answer is what the server says now.
func (w *world) get(d *device, a answer, path string) {
	d.asks++
	a.asked, a.Ask = d.state.Asking(), d.asks
	d.log = append(d.log, step{Ask: a.Ask, Needs: []client.Need{}})
	err := w.again(func() error { return w.as(*w.person(d.who)).Do(w.ctx, http.MethodGet, path, nil, &a.Body) })
	switch client.Status(err) {
	case http.StatusNotFound:
		if a.Take != "room" { // the room is asked for, which settles it
			d.needs = append(d.needs, client.Need{What: "room", Room: a.Room})
			return
		}
		a.Take, a.Body = "gone", nil
	case http.StatusUnauthorized:
		if !w.out[d.state.Me] {
			w.rt.Fatal(err)
		}
		return
	default:
		if err != nil {
			w.rt.Fatal(err)
		}
	}
	d.answers = append(d.answers, a)
}

// answer brings one answer to its device, in any order.
func (w *world) answer(rt *rapid.T) {
	if d := w.device(rt); len(d.answers) > 0 {
		i := rapid.IntRange(0, len(d.answers)-1).Draw(rt, "answer")
		w.take(rt, d, i)
	}
}

func (w *world) take(rt *rapid.T, d *device, i int) {
	a := d.answers[i]
	d.answers = slices.Delete(d.answers, i, i+1)
	var needs []client.Need
	switch a.Take {
	case "room":
		needs = d.state.TakeRoom(read[wire.MyRoom](rt, a.Body), a.asked)
	case "message":
		d.state.TakeMessage(read[wire.Message](rt, a.Body))
	case "gone":
		needs = d.state.TakeGone(a.Room, a.asked)
	case "rooms":
		needs = d.state.TakeRooms(read[wire.MyRooms](rt, a.Body).Rooms, a.asked)
	case "users":
		needs = d.state.TakeUsers(read[wire.Users](rt, a.Body).Users, a.asked)
	case "page":
		needs = d.state.TakePage(a.Room, read[wire.Page](rt, a.Body))
	case "older", "newer":
		needs = d.state.TakeMore(a.Room, read[wire.Page](rt, a.Body), a.Take == "older", a.Edge)
	case "changes":
		c := read[wire.Changes](rt, a.Body)
		needs = d.state.TakeChanges(a.Room, a.since, c)
		if c.More {
			defer w.changes(d, a.Room, a.since, c.Next)
		}
	}
	w.went(d, a.step, needs)
}

func read[T any](rt *rapid.T, b []byte) T {
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		rt.Fatal(err)
	}
	return v
}

// settle lets everything arrive and every need be met; then the device holds what a fresh one loads.
func (w *world) settle(d *device) {
	if d.state == nil || w.out[d.state.Me] {
		return
	}
	rt := w.rt
	for _, l := range d.sockets {
		l.slow = false
		w.drain(rt, d, l)
		w.apply(rt, d, l, len(l.queue))
		if len(l.lost) > 0 || w.cloud != nil { // only the comparison now and then can show it
			d.needs = append(d.needs, client.Need{What: "rooms"}, client.Need{What: "users"})
			clear(l.lost)
		}
	}
	if !slices.ContainsFunc(d.sockets, func(l *line) bool { return !l.closed && !l.old }) {
		for _, l := range d.sockets {
			_ = l.live.Close() // the server may have closed it
		}
		d.sockets = nil
		w.connect(d)
	}
	for rounds := 0; len(d.needs)+len(d.answers) > 0; rounds++ {
		if rounds > 200 {
			rt.Fatalf("%s never comes to rest: needs %v%s\nholds %s", d.who, d.needs, d.story(rt), pretty(rt, d.state.Rooms[d.needs[0].Room]))
		}
		needs := d.needs
		d.needs = nil
		slices.SortFunc(needs, func(a, b client.Need) int { return compareStrings(a.What+a.Room, b.What+b.Room) })
		for _, n := range slices.Compact(needs) {
			w.ask(d, n)
		}
		for len(d.answers) > 0 {
			w.take(rt, d, 0)
		}
	}
	w.equal(rt, d)
}

func compareStrings(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

// held is what a device holds, and what a fresh one would, in one shape.
type held struct {
	Rooms   map[string]wire.MyRoom
	Users   map[string]wire.User
	Windows map[string]wire.Page
}

func (w *world) equal(rt *rapid.T, d *device) {
	c := w.as(*w.person(d.who))
	var users wire.Users
	if err := w.again(func() error { return c.Do(w.ctx, http.MethodGet, "/users", nil, &users) }); err != nil {
		rt.Fatal(err)
	}
	has, fresh := held{map[string]wire.MyRoom{}, d.state.Users, map[string]wire.Page{}}, held{map[string]wire.MyRoom{}, map[string]wire.User{}, map[string]wire.Page{}}
	for _, u := range users.Users {
		fresh.Users[u.ID] = u
	}
	for _, r := range w.list(c) {
		fresh.Rooms[r.ID] = r
	}
	for id, r := range d.state.Rooms {
		has.Rooms[id] = r.Room
		if r.Loaded {
			has.Windows[id] = wire.Page{Head: r.Held, Messages: append([]wire.Message{}, r.Messages...), MoreBefore: r.MoreBefore, MoreAfter: r.MoreAfter}
			fresh.Windows[id] = w.window(rt, c, id, r)
		}
	}
	if !reflect.DeepEqual(has, fresh) {
		rt.Fatalf("%s went through%s\nholds\n%s\na fresh one loads\n%s", d.who, d.story(rt), pretty(rt, has), pretty(rt, fresh))
	}
}

func (d *device) story(rt *rapid.T) string {
	var b strings.Builder
	for _, s := range d.log {
		fmt.Fprintf(&b, "\n  %s", pretty(rt, s))
	}
	return b.String()
}

// window is the stretch that a device holds, loaded afresh.
func (w *world) window(rt *rapid.T, c *client.Client, room string, r *client.RoomState) wire.Page {
	var all wire.Page
	err := w.again(func() (err error) { all, err = c.Page(w.ctx, room, url.Values{"limit": {"200"}}); return err })
	if err != nil {
		rt.Fatal(err)
	}
	if all.MoreBefore {
		rt.Skip("more than a page")
	}
	from, to := 0, len(all.Messages)
	if n := len(r.Messages); n > 0 {
		for from < to && all.Messages[from].Seq < r.Messages[0].Seq {
			from++
		}
		for r.MoreAfter && to > from && all.Messages[to-1].Seq > r.Messages[n-1].Seq {
			to--
		}
	}
	return wire.Page{Head: all.Head, Messages: all.Messages[from:to], MoreBefore: from > 0, MoreAfter: to < len(all.Messages)}
}

func pretty(rt *rapid.T, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		rt.Fatal(err)
	}
	return string(b)
}

// record writes what the devices went through, and what each holds at the end.
func (w *world) record(n int) {
	dir := os.Getenv(interleavings)
	if dir == "" {
		return
	}
	for i, d := range w.devices {
		if d.state == nil || w.out[d.state.Me] {
			continue
		}
		end := map[string]any{"rooms": map[string]any{}, "users": d.state.Users}
		for id, r := range d.state.Rooms {
			end["rooms"].(map[string]any)[id] = map[string]any{
				"room": r.Room, "held": r.Held, "loaded": r.Loaded, "messages": append([]wire.Message{}, r.Messages...),
				"moreBefore": r.MoreBefore, "moreAfter": r.MoreAfter,
			}
		}
		b, err := json.Marshal(map[string]any{"me": d.state.Me, "steps": d.log, "end": end})
		if err != nil {
			w.t.Fatal(err)
		}
		if err := os.MkdirAll(dir, 0o750); err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d-%d.json", n, i)), b, 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
}
