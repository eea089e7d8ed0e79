package apigateway

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/wire"
)

func TestHelloAnswersOpen(t *testing.T) {
	f := open(t)
	id := f.connect("bob")
	if got := f.lines.heard(id); len(got) > 0 {
		t.Errorf("a connection in the making got %q", got)
	}
	f.say(id, openOf(f.general))
	got := f.lines.heard(id)
	for _, want := range []string{`"type":"hello"`, `"user":"` + f.id("bob"), `"heartbeat":480`, `"presence_poll":60`,
		`"connection":"` + id, `"epoch":"`} {
		if len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("heard %q, want %s", got, want)
		}
	}
	f.say(id, openOf(""))
	if got := f.lines.heard(id); len(got) > 0 {
		t.Errorf("greeted again: %q", got)
	}
}

func TestRefusedConnect(t *testing.T) {
	f := open(t)
	r, _ := http.NewRequest(http.MethodGet, "/ws", nil)
	if err := f.sockets.Connect(t.Context(), "x=", r); chat.ErrorCode(err) != chat.Unauthenticated || len(f.conns.conns) != 0 {
		t.Errorf("%v, %d connections kept", err, len(f.conns.conns))
	}
}

func TestBadFramesEndTheConnection(t *testing.T) {
	for what, c := range map[string]struct {
		frame  string
		binary bool
		code   int
	}{
		"no JSON":          {"{", false, wire.CloseMalformed},
		"nothing":          {"", false, wire.CloseMalformed},
		"an array":         {`[{"type":"ping"}]`, false, wire.CloseMalformed},
		"unknown type":     {`{"type":"shout"}`, false, wire.CloseMalformed},
		"unknown field":    {`{"type":"ping","x":1}`, false, wire.CloseMalformed},
		"missing field":    {`{"type":"typing"}`, false, wire.CloseMalformed},
		"wrong type":       {`{"type":"open","room":1}`, false, wire.CloseMalformed},
		"duplicate field":  {`{"type":"ping","type":"ping"}`, false, wire.CloseMalformed},
		"two objects":      {`{"type":"ping"}{"type":"ping"}`, false, wire.CloseMalformed},
		"201 watched":      {`{"type":"watch","users":["a"` + strings.Repeat(`,"a"`, 200) + `]}`, false, wire.CloseMalformed},
		"an unknown state": {`{"type":"presence","state":"offline"}`, false, wire.CloseMalformed},
		"binary":           {`{"type":"ping"}`, true, 1003},
		"no UTF-8":         {"\xff", false, 1007},
		"too long":         {strings.Repeat(" ", wire.FrameBytes+1), false, 1009},
	} {
		f := open(t)
		id, other := f.live("bob", ""), f.live("bob", "")
		ok, err := f.sockets.Frame(t.Context(), id, []byte(c.frame), c.binary)
		if got := bye(t, f.lines.heard(id)); ok || err != nil || got != c.code {
			t.Errorf("%s: bye %d, want %d; %v %v", what, got, c.code, ok, err)
		}
		if _, found := f.conns.conns[id]; found || !f.lines.closed[id] {
			t.Errorf("%s: the connection is still there", what)
		}
		if f.say(other, `{"type":"ping"}`); !slices.Equal(f.lines.heard(other), []string{`{"type":"pong"}`}) {
			t.Errorf("%s: the other connection suffers", what)
		}
	}
}

func TestTheFirstFrameIsOpen(t *testing.T) {
	f := open(t)
	id := f.connect("bob")
	ok, err := f.sockets.Frame(t.Context(), id, []byte(`{"type":"ping"}`), false)
	if got := bye(t, f.lines.heard(id)); ok || err != nil || got != wire.CloseMalformed {
		t.Errorf("bye %d; %v %v", got, ok, err)
	}
	id = f.connect("bob") // frames are handled concurrently: one that overtakes open waits for it
	done := make(chan bool)
	go func() {
		ok, err := f.sockets.Frame(t.Context(), id, []byte(`{"type":"ping"}`), false)
		done <- ok && err == nil
	}()
	time.Sleep(10 * time.Millisecond)
	f.say(id, openOf(""))
	if !<-done {
		t.Errorf("a frame that overtook open ended the connection: %q", f.lines.heard(id))
	}
}

// A frame waits for a connection that the store shows late.
func TestConnectionThatIsNotShownYet(t *testing.T) {
	f := open(t)
	id, n := f.connect("bob"), 0
	f.conns.hide = func(connection.Connection) bool { n++; return n < 2 }
	f.say(id, openOf(""))
	f.conns.hide = func(connection.Connection) bool { return true }
	ok, err := f.sockets.Frame(t.Context(), id, []byte(openOf("")), false)
	if got := bye(t, f.lines.heard(id)); ok || err != nil || got != closeRestart {
		t.Errorf("bye %d; %v %v", got, ok, err)
	}
}

func TestTooManyFrames(t *testing.T) {
	f := open(t)
	id := f.live("bob", "")
	for range 59 { // open was one
		f.say(id, `{"type":"ping"}`)
	}
	ok, _ := f.sockets.Frame(t.Context(), id, []byte(`{"type":"ping"}`), false)
	if got := bye(t, f.lines.heard(id)); ok || got != wire.CloseTooMany {
		t.Errorf("bye %d", got)
	}
	id = f.live("bob", "")
	for range 200 {
		f.clock.advance(50 * time.Millisecond)
		f.say(id, `{"type":"ping"}`)
	}
}

func TestTwentyConnectionsTheOldestGoes(t *testing.T) {
	f := open(t)
	var ids []string
	for range wire.ConnectionsOfUser {
		f.clock.advance(time.Millisecond)
		ids = append(ids, f.live("bob", ""))
	}
	other := f.live("eve", "")
	f.clock.advance(time.Millisecond)
	newest := f.live("bob", "")
	if got := bye(t, f.lines.heard(ids[0])); got != wire.CloseTooMany || len(f.conns.conns) != wire.ConnectionsOfUser+1 {
		t.Errorf("the oldest heard bye %d; %d are left", got, len(f.conns.conns))
	}
	for _, id := range append(ids[1:], newest, other) {
		if got := f.lines.heard(id); len(got) > 0 {
			t.Errorf("%s heard %q", id, got)
		}
	}
}

// Connections whose end was lost lock nobody out, and do not count once they are silent: the oldest, which lives, stays.
func TestTwentyGhosts(t *testing.T) {
	f := open(t)
	alive := f.live("bob", "")
	for range wire.ConnectionsOfUser - 1 {
		f.clock.advance(time.Millisecond)
		f.live("bob", "")
	}
	f.clock.advance(heartbeat + grace + time.Second)
	f.say(alive, `{"type":"ping"}`)
	f.lines.heard(alive)
	for range wire.ConnectionsOfUser - 1 {
		f.clock.advance(time.Millisecond)
		f.live("bob", "")
	}
	if got := f.lines.heard(alive); len(got) > 0 {
		t.Errorf("who lives heard %q: ghosts were counted", got)
	}
	f.live("bob", "")
	if got := bye(t, f.lines.heard(alive)); got != wire.CloseTooMany {
		t.Errorf("bye %d", got)
	}
}

func TestSessionThatEndedBeforeOpen(t *testing.T) {
	f := open(t)
	id := f.connect("bob")
	f.deactivate("bob")
	f.said = nil // the fan-out ran before the connection was stored
	ok, err := f.sockets.Frame(t.Context(), id, []byte(openOf("")), false)
	if got := f.lines.heard(id); ok || err != nil || len(got) != 1 || bye(t, got) != wire.CloseEnded {
		t.Errorf("heard %q; %v %v", got, ok, err)
	}
}

func (f *fixture) deactivate(who string) {
	f.t.Helper()
	yes := true
	if _, err := f.rules.UpdateUser(f.t.Context(), f.actor["ada"], f.id(who), chat.UpdateUserInput{Deactivated: &yes}); err != nil {
		f.t.Fatal(err)
	}
}

func TestTyping(t *testing.T) {
	f := open(t)
	bob, bobToo, eve, elsewhere := f.live("bob", f.general), f.live("bob", f.general), f.live("eve", f.general), f.live("eve", "")
	ghost := f.live("ada", f.general)
	f.clock.advance(heartbeat + grace + time.Second)
	for _, id := range []string{bob, bobToo, eve, elsewhere} {
		f.say(id, `{"type":"ping"}`)
		f.lines.heard(id)
	}
	f.say(bob, `{"type":"typing","room":"`+f.general+`"}`)
	for id, want := range map[string]int{bob: 0, bobToo: 0, eve: 1, elsewhere: 0, ghost: 0} {
		if got := f.lines.heard(id); len(got) != want {
			t.Errorf("%s heard %q", id, got)
		}
	}
	f.say(bob, `{"type":"typing","room":"aaaaaaaaaaaa"}`) // ignored
	f.say(bob, openOf("aaaaaaaaaaaa"))
	if got := f.conns.conns[bob].Room; got != f.general {
		t.Errorf("a room that one is not in is open: %q", got)
	}
}

// The fan-out of a removal misses a room that is stored later; open finds the removal itself.
func TestRemovalWhileTheRoomOpens(t *testing.T) {
	f := open(t)
	room, _, err := f.rules.AddRoom(t.Context(), f.actor["ada"], chat.NewRoomInput{Kind: chat.Private, Name: "leads",
		Members: []string{f.id("bob")}})
	if err != nil {
		t.Fatal(err)
	}
	f.said = nil
	id, first := f.live("bob", ""), true
	f.gateway.o.Connections = &updating{memoryStore: f.conns, before: func() {
		if first {
			first = false
			if err := f.rules.RemoveMember(t.Context(), f.actor["ada"], room.ID, f.id("bob")); err != nil {
				t.Error(err)
			}
			f.fanOut()
		}
	}}
	f.say(id, openOf(room.ID))
	if c := f.conns.conns[id]; c.Room != "" || first {
		t.Errorf("%q is still open", c.Room)
	}
}

// updating calls a function before each update.
type updating struct {
	*memoryStore
	before func()
}

func TestPresence(t *testing.T) {
	f := open(t)
	bob := f.live("bob", "")
	watch := func(want string) {
		t.Helper()
		f.say(bob, `{"type":"watch","users":["`+f.id("eve")+`"]}`)
		if got := f.lines.heard(bob); len(got) != 1 || got[0] != `{"type":"presence","users":{"`+f.id("eve")+`":"`+want+`"}}` {
			t.Errorf("heard %q, want %s", got, want)
		}
	}
	watch("offline")
	eve := f.live("eve", "")
	watch("active")
	f.say(eve, `{"type":"presence","state":"away"}`)
	watch("away")
	phone := f.live("eve", "")
	watch("active")
	f.say(phone, `{"type":"presence","state":"away"}`)
	watch("away")
	f.clock.advance(heartbeat + grace + time.Second)
	watch("offline")
}

func TestDisconnect(t *testing.T) {
	f := open(t)
	id := f.live("bob", "")
	for range 2 { // it may come twice or never
		if err := f.sockets.Disconnect(t.Context(), id); err != nil || len(f.conns.conns) > 0 {
			t.Errorf("%v, %d left", err, len(f.conns.conns))
		}
	}
}

func (u *updating) UpdateConnection(
	ctx context.Context, user, id string, change func(*connection.Connection),
) (connection.Connection, error) {
	u.before()
	return u.memoryStore.UpdateConnection(ctx, user, id, change)
}
