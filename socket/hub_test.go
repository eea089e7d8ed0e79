package socket

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// withHub runs f with a hub and one connection for each of users, in a synctest bubble. peers are the other ends.
func withHub(t *testing.T, users []string, f func(h *Hub, peers map[string]net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
		peers := map[string]net.Conn{}
		for _, id := range users {
			ours, peer := net.Pipe()
			c := &conn{id: "c" + id, net: ours, actor: chat.Actor{User: chat.User{ID: id}, SessionID: "s" + id}, clock: time.Now, writing: true}
			if !h.join(c) {
				t.Fatalf("the hub refused %s", id)
			}
			c.begin()
			peers[id] = peer
			defer func() { _, _ = ours.Close(), peer.Close() }()
		}
		f(h, peers)
		h.Drain(context.Background())
		time.Sleep(time.Minute) // sleeping goroutines wake up and end
	})
}

func changed(rev int64, to ...string) chat.Announcement {
	return chat.Announcement{Event: chat.MessageChanged{Message: chat.Message{Room: "r", Seq: rev, Rev: rev, Text: "hello"}}, To: to}
}

func left(user string) chat.Announcement {
	return chat.Announcement{Event: chat.RoomLeft{Room: "r", User: user, Reason: chat.Left}, To: []string{user}}
}

func TestEventsComeInTheOrderOfTheirCommits(t *testing.T) {
	withHub(t, []string{"mira"}, func(h *Hub, peers map[string]net.Conn) {
		var want []string
		for rev := int64(1); rev <= 100; rev++ {
			h.Deliver([]chat.Announcement{changed(rev, "mira")})
			want = append(want, fmt.Sprintf(`"rev":%d,`, rev))
		}
		h.Deliver([]chat.Announcement{left("mira")})
		want = append(want, `"type":"left"`)
		go func() { time.Sleep(time.Second); h.Drain(context.Background()) }()
		texts, _ := heard(t, peers["mira"])
		all, at := strings.Join(texts, ""), 0
		for _, w := range want {
			i := strings.Index(all[at:], w)
			if i < 0 {
				t.Fatalf("%s is missing, or comes too early", w)
			}
			at += i
		}
	})
}

// A full queue drops everything in it: memory stays bounded, and every client is told to refetch.
func TestFullQueueIsDropped(t *testing.T) {
	for what, c := range map[string]struct {
		text string
		n    int
	}{
		"announcements": {"hello", queuedAnnouncements},
		"bytes":         {strings.Repeat("x", 64<<10), queuedBytes / (64<<10 + announcementBytes)},
	} {
		withHub(t, []string{"mira", "jonas"}, func(h *Hub, peers map[string]net.Conn) { // the fan-out gathers until the test waits
			one := changed(1, "mira", "jonas")
			m := one.Event.(chat.MessageChanged)
			m.Message.Text = c.text
			one.Event = m
			for range c.n {
				if dropped := h.queue.put([]chat.Announcement{one}, time.Now()); len(dropped) > 0 {
					t.Fatalf("%s: dropped before the queue was full", what)
				}
			}
			if dropped := h.queue.put([]chat.Announcement{one}, time.Now()); len(dropped) != c.n+1 ||
				len(h.queue.wait) > 0 || h.queue.size > 0 {
				t.Errorf("%s: %d dropped, %d wait, %d bytes", what, len(dropped), len(h.queue.wait), h.queue.size)
			}
			h.queue.put([]chat.Announcement{changed(7, "mira", "jonas")}, time.Now())
			go func() { time.Sleep(time.Second); h.Drain(context.Background()) }()
			received := map[string]chan []string{}
			for user, peer := range peers {
				texts := make(chan []string, 1)
				received[user] = texts
				go func() { all, _ := heard(t, peer); texts <- all }()
			}
			for user, texts := range received {
				all := strings.Join(<-texts, "")
				if resync, later := strings.Index(all, `"resync"`), strings.Index(all, `"rev":7`); resync < 0 || later < resync {
					t.Errorf("%s: %s heard %.200s", what, user, all)
				}
				if strings.Contains(all, `"rev":1,`) {
					t.Errorf("%s: %s received a dropped event", what, user)
				}
			}
		})
	}
}

// A user whose RoomLeft was dropped is disconnected, so that nothing more of that room is sent.
func TestDroppedRoomLeft(t *testing.T) {
	withHub(t, []string{"mira", "jonas"}, func(h *Hub, peers map[string]net.Conn) {
		h.Deliver([]chat.Announcement{changed(1, "mira"), left("mira")})
		h.queue.put([]chat.Announcement{left("mira")}, time.Now()) // both are queued: the fan-out has not started
		many := make([]chat.Announcement, queuedAnnouncements)
		for i := range many {
			many[i] = changed(2, "jonas")
		}
		h.Deliver(many)
		if texts, code := heard(t, peers["mira"]); code != tryAgainLater || len(texts) > 0 {
			t.Errorf("heard %q, code %d", texts, code)
		}
		go func() { time.Sleep(time.Second); h.Drain(context.Background()) }()
		if texts, code := heard(t, peers["jonas"]); code != serviceRestart || len(texts) != 1 || !strings.Contains(texts[0], "resync") {
			t.Errorf("the other heard %q, code %d", texts, code)
		}
	})
}

// The end of a session does not wait for announcements queued before it.
func TestSessionsEndAtOnce(t *testing.T) {
	withHub(t, []string{"mira"}, func(h *Hub, peers map[string]net.Conn) {
		many := make([]chat.Announcement, queuedAnnouncements)
		for i := range many {
			many[i] = changed(1, "mira")
		}
		h.Deliver(many)
		h.Deliver([]chat.Announcement{{Event: chat.SessionsEnded{User: "mira", IDs: []string{"smira"}}}})
		if texts, code := heard(t, peers["mira"]); code != wire.CloseEnded || len(texts) > 0 {
			t.Errorf("%d texts, code %d", len(texts), code)
		}
	})
}

func TestTypingIsDroppedWhenTheQueueIsHalfFull(t *testing.T) {
	q := newQueue()
	typing := []chat.Announcement{{Event: chat.Typing{Room: "r", User: "mira"}}}
	for range 2 * queuedAnnouncements {
		if dropped := q.put(typing, time.Now()); len(dropped) > 0 {
			t.Fatal("typing caused other announcements to be dropped")
		}
	}
	if as, _, dropped, _ := q.take(); len(as) != queuedAnnouncements/2 || dropped {
		t.Errorf("%d wait, dropped %v", len(as), dropped)
	}
	q.close()
	if q.put(typing, time.Now()); len(q.wait) > 0 {
		t.Error("a closed queue holds something")
	}
}
