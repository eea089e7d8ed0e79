// Package devices is the model test of the clients, for any server. Simulated users with several devices use REST and sockets over a
// network that delays, cuts and repeats. The test checks that each device ends with the state that a new device loads, whatever the
// interleaving, and that events, answers, commands and invites agree with the roles and memberships at that moment.
//
// It may import wire and client. Its callers start the server (Home).
package devices

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// Person is a user with a token, and the e-mail address HANDLE@example.com.
type Person struct {
	Handle, ID, Token, Password string
	admin                       bool // the token has the scope admin
}

// Handles are the users that a Home must have, in the order that New expects: an owner, two members and a guest. Jonas and Mira must
// share a private room, Jonas and Ada a direct room.
func Handles() (owner, jonas, mira, guest string) { return "ada", "jonas", "mira", "kim" }

// Home is a running server with its workspace.
type Home interface {
	URL() string
	AddToken(handle string) (string, error)
	Close() error
}

// Machine is a home whose server can be stopped, which closes every connection, and started again on the same data.
type Machine interface {
	Home
	Stop() error
	Start() error
}

// Cloud is a home behind a simulated API Gateway.
type Cloud interface {
	Home
	Gateway() Gateway
}

// moment identifies a revision of a room.
type moment struct {
	room string
	rev  int64
}

// place is a user in a room.
type place struct{ room, user string }

// World is a home, the test's knowledge of its rooms and members, and the devices.
type World struct {
	t       *testing.T
	rt      *rapid.T
	ctx     context.Context
	home    Home
	machine Machine // home, if it is a Machine
	gateway Gateway // gateway of home, if it is a Cloud
	people  []Person
	rights
	past     []past            // the rights of before, oldest first
	changing bool              // the last of them is that before the present command
	kind     map[string]string // public, private or direct, by room
	left     map[place]bool    // who has ever been in a room and then not, or was deactivated while there
	invites  []invite
	began    time.Time                  // when the present step began
	rooms    []string                   // in the order of creation
	at       map[moment]map[string]bool // members at a revision
	posted   map[string]int64           // last seq by room
	clients  map[string]*client.Client  // by token
	devices  []*device
	Did      map[string]int // number of changes of rights, by kind
	n        int            // counter for ids and names
	steps    int
}

// New makes a world in which everybody has one device, and Jonas two.
func New(t *testing.T, rt *rapid.T, h Home, people []Person) *World {
	w := &World{
		t: t, rt: rt, ctx: context.Background(), home: h, people: append([]Person(nil), people...),
		rights: rights{in: map[string]map[string]bool{}, role: map[string]string{}, out: map[string]bool{}},
		kind:   map[string]string{}, left: map[place]bool{}, Did: map[string]int{}, posted: map[string]int64{}, began: time.Now(),
		at: map[moment]map[string]bool{}, clients: map[string]*client.Client{},
	}
	w.machine, _ = h.(Machine)
	if c, ok := h.(Cloud); ok {
		w.gateway = c.Gateway()
	}
	for i, p := range w.people {
		w.role[p.ID] = [...]string{"owner", "member", "member", "guest"}[i]
		w.people[i].admin = w.administers(p.ID)
		for _, r := range w.list(w.as(p)) {
			if w.in[r.ID] == nil {
				w.in[r.ID], w.rooms = map[string]bool{}, append(w.rooms, r.ID)
			}
			w.in[r.ID][p.ID], w.kind[r.ID] = true, r.Kind
			w.posted[r.ID] = r.LastSeq
		}
	}
	for _, p := range append(w.people, w.people[1]) {
		d := &device{who: p.Handle}
		w.devices = append(w.devices, d)
		w.begin(d)
	}
	return w
}

// Run takes random steps, then settles and checks every device. It gives the number of steps.
func (w *World) Run() (steps int) {
	w.rt.Repeat(w.actions())
	for _, d := range w.devices {
		w.settle(d)
	}
	return w.steps
}

// Close closes the devices and the home.
func (w *World) Close() {
	for _, d := range w.devices {
		d.close()
	}
	if err := w.home.Close(); err != nil {
		w.t.Error(err)
	}
}

func (w *World) as(p Person) *client.Client {
	if w.clients[p.Token] == nil {
		w.clients[p.Token] = client.New(w.home.URL(), p.Token)
	}
	return w.clients[p.Token]
}

// client is a client with the token of a device.
func (w *World) client(d *device) *client.Client {
	p := *w.person(d.who)
	if d.ends {
		p.Token = d.token
	}
	return w.as(p)
}

func (w *World) list(c *client.Client) []wire.MyRoom {
	var rooms []wire.MyRoom
	err := w.again(func() (err error) { rooms, err = c.Rooms(w.ctx); return err })
	if err != nil {
		w.rt.Fatal(err)
	}
	return rooms
}

func (w *World) person(handle string) *Person {
	for i := range w.people {
		if w.people[i].Handle == handle {
			return &w.people[i]
		}
	}
	return nil
}

// draw draws an index and not a value, so that failure reports stay short.
func draw[T any](rt *rapid.T, what string, from ...T) T {
	return from[rapid.IntRange(0, len(from)-1).Draw(rt, what)]
}
