package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestThreads: a thread as three people have it, through the Go client: who follows it, what is unread, who hears of what, and what is left
// of it for who leaves the room.
func TestThreads(t *testing.T) {
	h := world.Open(t)
	ctx := context.Background()
	room := h.Room("ada", "private", "soup", "sam", "mira")
	ada, sam, mira := h.As("ada"), h.As("sam"), h.As("mira")
	heard := map[string]*client.Live{}
	for _, who := range []string{"ada", "sam", "mira"} {
		heard[who] = h.Live(who)
	}
	root := h.Post("ada", room, 1).Seq
	reply := func(c *client.Client, n int) wire.Message {
		return world.Must[wire.Message](t)(c.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(n), Text: "leek", Thread: &root}))
	}
	reply(sam, 2)
	latest := reply(sam, 3)
	is := func(who string, want string) {
		t.Helper()
		th := world.Must[wire.MyThread](t)(h.As(who).Thread(ctx, room, root))
		l := world.Must[wire.MyThreads](t)(h.As(who).Threads(ctx, url.Values{"unread": {"true"}}))
		got := fmt.Sprintf("%s %d %d, %d unread", th.Follow, th.ReadSeq, th.Unread, l.UnreadThreads)
		if got != want || len(l.Threads) != l.UnreadThreads {
			t.Errorf("%s has %s, %d threads; want %s", who, got, len(l.Threads), want)
		}
	}
	is("ada", "auto 1 2, 1 unread")
	is("sam", "auto 3 0, 0 unread")
	is("mira", "off 3 0, 0 unread")
	world.Must[wire.MyThread](t)(ada.ReadThread(ctx, room, root, latest.Seq))
	is("ada", "auto 3 0, 0 unread")
	world.Must[wire.MyThread](t)(mira.FollowThread(ctx, room, root, true))
	is("mira", "on 3 0, 0 unread")
	for who, want := range map[string]int{"ada": 3, "sam": 2, "mira": 1} {
		if got := threadEvents(t, heard[who], room, root); got != want {
			t.Errorf("%s heard of the thread %d times, not %d", who, got, want)
		}
	}
	if err := mira.RemoveMember(ctx, room, h.ID["mira"]); err != nil {
		t.Fatal(err)
	}
	reply(ada, 4)
	if got := threadEvents(t, heard["mira"], room, root); got != 0 {
		t.Errorf("who has left heard of the thread %d times", got)
	}
	if _, err := mira.Thread(ctx, room, root); client.Status(err) != http.StatusNotFound {
		t.Errorf("who has left reads the thread: %v", err)
	}
	if l := world.Must[wire.MyThreads](t)(mira.Threads(ctx, nil)); len(l.Threads) > 0 {
		t.Errorf("who has left follows %+v", l)
	}
}

// threadEvents reads a socket up to now, and counts the events of a thread.
func threadEvents(t *testing.T, l *client.Live, room string, root int64) (n int) {
	t.Helper()
	if err := l.Send(wire.Command{Type: "ping"}); err != nil {
		t.Fatal(err)
	}
	for {
		e := world.Must[client.Event](t)(l.Next())
		if e.Type == "pong" {
			return n
		}
		var v wire.ThreadEvent
		if err := json.Unmarshal(e.JSON, &v); err != nil {
			t.Fatal(err)
		}
		if e.Type == "thread" && v.Room == room && v.Seq == root {
			n++
		}
	}
}
