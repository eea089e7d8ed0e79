package socket

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/canteen-chat/canteen/chat"
)

// TestProbesOnlyListen: the socket of a probe is greeted and hears its own events, is counted nowhere, and may send nothing.
func TestProbesOnlyListen(t *testing.T) {
	seen := &counts{}
	h := New(Options{Clock: time.Now, Log: slog.New(slog.DiscardHandler), Meter: seen})
	defer h.Drain(context.Background())
	srv := httptest.NewServer(h.Handler(nil, Doors{Probe: func(*http.Request) string { return "probe-x" }}))
	defer srv.Close()
	client, early, _, err := ws.Dial(context.Background(), "ws"+strings.TrimPrefix(srv.URL, "http"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	from := struct {
		io.Reader
		io.Writer
	}{client, client}
	if early != nil {
		from.Reader = io.MultiReader(early, client)
	}
	heard := func() string {
		t.Helper()
		if err := client.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		b, err := wsutil.ReadServerText(from)
		if err != nil {
			return err.Error()
		}
		return string(b)
	}
	if got := heard(); !strings.Contains(got, `"type":"hello"`) {
		t.Fatal(got)
	}
	ours, peer := net.Pipe()
	defer func() { _, _ = ours.Close(), peer.Close() }()
	h.join(&conn{id: "m", net: ours, actor: chat.Actor{User: chat.User{ID: "mira"}}, clock: time.Now, meter: seen, writing: true})
	if sockets, users := h.Open(); sockets != 1 || users != 1 {
		t.Errorf("%d sockets of %d users beside the probe", sockets, users)
	}
	h.Deliver([]chat.Announcement{
		left("mira"), {Event: chat.RoomLeft{Room: "probe-x", User: "probe-x"}, To: []string{"probe-x", "mira"}},
	})
	if got := heard(); !strings.Contains(got, `"room":"probe-x"`) {
		t.Error(got)
	}
	seen.mu.Lock()
	if seen.delivered != 2 || len(seen.waited) != 0 {
		t.Errorf("%d deliveries and %d writes were counted", seen.delivered, len(seen.waited))
	}
	seen.mu.Unlock()
	if err := wsutil.WriteClientText(client, []byte(`{"type":"ping"}`)); err != nil {
		t.Fatal(err)
	}
	if got := heard(); !strings.Contains(got, "only listens") {
		t.Errorf("a command was answered with %s", got)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for end := time.Now().Add(5 * time.Second); h.users["probe-x"] != nil; time.Sleep(time.Millisecond) {
		h.mu.Unlock()
		if h.mu.Lock(); time.Now().After(end) {
			t.Fatal("the user of a probe stays in the hub")
		}
	}
	if h.dirty["probe-x"] {
		t.Error("a probe has a presence")
	}
}
