package rest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestForward (AZ-09): a forwarded message names its origin, and holds nothing of it, neither in answers nor in events. Who sees the
// origin's room reads it as it is now; to others it is as if it was never posted.
func TestForward(t *testing.T) {
	h := world.Open(t)
	ctx := context.Background()
	leads := h.Room("ada", "private", "leads", "sam")
	lunch := h.Room("ada", "public", "lunch", "sam", "mira")
	live := h.Live("mira")
	secret := h.Say("sam", leads, 1, "CANARY soup")
	m := world.Must[wire.Message](t)(h.As("ada").Post(ctx, lunch, wire.PostMessage{
		ClientID: world.UUID(2), Forward: &wire.Origin{Room: leads, Seq: secret.Seq},
	}))
	if m.Text != "" || m.Origin == nil || *m.Origin != (wire.Origin{Room: leads, Seq: secret.Seq}) {
		t.Fatalf("posted %+v", m)
	}
	for _, e := range world.UpTo(t, live, "message", `"origin"`) {
		if strings.Contains(string(e.JSON), "CANARY") {
			t.Errorf("an event tells of it: %s", e.JSON)
		}
	}
	for _, path := range []string{"/messages", "/messages/1", "/changes?since=0"} {
		status, body := h.Raw("mira", http.MethodGet, "/api/v1/rooms/"+lunch+path, "")
		if status != http.StatusOK || strings.Contains(body, "CANARY") || !strings.Contains(body, "origin") {
			t.Errorf("%s answers %d %s", path, status, body)
		}
	}
	read := func(who string) (wire.Message, error) {
		return world.Get[wire.Message](ctx, h.As(who), "/rooms/"+leads+"/messages/1")
	}
	if _, err := read("mira"); client.Code(err) != client.NotFound {
		t.Errorf("who is not in its room reads the origin: %v", err)
	}
	world.Must[wire.Message](t)(h.As("sam").Edit(ctx, leads, secret.Seq, "Soup"))
	if now, err := read("ada"); err != nil || now.Text != "Soup" {
		t.Errorf("the origin is %q (%v)", now.Text, err)
	}
	forward := `{"forward":{"room":"` + leads + `","seq":1}}`
	if status, body := h.Raw("mira", http.MethodPost, "/api/v1/rooms/"+lunch+"/messages", forward); status != http.StatusNotFound {
		t.Errorf("who does not see it forwards it: %d %s", status, body)
	}
}
