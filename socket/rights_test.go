package socket_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// until reads frames until one contains text, and gives all. It fails after 5 s.
func until(t *testing.T, ws *websocket.Conn, text string) string {
	t.Helper()
	all := ""
	for !strings.Contains(all, text) {
		if err := ws.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		_, frame, err := ws.ReadMessage()
		if err != nil {
			t.Fatalf("no %s: %v, after %s", text, err, all)
		}
		all += string(frame)
	}
	return all
}

// say writes one frame.
func say(t *testing.T, ws *websocket.Conn, frame string) {
	t.Helper()
	if err := ws.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		t.Fatal(err)
	}
}

// watching is the command to watch users, by handle.
func watching(h *world.World, handles ...string) string {
	ids := make([]string, len(handles))
	for i, handle := range handles {
		ids[i] = h.ID[handle]
	}
	b, err := json.Marshal(map[string]any{"type": "watch", "users": ids})
	if err != nil {
		return ""
	}
	return string(b)
}

// TestPresenceEndsWithTheRightToIt: who becomes a guest, or shares the last room no more, is told nothing further of strangers, neither
// when their presence changes nor when asking again over the open socket.
func TestPresenceEndsWithTheRightToIt(t *testing.T) {
	ctx := context.Background()
	leave := func(h *world.World, who, room string) error { return h.As(who).RemoveMember(ctx, room, h.ID[who]) }
	for what, c := range map[string]struct {
		role chat.Role
		ends func(h *world.World, room string) error
	}{
		"a member becomes a guest": {chat.Member, func(h *world.World, room string) error {
			return errors.Join(leave(h, "gus", room), leave(h, "gus", h.General()), h.Patch("ada", "gus", wire.UpdateUser{Role: new("guest")}))
		}},
		"a guest is removed from the last room": {chat.Guest, func(h *world.World, room string) error {
			return h.As("ada").RemoveMember(ctx, room, h.ID["gus"])
		}},
		"the other one leaves the last room": {chat.Guest, func(h *world.World, room string) error { return leave(h, "sam", room) }},
	} {
		t.Run(what, func(t *testing.T) {
			h := world.OpenFast(t)
			h.Add("gus", c.role)
			room := h.Room("ada", "private", "plans", "gus", "sam")
			gus, _ := dial(t, h, "gus", nil)
			sam, _ := dial(t, h, "sam", nil)
			until(t, sam, "hello")
			say(t, gus, watching(h, "sam", "ada"))
			until(t, gus, `"presence"`)
			say(t, sam, `{"type":"presence","state":"away"}`)
			until(t, gus, `"`+h.ID["sam"]+`":"away"`)
			if err := c.ends(h, room); err != nil {
				t.Fatal(err)
			}
			say(t, sam, `{"type":"presence","state":"active"}`)
			time.Sleep(2500 * time.Millisecond) // presence is told each second
			say(t, gus, watching(h, "sam"))
			say(t, gus, `{"type":"ping"}`)
			if all := until(t, gus, `"pong"`); strings.Contains(all, h.ID["sam"]+`":"`) {
				t.Errorf("heard of a stranger: %s", all)
			}
		})
	}
}

// TestSocketEndsWhenItsTokenExpires: within a second, also where nobody says anything, and nothing is sent any more.
func TestSocketEndsWhenItsTokenExpires(t *testing.T) {
	h, ctx := world.OpenFast(t), context.Background()
	general := h.General()
	for what, posting := range map[string]bool{"while others post": true, "in silence": false} {
		made := world.Must[wire.MadeToken](t)(h.SignIn("sam").AddToken(ctx, wire.NewTokenBody{Name: "test", ExpiresIn: new(int64(2))}))
		h.Token["sam"] = made.Secret
		ws, _ := dial(t, h, "sam", nil)
		over, stop := made.Token.ExpiresAt.Time, make(chan struct{})
		go func() {
			defer close(stop)
			for n := 0; posting && time.Since(over) < 500*time.Millisecond; n++ {
				h.Post("jonas", general, n)
			}
		}()
		var last time.Time // of the last message
		code := 0
		for code == 0 {
			_, frame, err := ws.ReadMessage()
			if e, ok := errors.AsType[*websocket.CloseError](err); ok {
				code = e.Code
			} else if err != nil {
				t.Fatal(err)
			}
			for _, part := range strings.Split(string(frame), `"created_at":"`)[1:] {
				last = world.Must[time.Time](t)(time.Parse(time.RFC3339, part[:strings.Index(part, `"`)]))
			}
		}
		if late := time.Since(over); code != wire.CloseEnded || late > 1200*time.Millisecond || late < 0 {
			t.Errorf("%s: closed with %d %v after the token's end", what, code, late)
		}
		if last.After(over) || posting == last.IsZero() {
			t.Errorf("%s: the last message is of %v, the token's end was %v", what, last, over)
		}
		if _, err := client.New(h.URL, made.Secret).Me(ctx); client.Status(err) != http.StatusUnauthorized {
			t.Errorf("%s: a request: %v", what, err)
		}
		<-stop
	}
}
