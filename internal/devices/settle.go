package devices

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// settle delivers everything to a device and fetches all its needs. Then the device must hold what a new device loads.
func (w *World) settle(d *device) {
	if d.state == nil || w.out[d.state.Me] {
		return
	}
	rt := w.rt
	if d.ends {
		w.end(rt, d)
	}
	for _, l := range d.sockets {
		l.slow = false
		w.drain(rt, d, l)
		w.apply(rt, d, l, len(l.queue))
		if len(l.lost) > 0 || w.gateway != nil { // only refetching reveals the loss
			w.reconcile(d)
			clear(l.lost)
		}
	}
	if !slices.ContainsFunc(d.sockets, func(l *line) bool { return !l.closed && !l.old }) {
		for _, l := range d.sockets {
			_ = l.live.Close() // fails if the server has closed it
		}
		d.sockets = nil
		w.connect(d)
	}
	for rounds := 0; len(d.needs)+len(d.answers) > 0; rounds++ {
		if rounds > 200 {
			rt.Fatalf("%s still has needs after 200 rounds: %v%s\nholds %s", d.who, d.needs, d.story(rt),
				pretty(rt, d.state.Rooms[d.needs[0].Room]))
		}
		needs := d.needs
		d.needs = nil
		slices.SortFunc(needs, func(a, b client.Need) int { return strings.Compare(a.What+a.Room, b.What+b.Room) })
		for _, n := range slices.Compact(needs) {
			w.ask(d, n)
		}
		for len(d.answers) > 0 {
			w.take(rt, d, 0)
		}
	}
	w.healThreads(rt, d)
	w.equal(rt, d)
}

// held is the state of a device, in a form for comparison.
type held struct {
	Rooms   map[string]wire.MyRoom
	Users   map[string]wire.User
	Windows map[string]wire.Page
	Threads []wire.MyThread
}

func (w *World) equal(rt *rapid.T, d *device) {
	c := w.client(d)
	var users wire.Users
	if err := w.again(func() error { return c.Do(w.ctx, http.MethodGet, "/users", nil, &users) }); err != nil {
		rt.Fatal(err)
	}
	has := held{map[string]wire.MyRoom{}, d.state.Users, map[string]wire.Page{}, threads(d.state)}
	fresh := held{map[string]wire.MyRoom{}, map[string]wire.User{}, map[string]wire.Page{}, w.threads(rt, c, d.state.Me)}
	for _, u := range users.Users {
		fresh.Users[u.ID] = u
	}
	rooms := w.list(c)
	for _, r := range rooms {
		fresh.Rooms[r.ID] = r
	}
	w.count(rt, c, d.state.Me, rooms)
	for id, r := range d.state.Rooms {
		has.Rooms[id] = r.Room
		if r.Loaded {
			has.Windows[id] = wire.Page{
				Head: r.Held, Messages: append([]wire.Message{}, r.Messages...), MoreBefore: r.MoreBefore, MoreAfter: r.MoreAfter,
			}
			fresh.Windows[id] = w.window(rt, c, id, r)
		}
	}
	if !reflect.DeepEqual(has, fresh) {
		rt.Fatalf("history of %s:%s\nholds\n%s\na new device loads\n%s", d.who, d.story(rt), pretty(rt, has), pretty(rt, fresh))
	}
}

func (d *device) story(rt *rapid.T) string {
	var b strings.Builder
	for _, s := range d.log {
		fmt.Fprintf(&b, "\n  %s", pretty(rt, s))
	}
	return b.String()
}

// window loads the part of a room's timeline that a device holds.
func (w *World) window(rt *rapid.T, c *client.Client, room string, r *client.RoomState) wire.Page {
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

// interleavings is an environment variable: the directory for the histories of the devices, which the web client's tests replay.
const interleavings = "INTERLEAVINGS"

// Record writes the history and the final state of each device to that directory, if there is one.
func (w *World) Record(n int) {
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
			w.rt.Fatal(err)
		}
		if err := os.MkdirAll(dir, 0o750); err != nil { // #nosec G703 -- the folder that the test run names
			w.rt.Fatal(err)
		}
		file := filepath.Join(dir, fmt.Sprintf("%03d-%d.json", n, i))
		if err := os.WriteFile(file, b, 0o600); err != nil { // #nosec G703 -- the folder that the test run names
			w.rt.Fatal(err)
		}
	}
}
