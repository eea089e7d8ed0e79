package socket_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

const another = "another quiet place"

// TestWS05Revocation posts messages while a user loses access to a room, or a session ends. Messages posted afterwards must not
// arrive, and sockets of ended sessions must be closed with 4001.
func TestWS05Revocation(t *testing.T) {
	h, ctx := world.OpenFast(t), context.Background()
	mira, ada, ends := h.As("mira"), h.As("ada"), 0
	for what, revoke := range map[string]func(room, user string, own, other *client.Client) error{
		"removed": func(room, user string, _, _ *client.Client) error { return mira.RemoveMember(ctx, room, h.ID[user]) },
		"leaving": func(room, user string, _, other *client.Client) error {
			return other.RemoveMember(ctx, room, h.ID[user])
		},
		"deactivated": func(_, user string, _, _ *client.Client) error {
			return ada.Do(ctx, http.MethodPatch, "/users/"+h.ID[user], wire.UpdateUser{Deactivated: new(true)}, nil)
		},
		"another password": func(_, _ string, _, other *client.Client) error {
			return other.Do(ctx, http.MethodPost, "/me/password", map[string]string{"current": world.Password, "new": another}, nil)
		},
		"signed out": func(_, _ string, own, _ *client.Client) error {
			return own.Do(ctx, http.MethodDelete, "/session", nil, nil)
		},
		"session ended from another": func(_, _ string, own, other *client.Client) error {
			all, err := world.Get[wire.Sessions](ctx, own, "/sessions")
			for _, s := range all.Sessions {
				if s.Current {
					return other.Do(ctx, http.MethodDelete, "/sessions/"+s.ID, nil, nil)
				}
			}
			return errors.Join(err, errors.New("no session"))
		},
	} {
		t.Run(what, func(t *testing.T) {
			user := "u" + strings.ReplaceAll(what, " ", "-")
			h.Add(user, chat.Member)
			room := h.Room("mira", "private", user, user, "jonas")
			own, other := h.SignIn(user), h.SignIn(user)
			l := world.Must[*client.Live](t)(own.Dial(ctx))
			defer l.Close()
			stays := what == "removed" || what == "leaving"
			heard := make(chan []client.Event)
			go func() { heard <- drain(t, l, stays) }()
			through(t, h, room, func() error { return revoke(room, user, own, other) })
			if stays {
				ends++
				h.Post("jonas", h.General(), ends)
			}
			before := 0
			for _, e := range <-heard {
				if strings.Contains(string(e.JSON), "after the moment") {
					t.Errorf("heard %s", e.JSON)
				}
				if strings.Contains(string(e.JSON), "before the moment") {
					before++
				}
			}
			if before == 0 {
				t.Error("heard nothing from before either")
			}
		})
	}
}

// drain collects events until the close, which must be 4001. A connection that stays open is read until the last message of the test.
func drain(t *testing.T, l *client.Live, stays bool) (all []client.Event) {
	for {
		e, err := l.Next()
		if err != nil {
			if c, ok := errors.AsType[*websocket.CloseError](err); stays || !ok || c.Code != wire.CloseEnded {
				t.Errorf("ended with %v", err)
			}
			return all
		}
		if all = append(all, e); stays && strings.Contains(string(e.JSON), `"text":"hello"`) {
			return all
		}
	}
}

// through posts without pauses from two clients while revoke runs. The text of each message says whether revoke had returned before.
func through(t *testing.T, h *world.World, room string, revoke func() error) {
	t.Helper()
	var posting sync.WaitGroup
	var over atomic.Bool
	halfway, once := make(chan struct{}), sync.Once{}
	for side, who := range []string{"mira", "jonas"} {
		posting.Go(func() {
			for after, n := 0, 0; after < 40; n++ {
				text := "before the moment"
				if over.Load() {
					text, after = "after the moment", after+1
				}
				body := wire.PostMessage{ClientID: world.UUID(n*2 + side), Text: text}
				if _, err := h.As(who).Post(context.Background(), room, body); err != nil {
					t.Errorf("post: %v", err)
					return
				}
				if n == 40 {
					once.Do(func() { close(halfway) })
				}
			}
		})
	}
	<-halfway
	if err := revoke(); err != nil {
		t.Errorf("revoking: %v", err)
	}
	over.Store(true)
	posting.Wait()
}

// TestWS06EventsShowWhatRESTShows: an event contains only data that its receiver could fetch, in the same form. The events of a
// deletion do not contain the deleted text.
func TestWS06EventsShowWhatRESTShows(t *testing.T) {
	h, ctx := world.OpenFast(t), context.Background()
	jonas, mira := h.As("jonas"), h.As("mira")
	room := h.Room("jonas", "private", "leads", "mira")
	l := h.Live("mira")
	at := "/rooms/" + room
	root, lunch := int64(1), &wire.NewPoll{Options: []string{"soup", "salad"}}
	for _, c := range []struct {
		what string
		do   func() error
	}{
		{"post", func() error {
			_, err := jonas.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(1), Text: canary + " @mira 🎉", Poll: lunch})
			return err
		}},
		{"edit", func() error { _, err := jonas.Edit(ctx, room, 1, canary+" `again` @mira"); return err }},
		{"react", func() error { _, err := jonas.React(ctx, room, 1, "🎉", true); return err }},
		{"take back", func() error { _, err := jonas.React(ctx, room, 1, "🎉", false); return err }},
		{"vote", func() error { _, err := jonas.Vote(ctx, room, 1, 0); return err }},
		{"close", func() error { _, err := jonas.ClosePoll(ctx, room, 1); return err }},
		{"reply", func() error {
			_, err := jonas.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(2), Text: "re", Thread: &root, AlsoInRoom: true})
			return err
		}},
		{"topic", func() error { return jonas.Do(ctx, http.MethodPatch, at, map[string]string{"topic": "news"}, nil) }},
		{"role", func() error { _, err := jonas.PutMember(ctx, room, h.ID["mira"], "owner"); return err }},
		{"star", func() error { return mira.Do(ctx, http.MethodPatch, at+"/me", map[string]bool{"starred": true}, nil) }},
		{"read", func() error { _, err := mira.SetRead(ctx, room, 1); return err }},
		{"profile", func() error { return jonas.Do(ctx, http.MethodPatch, "/me", map[string]string{"title": "Cook"}, nil) }},
		{"delete", func() error { return jonas.Delete(ctx, room, 1) }},
	} {
		if err := c.do(); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		if err := l.Send(map[string]string{"type": "ping"}); err != nil { // the event comes before the pong
			t.Fatal(err)
		}
		events := world.UpTo(t, l, "pong", "")
		if len(events) == 0 {
			t.Errorf("%s: no event", c.what)
		}
		for _, e := range events {
			audit(t, h, c.what, room, e)
			if c.what == "delete" && strings.Contains(string(e.JSON), canary) {
				t.Errorf("the event of the deletion contains the text: %s", e.JSON)
			}
		}
	}
}

// audit compares an event with what mira can fetch.
func audit(t *testing.T, h *world.World, what, room string, e client.Event) {
	t.Helper()
	said := parsed[map[string]any](t, e.JSON)
	fetch := func(path string) any {
		return world.Must[any](t)(world.Get[any](context.Background(), h.As("mira"), path))
	}
	message := func(seq any) map[string]any {
		return fetch(fmt.Sprintf("/rooms/%s/messages/%v", room, seq)).(map[string]any)
	}
	var part, whole any
	switch e.Type {
	case "notify":
		part, whole = said["seq"], message(said["seq"])["seq"]
	case "message":
		m := said["message"].(map[string]any)
		part, whole = m, message(m["seq"])
		if m["rev"] != said["rev"] {
			t.Errorf("%s: two revs in %s", what, e.JSON)
		}
	case "reaction":
		r := said["reaction"].(map[string]any)
		part, whole = []any{r}, message(said["seq"])["reactions"]
		if r["count"] == 0.0 {
			part = []any{}
		}
	case "poll":
		part, whole = said["poll"], message(said["seq"])["poll"]
	case "room", "my_room":
		part, whole = said["room"], fetch("/rooms/"+room)
	case "members", "read":
		delete(said, "type")
		delete(said, "room")
		if seq, ok := said["seq"]; ok {
			said["read_seq"] = seq
			delete(said, "seq")
		}
		part, whole = said, fetch("/rooms/"+room)
	case "user":
		part, whole = said["user"], fetch("/users/"+h.ID["jonas"])
	default:
		t.Errorf("%s: no rule for %s", what, e.JSON)
	}
	if why := within(part, whole); why != "" {
		t.Errorf("%s: %s\n says %v\nREST %v", what, why, part, whole)
	}
}

// within says which part differs from whole; "" if part is contained in whole.
func within(part, whole any) string {
	switch p := part.(type) {
	case map[string]any:
		w, ok := whole.(map[string]any)
		if !ok {
			return "an object where there is none"
		}
		for k, v := range p {
			if why := within(v, w[k]); why != "" {
				return k + ": " + why
			}
		}
		return ""
	case []any:
		w, ok := whole.([]any)
		if !ok || len(p) != len(w) {
			return "a list of another length"
		}
		for i := range p {
			if why := within(p[i], w[i]); why != "" {
				return fmt.Sprintf("%d: %s", i, why)
			}
		}
		return ""
	}
	if !reflect.DeepEqual(part, whole) {
		return fmt.Sprintf("%v where REST says %v", part, whole)
	}
	return ""
}

func parsed[T any](t *testing.T, b []byte) (out T) {
	t.Helper()
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
