package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// In each round access ends while its holder uses it. Once the end is acknowledged nothing more is answered, and nothing that comes
// later is heard.

// listener reads a socket, and can wait for the answer to a ping.
type listener struct {
	t    *testing.T
	live *client.Live
}

func listen(t *testing.T, c *client.Client) *listener {
	t.Helper()
	return &listener{t, world.Must[*client.Live](t)(c.Dial(context.Background()))}
}

func (l *listener) send(command any) { _ = l.live.Send(command) } // fails once the connection is closed, which the reader sees

// settled gives what came until the pong, or until the connection ended.
func (l *listener) settled() string {
	l.send(map[string]string{"type": "ping"})
	return l.rest("pong")
}

// rest gives what comes until an event of a type, or until the connection ends.
func (l *listener) rest(last string) string {
	var all strings.Builder
	for {
		e, err := l.live.Next()
		if err != nil || e.Type == last {
			return all.String()
		}
		all.Write(e.JSON)
	}
}

func TestRCDemoteAndWatch(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	h.Add("gus", chat.Admin)
	for _, room := range world.Must[[]wire.MyRoom](t)(h.As("gus").Rooms(ctx)) {
		if err := h.As("gus").RemoveMember(ctx, room.ID, h.ID["gus"]); err != nil {
			t.Fatal(err)
		}
	}
	l := listen(t, h.As("gus"))
	defer l.live.Close()
	stranger := h.ID["sam"]
	watch := map[string]any{"type": "watch", "users": []string{stranger}}
	for i := range n {
		demoted, act := both(t,
			func() error { return h.Patch("ada", "gus", wire.UpdateUser{Role: new("guest")}) },
			func() error {
				l.send(watch)
				return h.Patch("gus", "sam", wire.UpdateUser{Title: new("by gus")})
			})
		oneOf(t, "the demotion", demoted, 0)
		oneOf(t, "the admin's command", act, 0, http.StatusForbidden, http.StatusNotFound)
		l.settled()
		l.send(watch)
		if heard := l.settled(); strings.Contains(heard, stranger) {
			t.Fatalf("round %d: a guest heard of a stranger: %s", i, heard)
		}
		if status, body := h.Raw("gus", http.MethodGet, "/api/v1/users", ""); status != http.StatusOK || strings.Contains(body, stranger) {
			t.Fatalf("round %d: a guest read of a stranger: %d %s", i, status, body)
		}
		if status, _ := h.Raw("gus", http.MethodPatch, "/api/v1/users/"+stranger, `{"title":"later"}`); status != http.StatusNotFound {
			t.Fatalf("round %d: a guest administered: %d", i, status)
		}
		if err := h.Patch("ada", "gus", wire.UpdateUser{Role: new("admin")}); err != nil {
			t.Fatal(err)
		}
		l.settled()
	}
}

func TestRCRemoveAndDeliver(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	room := h.Room("jonas", "private", "plans", "mira")
	l := listen(t, h.As("sam"))
	defer l.live.Close()
	for i := range n {
		if _, err := h.As("jonas").PutMember(ctx, room, h.ID["sam"], ""); err != nil {
			t.Fatal(err)
		}
		l.settled()
		removed, posted := both(t,
			func() error { return h.As("jonas").RemoveMember(ctx, room, h.ID["sam"]) },
			func() error {
				_, err := h.As("mira").Post(ctx, room, wire.PostMessage{ClientID: world.UUID(2 * i), Text: "in between"})
				return err
			})
		oneOf(t, "removal and post", removed+posted, 0)
		h.Say("mira", room, 2*i+1, "after the moment")
		heard := l.settled()
		if gone := strings.Index(heard, `"type":"left"`); gone < 0 || strings.Contains(heard[gone+1:], `"type":"message"`) ||
			strings.Contains(heard, "after the moment") {
			t.Fatalf("round %d: heard %s", i, heard)
		}
		if status, _ := h.Raw("sam", http.MethodGet, "/api/v1/rooms/"+room+"/messages", ""); status != http.StatusNotFound {
			t.Fatalf("round %d: read the room: %d", i, status)
		}
	}
}

// ended posts to a room after access has ended, and fails if the token still answers or its socket heard that or was closed otherwise
// than with 4001.
func ended(t *testing.T, h *world.World, l *listener, secret, room string, n int) {
	t.Helper()
	h.Say("jonas", room, n, "after the moment")
	if _, err := client.New(h.URL, secret).Me(context.Background()); client.Status(err) != http.StatusUnauthorized {
		t.Fatalf("round %d: answered: %v", n, err)
	}
	began := time.Now()
	if heard := l.rest("none"); strings.Contains(heard, "after the moment") || time.Since(began) > 5*time.Second {
		t.Fatalf("round %d: after %v: heard %s", n, time.Since(began), heard)
	}
	_ = l.live.Close()
}

func TestRCDeactivateAndListen(t *testing.T) {
	h, n := racing(t)
	general := h.General()
	h.Add("dan", chat.Member)
	for i := range n {
		l := listen(t, h.As("dan"))
		gone, act := both(t,
			func() error { return h.Patch("ada", "dan", wire.UpdateUser{Deactivated: new(true)}) },
			func() error {
				_, err := h.As("dan").Post(context.Background(), general, wire.PostMessage{ClientID: world.UUID(100000 + i), Text: "last words"})
				return err
			})
		oneOf(t, "the deactivation", gone, 0)
		oneOf(t, "the post", act, 0, http.StatusUnauthorized)
		ended(t, h, l, h.Token["dan"], general, i)
		if err := h.Patch("ada", "dan", wire.UpdateUser{Deactivated: new(false)}); err != nil {
			t.Fatal(err)
		}
		h.AddToken("dan")
	}
}

func TestRCRevokeAndUse(t *testing.T) {
	h, n := racing(t)
	ctx, general := context.Background(), h.General()
	sam := h.SignIn("sam")
	for i := range n {
		if i%100 == 99 {
			sam = h.SignIn("sam") // making tokens needs a password entered just now
		}
		made := world.Must[wire.MadeToken](t)(sam.AddToken(ctx, wire.NewTokenBody{Name: "race"}))
		by := client.New(h.URL, made.Secret)
		l := listen(t, by)
		revoked, act := both(t,
			func() error { return sam.Do(ctx, http.MethodDelete, "/tokens/"+made.Token.ID, nil, nil) },
			func() error {
				_, err := by.Post(ctx, general, wire.PostMessage{ClientID: world.UUID(100000 + i), Text: "last words"})
				return err
			})
		oneOf(t, "the revocation", revoked, 0)
		oneOf(t, "the post", act, 0, http.StatusUnauthorized)
		ended(t, h, l, made.Secret, general, i)
	}
}

// expiries is how many tokens expire at once: a token lives for a second at least.
const expiries = 40

func TestRCTokenExpires(t *testing.T) {
	h, n := racing(t)
	ctx, general := context.Background(), h.General()
	stop := make(chan struct{})
	var posting, wait sync.WaitGroup
	posting.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				h.Post("jonas", general, i)
			}
		}
	})
	for round := 0; round < n; round += expiries {
		sam := h.SignIn("sam")
		for range min(expiries, n-round) {
			made := world.Must[wire.MadeToken](t)(sam.AddToken(ctx, wire.NewTokenBody{Name: "race", ExpiresIn: new(int64(2))}))
			wait.Go(func() { expires(t, h, made) })
		}
		wait.Wait()
		for _, old := range world.Must[wire.Tokens](t)(world.Get[wire.Tokens](ctx, sam, "/tokens")).Tokens {
			if old.Name == "race" {
				if err := sam.Do(ctx, http.MethodDelete, "/tokens/"+old.ID, nil, nil); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	close(stop)
	posting.Wait()
}

// expires uses a token until it is refused, which must be no later than its end, and reads its socket until that is closed.
func expires(t *testing.T, h *world.World, made wire.MadeToken) {
	by, over := client.New(h.URL, made.Secret), made.Token.ExpiresAt.Time
	live, err := by.Dial(context.Background())
	if err != nil {
		t.Errorf("dial: %v", err)
		return
	}
	defer live.Close()
	time.Sleep(time.Until(over) - 30*time.Millisecond)
	for asked, refused := time.Now(), false; !refused; asked = time.Now() {
		_, err := by.Me(context.Background())
		if refused = client.Status(err) == http.StatusUnauthorized; refused && time.Now().Before(over) {
			t.Errorf("refused %v early", time.Until(over))
		} else if !refused && (err != nil || asked.After(over)) {
			t.Errorf("asked %v after the end: %v", asked.Sub(over), err)
			return
		}
	}
	for heard := 0; ; heard++ {
		e, err := live.Next()
		if err != nil {
			if late := time.Since(over); heard == 0 || late > 3*time.Second {
				t.Errorf("closed %v after the end, heard %d events: %v", late, heard, err)
			}
			return
		}
		var m wire.MessageEvent
		if json.Unmarshal(e.JSON, &m) == nil && m.Message != nil && m.Message.CreatedAt.Time.After(over) {
			t.Errorf("heard a message of %v after the end", m.Message.CreatedAt.Sub(over))
		}
	}
}
