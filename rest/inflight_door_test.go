package rest_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// holdBack begins a post of a user to a room, with a body of 1 MB of which it sends a part.
func holdBack(t *testing.T, w *world.World, user, room, part string) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(w.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := fmt.Fprintf(c, "POST /api/v1/rooms/%s/messages HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n", room,
		strings.TrimPrefix(w.URL, "http://"), w.Token[user]); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		t.Fatalf("a request of %s: %q, %v", user, line, err)
	}
	_, _ = c.Write([]byte(part)) // the server may refuse it while it is sent
}

// ownBots makes bots of Mira.
func ownBots(t *testing.T, w *world.World, handles ...string) {
	t.Helper()
	mira := w.SignIn("mira")
	for _, handle := range handles {
		b := world.Must[wire.User](t)(mira.MakeBot(t.Context(), wire.NewBotBody{Name: handle, Handle: handle}))
		w.Token[handle] = world.Must[wire.MadeToken](t)(mira.AddBotToken(t.Context(), b.ID, wire.NewTokenBody{Name: "ci"})).Secret
	}
}

// TestHeldBackRequestsAreBounded: whoever holds back the bodies of all their requests gets 429 for a further one, and nobody else does.
// The server asks for each body with 100 Continue, so it has begun with those requests.
func TestHeldBackRequestsAreBounded(t *testing.T) {
	h := world.Open(t)
	room := h.General()
	for range chat.MaxInFlight {
		holdBack(t, h, "mira", room, "")
	}
	path := "/api/v1/rooms/" + room + "/messages"
	r := h.Send(http.MethodGet, path, "", http.Header{"Authorization": {"Bearer " + h.Token["mira"]}})
	if r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d, %v", r.StatusCode, r.Header)
	}
	if status, body := h.Raw("jonas", http.MethodGet, path, ""); status != http.StatusOK {
		t.Errorf("another user: %d %s", status, body)
	}
}

// TestRequestsOfBotsOfOneOwnerAreBounded together: the bots of one person take no more of the server than one user. They keep their owner
// from nothing.
func TestRequestsOfBotsOfOneOwnerAreBounded(t *testing.T) {
	w := world.Open(t)
	ownBots(t, w, "builds", "deploys")
	room := w.General()
	for range chat.MaxInFlight {
		holdBack(t, w, "builds", room, "")
	}
	for who, want := range map[string]int{"deploys": http.StatusTooManyRequests, "mira": http.StatusOK} {
		if status, body := w.Raw(who, http.MethodGet, "/api/v1/me", ""); status != want {
			t.Errorf("%s: %d %s", who, status, body)
		}
	}
}

// TestHeldBodiesOfBotsOfOneOwner take the share of one user: with two of them, ten bots would take all that there is for everybody.
func TestHeldBodiesOfBotsOfOneOwner(t *testing.T) {
	w := world.OpenFast(t)
	ownBots(t, w, "builds", "deploys")
	room := w.General()
	long := `{"text":"hello"` + strings.Repeat(" ", 900_000) + "}"
	post := func(who string) int {
		status, _ := w.Raw(who, http.MethodPost, "/api/v1/rooms/"+room+"/messages", long)
		return status
	}
	world.Eventually(t, "another bot has to wait", func() bool {
		holdBack(t, w, "builds", room, "{"+strings.Repeat(" ", 999_000))
		return post("deploys") == http.StatusServiceUnavailable
	})
	if got := post("mira"); got != http.StatusCreated {
		t.Errorf("their owner, meanwhile: %d", got)
	}
}
