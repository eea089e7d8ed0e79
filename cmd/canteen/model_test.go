package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// The model test of the whole: people with devices, through REST and sockets, over a network that delays, cuts and repeats, on
// a server that restarts. Its oracle is protocol.md's: whatever the interleaving, what a device holds equals what a fresh one
// loads; and nobody gets an event that they could not see at its commit.

// interleavings in the environment names a directory to which what each device went through is written, for the browser's tests.
const interleavings = "INTERLEAVINGS"

func TestModel(t *testing.T) {
	setDefault(t, "rapid.steps", "120") // on average
	setDefault(t, "rapid.checks", "120")
	template := t.TempDir()
	people := furnish(t, template)
	histories, steps := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, rt, atMachine(t, rt, template), people)
		defer w.stop()
		rt.Repeat(w.actions())
		for _, d := range w.devices {
			w.settle(d)
		}
		histories++
		steps += w.steps
		w.record(histories)
	})
	t.Logf("%d histories of %d steps in all", histories, steps)
}

// setDefault sets a flag of rapid unless it was given.
func setDefault(t *testing.T, name, value string) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if !given {
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
}

// person is somebody with a token, as the template knows them.
type person struct{ handle, id, token string }

// furnish makes a data directory with four people, a private room of two and a direct one.
func furnish(t *testing.T, dir string) []person {
	t.Helper()
	ctx := context.Background()
	s, err := server.Start(ctx, server.Config{Addr: "127.0.0.1:0", Data: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	admin, done, err := server.OpenAdmin(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	var people []person
	for _, p := range []struct {
		handle string
		role   chat.Role
	}{{"ada", chat.Owner}, {"bob", chat.Member}, {"cy", chat.Member}, {"gus", chat.Guest}} {
		id, err := admin.AddUser(ctx, chat.CommandLineUser{
			Email: p.handle + "@example.com", Name: p.handle, Handle: p.handle, Role: p.role, Password: "a quiet place to eat",
		})
		if err != nil {
			t.Fatal(err)
		}
		token, err := admin.AddToken(ctx, p.handle, "test")
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, person{p.handle, id, token})
	}
	bob := client.New(strings.Replace(s.URL(), "localhost", "127.0.0.1", 1), people[1].token)
	must[wire.MyRoom](t)(bob.AddRoom(ctx, wire.NewRoomBody{Kind: "private", Name: "leads", Members: []string{people[2].id}}))
	must[wire.MyRoom](t)(bob.AddRoom(ctx, wire.NewRoomBody{Kind: "direct", Members: []string{people[0].id}}))
	if err := done(); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	return people
}

// moment is a revision of a room.
type moment struct {
	room string
	rev  int64
}

// home is where a world lives.
type home interface {
	url() string
	stop() error
	addToken(handle string) (string, error)
}

// machine is a home on one machine.
type machine struct {
	dir    string
	addr   string
	server *server.Server
}

func atMachine(t *testing.T, rt *rapid.T, template string) *machine {
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		rt.Fatal(err)
	}
	m := &machine{dir: filepath.Join(dir, "data"), addr: "127.0.0.1:0"}
	if err := os.CopyFS(m.dir, os.DirFS(template)); err != nil {
		rt.Fatal(err)
	}
	if err := m.start(); err != nil {
		rt.Fatal(err)
	}
	return m
}

func (m *machine) start() error {
	s, err := server.Start(context.Background(), server.Config{Addr: m.addr, Data: m.dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	m.server = s
	m.addr = strings.Replace(strings.TrimPrefix(s.URL(), "http://"), "localhost", "127.0.0.1", 1)
	return nil
}

func (m *machine) url() string { return "http://" + m.addr }

func (m *machine) stop() error {
	return errors.Join(m.server.Stop(), os.RemoveAll(filepath.Dir(m.dir)))
}

func (m *machine) addToken(handle string) (string, error) {
	admin, done, err := server.OpenAdmin(context.Background(), m.dir)
	if err != nil {
		return "", err
	}
	token, err := admin.AddToken(context.Background(), handle, "test")
	return token, errors.Join(err, done())
}

// world is a running home, who is in which room, and everybody's devices.
type world struct {
	t       *testing.T
	rt      *rapid.T
	ctx     context.Context
	home    home
	machine *machine // home, if it is one
	cloud   *cloud   // home, if it is one
	people  []person
	out     map[string]bool            // deactivated
	rooms   []string                   // by making
	in      map[string]map[string]bool // room → user
	before  map[string]map[string]bool // in, before the last command
	at      map[moment]map[string]bool // who was in a room at a revision
	posted  map[string]int64           // room → last seq
	clients map[string]*client.Client  // by token
	devices []*device
	n       int // of what is made
	steps   int
}

func newWorld(t *testing.T, rt *rapid.T, h home, people []person) *world {
	w := &world{
		t: t, rt: rt, ctx: context.Background(), home: h, people: append([]person(nil), people...),
		out: map[string]bool{}, in: map[string]map[string]bool{}, posted: map[string]int64{},
		at: map[moment]map[string]bool{}, clients: map[string]*client.Client{},
	}
	w.machine, _ = h.(*machine)
	w.cloud, _ = h.(*cloud)
	for _, p := range w.people {
		for _, r := range w.list(w.as(p)) {
			if w.in[r.ID] == nil {
				w.in[r.ID], w.rooms = map[string]bool{}, append(w.rooms, r.ID)
			}
			w.in[r.ID][p.id] = true
			w.posted[r.ID] = r.LastSeq
		}
	}
	for _, p := range append(w.people, w.people[1]) { // bob has two
		d := &device{who: p.handle}
		w.devices = append(w.devices, d)
		w.begin(d)
	}
	return w
}

func (w *world) stop() {
	for _, d := range w.devices {
		d.close()
	}
	if err := w.home.stop(); err != nil {
		w.t.Error(err)
	}
}

func (w *world) as(p person) *client.Client {
	if w.clients[p.token] == nil {
		w.clients[p.token] = client.New(w.home.url(), p.token)
	}
	return w.clients[p.token]
}

func (w *world) list(c *client.Client) []wire.MyRoom {
	var rooms []wire.MyRoom
	err := w.again(func() (err error) { rooms, err = c.Rooms(w.ctx); return err })
	if err != nil {
		w.rt.Fatal(err)
	}
	return rooms
}

func (w *world) person(handle string) *person {
	for i := range w.people {
		if w.people[i].handle == handle {
			return &w.people[i]
		}
	}
	return nil
}

// draw draws by place, so that a failure's report stays short.
func draw[T any](rt *rapid.T, what string, from ...T) T {
	return from[rapid.IntRange(0, len(from)-1).Draw(rt, what)]
}

// actions are what may happen next.
func (w *world) actions() map[string]func(*rapid.T) {
	acts := map[string]func(*rapid.T){
		"post": w.post, "post again": w.post, "change": w.change, "change again": w.change, "react": w.react, "react again": w.react,
		"read": w.read, "settings": w.settings, "membership": w.membership, "membership again": w.membership, "room": w.room, "directory": w.directory,
		"deliver": w.deliver, "deliver more": w.deliver, "fetch": w.fetch, "fetch more": w.fetch, "answer": w.answer, "answer more": w.answer,
		"connection": w.connection, "stall": w.stall, "flood": w.flood, "load": w.load, "settled": func(rt *rapid.T) { w.settle(w.device(rt)) },
		"restart": func(rt *rapid.T) {
			if rapid.IntRange(0, 4).Draw(rt, "rarely") > 0 {
				return
			}
			w.restart(rt)
		},
	}
	for name, f := range acts {
		acts[name] = func(rt *rapid.T) { w.rt = rt; w.steps++; f(rt) }
	}
	return acts
}

// restart stops the server, which tells every connection, and starts it on the same data. In the cloud, which never stops,
// it cuts all connections as their age does.
func (w *world) restart(rt *rapid.T) {
	if w.cloud != nil {
		w.cloud.gateway.Cut()
		w.pump(rt)
		return
	}
	stopped := make(chan error, 1)
	go func() { stopped <- w.machine.server.Stop() }()
	for _, d := range w.devices {
		for _, l := range d.sockets {
			for l.slow = false; !l.closed; {
				w.drain(rt, d, l)
			}
		}
	}
	if err := errors.Join(<-stopped, w.machine.start()); err != nil {
		rt.Fatal(err)
	}
}

func (w *world) device(rt *rapid.T) *device { return draw(rt, "device", w.devices...) }

func (w *world) place(rt *rapid.T) (p person, c *client.Client, room string) {
	p = draw(rt, "who", w.people...)
	return p, w.as(p), draw(rt, "room", w.rooms...)
}

// seq is one of the latest messages, so that changes meet.
func (w *world) seq(rt *rapid.T, room string) int64 {
	return max(1, w.posted[room]-rapid.Int64Range(0, 3).Draw(rt, "from the end"))
}

// did ends a command: what it was refused with may be a 4xx; then everything that was sent is at the devices' doors.
func (w *world) did(rt *rapid.T, err error) bool {
	if s := client.Status(err); err != nil && (s < 400 || s >= 500) {
		rt.Fatalf("command failed: %v", err)
	}
	w.pump(rt)
	return err == nil
}

func (w *world) post(rt *rapid.T) {
	p, c, room := w.place(rt)
	w.n++
	b := wire.PostMessage{ClientID: uuid(w.n), Text: draw(rt, "text", "soup", "soup @ada", "@bob @gus 🎉", strings.Repeat("é🎉", 150))}
	if rapid.IntRange(0, 39).Draw(rt, "beyond a frame") == 0 {
		b.Text = strings.Repeat("🎉", 9000)
	}
	if rapid.IntRange(0, 2).Draw(rt, "a reply") == 0 {
		seq := w.seq(rt, room)
		b.Thread, b.AlsoInRoom = &seq, rapid.Bool().Draw(rt, "also in room")
	}
	var m wire.Message
	err := w.again(func() (err error) { m, err = c.Post(w.ctx, room, b); return err })
	if err == nil {
		w.posted[room] = m.Seq
		w.answered(p, m)
	}
	w.did(rt, err)
}

func (w *world) change(rt *rapid.T) {
	p, c, room := w.place(rt)
	seq := w.seq(rt, room)
	if rapid.Bool().Draw(rt, "delete") {
		w.did(rt, c.Delete(w.ctx, room, seq))
		return
	}
	m, err := c.Edit(w.ctx, room, seq, draw(rt, "text", "better", "better @ada", "better @bob @cy"))
	if err == nil {
		w.answered(p, m)
	}
	w.did(rt, err)
}

// flood changes one message until who does not read is too slow: the kernel's buffers and the queue are full.
func (w *world) flood(rt *rapid.T) {
	stalled := func(d *device) bool { return slices.ContainsFunc(d.sockets, func(l *line) bool { return l.slow }) }
	if rapid.IntRange(0, 2).Draw(rt, "rarely") > 0 || !slices.ContainsFunc(w.devices, stalled) {
		return
	}
	_, c, room := w.place(rt)
	seq := w.seq(rt, room)
	for i := range 60 {
		if _, err := c.Edit(w.ctx, room, seq, strings.Repeat("好", 9990+i)); !w.did(rt, err) {
			return
		}
	}
}

func (w *world) react(rt *rapid.T) {
	p, c, room := w.place(rt)
	m, err := c.React(w.ctx, room, w.seq(rt, room), draw(rt, "emoji", "🎉", "❤️"), rapid.IntRange(0, 2).Draw(rt, "off") > 0)
	if err == nil {
		w.answered(p, m)
	}
	w.did(rt, err)
}

func (w *world) read(rt *rapid.T) {
	_, c, room := w.place(rt)
	_, err := c.SetRead(w.ctx, room, rapid.Int64Range(0, w.posted[room]).Draw(rt, "seq"))
	w.did(rt, err)
}

func (w *world) settings(rt *rapid.T) {
	_, c, room := w.place(rt)
	starred := rapid.Bool().Draw(rt, "starred")
	w.did(rt, c.Do(w.ctx, http.MethodPatch, "/rooms/"+room+"/me", wire.UpdateMyRoom{Starred: &starred}, nil))
}

func (w *world) membership(rt *rapid.T) {
	p, c, room := w.place(rt)
	other := draw(rt, "whom", w.people...)
	w.remember()
	switch rapid.IntRange(0, 4).Draw(rt, "membership") {
	case 0:
		_, err := c.Join(w.ctx, room)
		w.member(room, p.id, true, err)
		w.did(rt, err)
	case 1, 2:
		_, err := c.PutMember(w.ctx, room, other.id, draw(rt, "role", "", "owner", "member"))
		w.member(room, other.id, true, err)
		w.did(rt, err)
	case 3:
		err := c.RemoveMember(w.ctx, room, other.id)
		w.member(room, other.id, false, err)
		w.did(rt, err)
	default:
		err := c.RemoveMember(w.ctx, room, p.id)
		w.member(room, p.id, false, err)
		w.did(rt, err)
	}
}

func (w *world) remember() {
	w.before = map[string]map[string]bool{}
	for room, users := range w.in {
		w.before[room] = map[string]bool{}
		for u, in := range users {
			w.before[room][u] = in
		}
	}
}

func (w *world) member(room, user string, in bool, err error) {
	if err == nil {
		w.in[room][user] = in
	}
}

func (w *world) room(rt *rapid.T) {
	p, c, room := w.place(rt)
	if len(w.rooms) < 6 && rapid.IntRange(0, 3).Draw(rt, "a new one") == 0 {
		w.remember()
		other := draw(rt, "with", w.people...)
		w.n++
		b := wire.NewRoomBody{Kind: draw(rt, "kind", "public", "private"), Name: fmt.Sprint("room-", w.n), Members: []string{other.id}}
		r, err := c.AddRoom(w.ctx, b)
		if err == nil {
			w.rooms = append(w.rooms, r.ID)
			w.in[r.ID] = map[string]bool{p.id: true, other.id: true}
			w.posted[r.ID] = r.LastSeq
		}
		w.did(rt, err)
		return
	}
	var b wire.UpdateRoom
	switch rapid.IntRange(0, 3).Draw(rt, "setting") {
	case 0:
		archived := rapid.Bool().Draw(rt, "archived")
		b.Archived = &archived
	case 1:
		posting := draw(rt, "posting", "everyone", "owners")
		b.Posting = &posting
	default:
		topic := draw(rt, "topic", "", "soup", "more soup")
		b.Topic = &topic
	}
	var r wire.MyRoom
	err := c.Do(w.ctx, http.MethodPatch, "/rooms/"+room, b, &r)
	if err == nil && r.LastSeq > 0 {
		w.posted[room] = r.LastSeq
	}
	w.did(rt, err)
}

func (w *world) directory(rt *rapid.T) {
	p := draw(rt, "who", w.people...)
	if rapid.Bool().Draw(rt, "a new name") {
		w.did(rt, w.as(p).Do(w.ctx, http.MethodPatch, "/me", map[string]any{"name": draw(rt, "name", p.handle, "Ann", "Müller", "山田")}, nil))
		return
	}
	if p.handle == "ada" || rapid.IntRange(0, 2).Draw(rt, "rarely") > 0 {
		return
	}
	ada, out := w.as(*w.person("ada")), !w.out[p.id]
	w.did(rt, ada.Do(w.ctx, http.MethodPatch, "/users/"+p.id, map[string]any{"deactivated": out}, nil))
	w.out[p.id] = out
	for _, d := range w.devices {
		if d.who != p.handle {
			continue
		}
		d.close() // its token is over for good
		if !out {
			w.token(rt, p.handle)
			w.begin(d)
		}
	}
}

// token gives somebody who is back a new one.
func (w *world) token(rt *rapid.T, handle string) {
	token, err := w.home.addToken(handle)
	if err != nil {
		rt.Fatal(err)
	}
	w.person(handle).token = token
}
