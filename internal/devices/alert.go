package devices

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// Alerts tests whom new messages alert, against any home: Jonas posts, Mira has up to two devices, and Ada's device is the witness that
// everything before has been decided. A message alerts Mira once at most, on the device that was active last, for the reason that the
// table of package attention has. Full tests the devices with each kind of place, and not only with direct rooms.
func Alerts(t *testing.T, home Home, people []Person, full bool) {
	a := newAlerting(t, home, people)
	places := []occasion{{room: a.direct, text: "hello", cause: "direct"}}
	if full {
		places = append(places, occasion{room: a.soup, text: "@mira", cause: "mention"},
			occasion{room: a.soup, thread: a.root, text: "@mira", cause: "mention"})
	}
	for _, p := range places {
		t.Run(fmt.Sprintf("devices, %s in a thread: %t", p.cause, p.thread > 0), func(t *testing.T) { a.focuses(t, p) })
	}
	t.Run("wishes", a.wishes)
	t.Run("later", a.later)
	t.Run("a mention in a thread", a.follows)
}

// Screens is implemented by homes that do not handle the frames of a connection in order.
type Screens interface {
	// Screens are what the connections of a user show, as far as the server knows, each as Screen has it, sorted.
	Screens(handle string) []string
}

// Screen is what a connection shows.
func Screen(room string, thread int64, active bool) string {
	return fmt.Sprintf("%s %d %t", room, thread, active)
}

// alerting is what the tests of alerts share.
type alerting struct {
	ctx     context.Context
	home    Home
	people  map[string]Person
	witness *client.Live
	devices []*client.Live          // of Mira
	shown   map[*client.Live]string // as of Screen
	direct  string                  // a direct room of all three
	soup    string                  // a private room of all three
	other   string                  // another room of Mira
	root    int64                   // of a thread in soup that Mira follows
	posts   int
}

// occasion is where a message is posted, and what it is about for Mira.
type occasion struct {
	room   string
	thread int64
	text   string
	cause  string // of the alert; empty: none
}

// focus is what a device of Mira shows, and whether she is there.
type focus struct {
	what   string
	shows  bool // the place
	active bool
}

func focuses() []focus {
	return []focus{{"looks", true, true}, {"hidden", true, false}, {"elsewhere", false, true}, {"away", false, false}}
}

func newAlerting(t *testing.T, home Home, people []Person) *alerting {
	a := &alerting{ctx: context.Background(), home: home, people: map[string]Person{}, shown: map[*client.Live]string{}}
	var ids []string
	for _, p := range people {
		if a.people[p.Handle] = p; p.Handle == "mira" || p.Handle == "ada" {
			ids = append(ids, p.ID)
		}
	}
	room := func(kind, name string) string {
		r, err := a.as("jonas").AddRoom(a.ctx, wire.NewRoomBody{Kind: kind, Name: name, Members: ids})
		no(t, err)
		return r.ID
	}
	words := []string{"leek"} // before the first message: on AWS the keywords are known everywhere within a minute
	settings := wire.UpdateSettings{Attention: &wire.UpdateAttention{Keywords: &words}}
	_, err := a.as("mira").UpdateMe(a.ctx, wire.UpdateMe{Settings: &settings})
	no(t, err)
	a.direct, a.soup, a.other = room("direct", ""), room("private", "soup"), room("private", "salad")
	a.root = a.post(t, a.soup, 0, "root").Seq
	_, err = a.as("mira").FollowThread(a.ctx, a.soup, a.root, true)
	no(t, err)
	a.witness = a.dial(t, "ada")
	return a
}

func no(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (a *alerting) as(handle string) *client.Client {
	return client.New(a.home.URL(), a.people[handle].Token)
}

func (a *alerting) dial(t *testing.T, handle string) *client.Live {
	t.Helper()
	l, err := a.as(handle).Dial(a.ctx)
	no(t, err)
	a.until(t, l, "hello", 0)
	a.shown[l] = Screen("", 0, true)
	return l
}

func (a *alerting) post(t *testing.T, room string, thread int64, text string) wire.Message {
	t.Helper()
	a.posts++
	b := wire.PostMessage{ClientID: fmt.Sprintf("00000000-0000-4000-8000-%012d", a.posts), Text: text}
	if thread > 0 {
		b.Thread = &thread
	}
	m, err := a.as("jonas").Post(a.ctx, room, b)
	no(t, err)
	return m
}

// until reads events up to one of a type, with a seq if that is not 0, and returns the alerts before it.
func (a *alerting) until(t *testing.T, l *client.Live, kind string, seq int64) (alerts []wire.NotifyEvent) {
	t.Helper()
	for {
		e, err := l.Next()
		no(t, err)
		var n wire.NotifyEvent
		if e.Type == "notify" {
			no(t, json.Unmarshal(e.JSON, &n))
		}
		if e.Type == kind && n.Seq == seq {
			return alerts
		}
		if e.Type == "notify" {
			alerts = append(alerts, n)
		}
	}
}

// set makes a device of Mira show a place or not, and be active or not.
func (a *alerting) set(t *testing.T, l *client.Live, p occasion, f focus) {
	t.Helper()
	time.Sleep(2 * time.Millisecond) // servers tell moments apart by the millisecond
	open := wire.Command{Type: "open", Room: a.other}
	if f.shows {
		open.Room, open.Thread = p.room, p.thread
	} else if p.thread > 0 {
		open.Room = p.room // the thread is not on screen
	}
	state := wire.Command{Type: "presence", State: wire.Away}
	if f.active {
		state.State = wire.Active
	}
	for _, c := range []wire.Command{open, state} {
		no(t, l.Send(c))
		a.settle(t, l)
	}
	a.shown[l] = Screen(open.Room, open.Thread, f.active)
	home, ok := a.home.(Screens)
	if !ok {
		return
	}
	var want []string
	for _, l := range a.devices {
		want = append(want, a.shown[l])
	}
	slices.Sort(want)
	for end := time.Now().Add(10 * time.Second); !slices.Equal(home.Screens("mira"), want); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the server knows the screens %v, want %v", home.Screens("mira"), want)
		}
	}
}

// settle waits until the server has handled what a device sent, and returns the alerts that the device got until then.
func (a *alerting) settle(t *testing.T, l *client.Live) []wire.NotifyEvent {
	t.Helper()
	no(t, l.Send(wire.Command{Type: "ping"}))
	return a.until(t, l, "pong", 0)
}

// alerts are the alerts of a message that Mira's devices got, once the witness has got that of a later message of its room.
func (a *alerting) alerts(t *testing.T, m wire.Message) (got []string) {
	t.Helper()
	last := a.post(t, m.Room, 0, "@ada")
	a.until(t, a.witness, "notify", last.Seq)
	for i, l := range a.devices {
		for _, n := range a.settle(t, l) {
			if n.Room == m.Room && n.Seq == m.Seq {
				got = append(got, fmt.Sprintf("%s on device %d: %s", n.Cause, i, n.Reason))
			}
		}
	}
	return got
}

// focuses tests a message with no device, with one, and with two that are set one after the other, in both orders.
func (a *alerting) focuses(t *testing.T, p occasion) {
	for _, l := range a.devices {
		no(t, l.Close())
	}
	a.devices = nil
	expect := func(order []int, states ...focus) {
		want, away := -1, true
		for i, f := range states {
			a.set(t, a.devices[order[i]], p, f)
			if f.active || away { // the last active one, or the last one if none is active
				want, away = order[i], !f.active
			}
		}
		if slices.ContainsFunc(states, func(f focus) bool { return f.active && f.shows }) {
			want = -1
		}
		got := a.alerts(t, a.post(t, p.room, p.thread, p.text))
		start := fmt.Sprintf("%s on device %d: ", p.cause, want)
		if want < 0 && len(got) > 0 || want >= 0 && (len(got) != 1 || !strings.HasPrefix(got[0], start)) {
			t.Errorf("devices %v, %v: %q, want device %d", order, states, got, want)
		}
	}
	expect(nil)
	a.devices = append(a.devices, a.dial(t, "mira"))
	for _, f := range focuses() {
		expect([]int{0}, f)
	}
	a.devices = append(a.devices, a.dial(t, "mira"))
	for _, f := range focuses() {
		for _, o := range focuses() {
			expect([]int{0, 1}, f, o)
			expect([]int{1, 0}, f, o)
		}
	}
}

// wishes tests the rows of the table with the settings of Mira, who is active elsewhere.
func (a *alerting) wishes(t *testing.T) {
	if len(a.devices) == 0 {
		a.devices = append(a.devices, a.dial(t, "mira"))
	}
	for _, l := range a.devices {
		a.set(t, l, occasion{room: a.soup}, focus{active: true})
	}
	yes, off := true, false
	mentions, all, nothing := "mentions", "all", "nothing"
	soup := func(text, cause string) occasion { return occasion{room: a.soup, text: text, cause: cause} }
	reply := func(text, cause string) occasion {
		return occasion{room: a.soup, thread: a.root, text: text, cause: cause}
	}
	until := wire.Time{Time: time.Now().Add(time.Hour)}
	for _, c := range []struct {
		what      string
		room      wire.UpdateMyRoom
		attention wire.UpdateAttention
		places    []occasion
	}{
		{"mentions", wire.UpdateMyRoom{Notify: &mentions, Muted: &off}, wire.UpdateAttention{Quiet: &wire.Quiet{}}, []occasion{
			soup("hello", ""), soup("@mira", "mention"), soup("@room", "broadcast"), soup("@here", "broadcast"), soup("a Leek", "keyword"),
			reply("hello", ""), soup("@mira @room leek", "mention"), {a.direct, 0, "leek", "direct"}, {a.direct, 0, "@mira", "mention"},
		}},
		{"all", wire.UpdateMyRoom{Notify: &all}, wire.UpdateAttention{}, []occasion{
			soup("hello", "message"), soup("leek", "keyword"), reply("hello", ""), reply("@mira", "mention"),
		}},
		{"all, with replies", wire.UpdateMyRoom{Notify: &all}, wire.UpdateAttention{ThreadAlert: &yes}, []occasion{
			reply("hello", "reply"), soup("hello", "message"), reply("leek", "keyword"),
		}},
		{"nothing", wire.UpdateMyRoom{Notify: &nothing}, wire.UpdateAttention{}, []occasion{
			soup("@mira", ""), soup("@room", ""), soup("leek", ""), reply("hello", ""), {a.direct, 0, "hello", "direct"},
		}},
		{"muted", wire.UpdateMyRoom{Notify: &all, Muted: &yes}, wire.UpdateAttention{}, []occasion{
			soup("@mira", ""), soup("@room", ""), soup("leek", ""), soup("hello", ""), reply("hello", ""),
		}},
		{"quiet", wire.UpdateMyRoom{Notify: &all, Muted: &off}, wire.UpdateAttention{Quiet: &wire.Quiet{Until: &until}}, []occasion{
			soup("@mira", ""), soup("@room", ""), soup("leek", ""), soup("hello", ""), reply("hello", ""), {a.direct, 0, "hello", ""},
		}},
		{"no longer quiet", wire.UpdateMyRoom{}, wire.UpdateAttention{Quiet: &wire.Quiet{}, ThreadAlert: &off},
			[]occasion{soup("hello", "message")}},
	} {
		_, err := a.as("mira").UpdateMe(a.ctx, wire.UpdateMe{Settings: &wire.UpdateSettings{Attention: &c.attention}})
		no(t, err)
		_, err = a.as("mira").UpdateMyRoom(a.ctx, a.soup, c.room)
		no(t, err)
		for _, p := range c.places {
			got := a.alerts(t, a.post(t, p.room, p.thread, p.text))
			if p.cause == "" && len(got) > 0 || p.cause != "" && (len(got) != 1 || !strings.HasPrefix(got[0], p.cause+" ")) {
				t.Errorf("%s, %q in the thread %d: %q, want %q", c.what, p.text, p.thread, got, p.cause)
			}
		}
	}
}

// later: who is away is alerted on the device that was active last, but by @here; and not once more afterwards, not by an edit or a
// reaction either.
func (a *alerting) later(t *testing.T) {
	for _, l := range a.devices {
		a.set(t, l, occasion{room: a.direct}, focus{})
	}
	if got := a.alerts(t, a.post(t, a.other, 0, "@here")); len(got) > 0 {
		t.Errorf("@here alerts somebody who is away: %q", got)
	}
	m := a.post(t, a.direct, 0, "hello")
	last := fmt.Sprintf("direct on device %d: ", len(a.devices)-1)
	got := a.alerts(t, m)
	if len(got) != 1 || !strings.HasPrefix(got[0], last) {
		t.Errorf("somebody who is away is alerted by %q, want %q", got, last)
	}
	got = nil
	for _, l := range a.devices {
		a.set(t, l, occasion{room: a.direct}, focus{active: true})
	}
	got = append(got, a.alerts(t, m)...)
	_, err := a.as("jonas").Edit(a.ctx, m.Room, m.Seq, "hello @mira")
	no(t, err)
	_, err = a.as("ada").React(a.ctx, m.Room, m.Seq, "🎉", true)
	no(t, err)
	if got = append(got, a.alerts(t, m)...); len(got) > 0 {
		t.Errorf("a message alerts once more: %q", got)
	}
}

// follows: whom a reply mentions follows the thread within a second or so, and not if they stopped to.
func (a *alerting) follows(t *testing.T) {
	mira := a.as("mira")
	state := func(root int64) string {
		th, err := mira.Thread(a.ctx, a.soup, root)
		no(t, err)
		return th.Follow
	}
	mentioned := func(root int64) {
		a.post(t, a.soup, root, "@mira")
		end := time.Now().Add(10 * time.Second)
		for root = a.mentionInNewThread(t); state(root) != "auto"; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("a mention does not make one follow a thread")
			}
		}
	}
	root := a.post(t, a.soup, 0, "root").Seq
	mentioned(root)
	if got := state(root); got != "auto" { // it was mentioned before the thread that is followed now
		t.Errorf("who was mentioned follows %q", got)
	}
	_, err := mira.FollowThread(a.ctx, a.soup, root, false)
	no(t, err)
	mentioned(root)
	if got := state(root); got != "off" {
		t.Errorf("who stopped to follow and was mentioned follows %q", got)
	}
}

func (a *alerting) mentionInNewThread(t *testing.T) (root int64) {
	t.Helper()
	root = a.post(t, a.soup, 0, "root").Seq
	a.post(t, a.soup, root, "@mira")
	return root
}
