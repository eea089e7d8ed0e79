package socket_test

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

const canary = "CANARY-7f3a"

// listen collects events until one that contains last.
func listen(t *testing.T, l *client.Live, last string) <-chan []client.Event {
	out := make(chan []client.Event, 1)
	go func() {
		var all []client.Event
		for {
			e, err := l.Next()
			if err != nil {
				t.Errorf("listening: %v", err)
				break
			}
			all = append(all, e)
			if bytes.Contains(e.JSON, []byte(last)) {
				break
			}
		}
		out <- all
	}()
	return out
}

// TestPrivateRoomLeaksThroughNoEvent runs all kinds of commands in a private room. A member's socket receives every kind of event; the
// sockets of other users receive none, although they have sent open for the room.
func TestPrivateRoomLeaksThroughNoEvent(t *testing.T) {
	h, ctx := world.Open(t), context.Background()
	mira, jonas, sam := h.As("mira"), h.As("jonas"), h.As("sam")
	general := h.General()
	room := h.Room("jonas", "private", "canary-7f3a", "mira")
	heard := map[string]<-chan []client.Event{}
	lives := map[string]*client.Live{}
	for name, c := range map[string]*client.Client{"mira": mira, "jonas": jonas, "sam": sam, "kim": h.As("kim"), "ada": h.As("ada")} {
		l := world.Must[*client.Live](t)(c.Dial(ctx))
		t.Cleanup(func() { _ = l.Close() })
		lives[name] = l
		if err := l.Send(map[string]any{"type": "open", "room": room}); err != nil {
			t.Fatal(err)
		}
		if err := l.Send(map[string]any{"type": "watch", "users": []string{h.ID["jonas"]}}); err != nil {
			t.Fatal(err)
		}
		last := "the end of it"
		if name == "kim" {
			continue // a guest without rooms does not receive the last message
		}
		heard[name] = listen(t, l, last)
	}
	time.Sleep(100 * time.Millisecond) // the server has handled the opens
	for _, who := range []string{"jonas", "sam"} {
		if err := lives[who].Send(map[string]any{"type": "typing", "room": room}); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(100 * time.Millisecond)
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	world.Must[wire.Message](t)(jonas.Post(ctx, room, wire.PostMessage{
		ClientID: world.UUID(1), Text: canary, Poll: &wire.NewPoll{Options: []string{canary, "other"}},
	}))
	root := int64(1)
	world.Must[wire.Message](t)(jonas.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(2), Text: canary, Thread: &root}))
	world.Must[wire.Message](t)(jonas.Edit(ctx, room, 1, canary+" edited"))
	world.Must[wire.Message](t)(jonas.React(ctx, room, 1, "🎉", true))
	world.Must[wire.Message](t)(jonas.Vote(ctx, room, 1, 0))
	world.Must[wire.MyRoom](t)(mira.SetRead(ctx, room, 1))
	do(jonas.Do(ctx, http.MethodPatch, "/rooms/"+room, map[string]string{"topic": canary}, nil))
	do(mira.Do(ctx, http.MethodPatch, "/rooms/"+room+"/me", map[string]bool{"starred": true}, nil))
	world.Must[wire.Member](t)(jonas.PutMember(ctx, room, h.ID["sam"], ""))
	do(jonas.RemoveMember(ctx, room, h.ID["sam"]))
	do(jonas.Delete(ctx, room, 2))
	do(jonas.RemoveMember(ctx, room, h.ID["mira"]))
	world.Must[wire.Message](t)(jonas.Post(ctx, general, wire.PostMessage{ClientID: world.UUID(3), Text: "the end of it"}))

	kinds := map[string][]string{}
	for name, c := range heard {
		select {
		case all := <-c:
			for _, e := range all {
				about := bytes.Contains(e.JSON, []byte(room)) || bytes.Contains(e.JSON, []byte(canary))
				if about {
					kinds[name] = append(kinds[name], e.Type)
				}
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s did not receive the last message", name)
		}
	}
	for _, kind := range []string{"typing", "message", "reaction", "poll", "read", "room", "my_room", "members", "left"} {
		if !slices.Contains(kinds["mira"], kind) {
			t.Errorf("mira, a member, received no %s event: the test proves nothing", kind)
		}
	}
	if len(kinds["ada"]) > 0 {
		t.Errorf("ada, an owner of the workspace but no member, received %v", kinds["ada"])
	}
	// sam was added and removed again, and nothing was posted in between.
	if got := strings.Join(kinds["sam"], " "); got != "joined members left" {
		t.Errorf("sam heard %q", got)
	}
	if kinds["mira"][len(kinds["mira"])-1] != "left" {
		t.Errorf("mira received an event after she was removed: %v", kinds["mira"])
	}
}
