package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

const canary = "CANARY-7f3a"

// house is a running server with people in it, each with a token.
type house struct {
	t     *testing.T
	dir   string // its data
	url   string
	token map[string]string
	id    map[string]string

	mu      sync.Mutex
	clients map[string]*client.Client // by token
}

func open(t *testing.T) *house {
	t.Helper()
	return openIn(t, t.TempDir(), true)
}

// openIn opens a house in a directory, with or without rate limits.
func openIn(t *testing.T, dir string, limits bool) *house {
	t.Helper()
	ctx := context.Background()
	s, err := server.Start(ctx, server.Config{Addr: "127.0.0.1:0", Data: dir, RateLimits: limits}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	h := &house{
		t: t, dir: dir, url: strings.Replace(s.URL(), "localhost", "127.0.0.1", 1),
		token: map[string]string{}, id: map[string]string{}, clients: map[string]*client.Client{},
	}
	h.add("ada", chat.Owner)
	h.add("alice")
	h.add("bob")
	h.add("eve")
	h.add("gus", chat.Guest)
	return h
}

// add makes somebody, a member unless said, with a token.
func (h *house) add(handle string, role ...chat.Role) {
	h.t.Helper()
	h.admin(func(ctx context.Context, a server.Admin) (err error) {
		h.id[handle], err = a.AddUser(ctx, chat.CommandLineUser{
			Email: handle + "@example.com", Name: handle, Handle: handle, Role: append(role, chat.Member)[0], Password: "a quiet place to eat",
		})
		return err
	})
	h.addToken(handle)
}

func (h *house) addToken(handle string) {
	h.t.Helper()
	h.admin(func(ctx context.Context, a server.Admin) (err error) {
		h.token[handle], err = a.AddToken(ctx, handle, "test")
		return err
	})
}

// admin does what commands beside the server do.
func (h *house) admin(do func(context.Context, server.Admin) error) {
	h.t.Helper()
	ctx := context.Background()
	a, done, err := server.OpenAdmin(ctx, h.dir)
	if err == nil {
		err = errors.Join(do(ctx, a), done())
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// as is the one client of somebody's present token.
func (h *house) as(handle string) *client.Client {
	h.mu.Lock()
	defer h.mu.Unlock()
	token := h.token[handle]
	if h.clients[token] == nil {
		h.clients[token] = client.New(h.url, token)
	}
	return h.clients[token]
}

// raw sends a request and gives status, and the body less its request id.
func (h *house) raw(handle, method, path, body string) (int, string) {
	h.t.Helper()
	req, err := http.NewRequest(method, h.url+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.token[handle])
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return resp.StatusCode, regexp.MustCompile(`"request_id":"[^"]*"`).ReplaceAllString(string(b), "")
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func uuid(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// TestPrivateRoomLeaksThroughNoRoute (AZ-01, AZ-02, AZ-04): every route of the description, for a stranger, a guest and an
// owner of the workspace who is not in the room, answers for a private or direct room what it answers for none.
func TestPrivateRoomLeaksThroughNoRoute(t *testing.T) {
	h, ctx := open(t), context.Background()
	bob := h.as("bob")
	private := must[wire.MyRoom](t)(bob.AddRoom(ctx, wire.NewRoomBody{Kind: "private", Name: "canary-7f3a", Topic: canary, Members: []string{h.id["alice"]}})).ID
	direct := must[wire.MyRoom](t)(bob.AddRoom(ctx, wire.NewRoomBody{Kind: "direct", Members: []string{h.id["alice"]}})).ID
	for i, room := range []string{private, direct} {
		must[wire.Message](t)(bob.Post(ctx, room, wire.PostMessage{ClientID: uuid(i + 1), Text: canary + " @alice"}))
		must[wire.Message](t)(bob.Edit(ctx, room, 1, canary+" again"))
		must[wire.Message](t)(bob.React(ctx, room, 1, "🎉", true))
	}
	_, description := h.raw("eve", http.MethodGet, "/api/openapi.json", "")
	var api struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(description), &api); err != nil {
		t.Fatal(err)
	}
	bodies := map[string]string{ // what each route needs to get as far as the permission
		"PATCH /api/v1/rooms/{room}": `{"topic":"x"}`, "PATCH /api/v1/rooms/{room}/me": `{"starred":true}`, "PUT /api/v1/rooms/{room}/read": `{"seq":1}`,
		"POST /api/v1/rooms/{room}/messages": `{"client_id":"` + uuid(9) + `","text":"x"}`, "PATCH /api/v1/rooms/{room}/messages/{seq}": `{"text":"x"}`,
	}
	queries := map[string]string{"GET /api/v1/rooms/{room}/changes": "?since=0"}
	routes := 0
	for path, methods := range api.Paths {
		for m := range methods {
			method := strings.ToUpper(m)
			fill := func(room string) string {
				return strings.NewReplacer("{room}", room, "{seq}", "1", "{emoji}", "%F0%9F%8E%89", "{user}", h.id["alice"], "{id}", "aaaaaaaaaaaa").Replace(path) + queries[method+" "+path]
			}
			for _, who := range []string{"eve", "gus", "ada"} {
				if !strings.Contains(path, "{room}") {
					if method != http.MethodGet {
						continue
					}
					if status, body := h.raw(who, method, fill(""), ""); strings.Contains(body, canary) || strings.Contains(body, "canary-7f3a") || strings.Contains(body, private) || status >= 500 {
						t.Errorf("%s: %s %s shows the private room (%d): %s", who, method, path, status, body)
					}
					continue
				}
				routes++
				wantStatus, want := h.raw(who, method, fill("zzzzzzzzzzzz"), bodies[method+" "+path])
				if wantStatus != http.StatusNotFound {
					t.Errorf("%s: %s %s of no room: %d %s", who, method, path, wantStatus, want)
				}
				for _, room := range []string{private, direct} {
					if status, body := h.raw(who, method, fill(room), bodies[method+" "+path]); status != wantStatus || body != want {
						t.Errorf("%s: %s %s\n got %d %s\nwant %d %s", who, method, path, status, body, wantStatus, want)
					}
				}
			}
		}
	}
	if routes < 3*17 {
		t.Fatalf("only %d routes with a room: the table is not the API", routes)
	}
	page := must[wire.Page](t)(bob.Page(ctx, private, nil))
	if len(page.Messages) != 1 || page.Head != 3 {
		t.Errorf("the attack changed the room: %d messages, head %d", len(page.Messages), page.Head)
	}
	// Browsing and a public room of the same name tell nothing either; an admin enters by the one door that is told.
	if _, body := h.raw("eve", http.MethodGet, "/api/v1/rooms?browse=true&q=canary", ""); strings.Contains(body, private) {
		t.Error("browsing shows the private room")
	}
	must[wire.MyRoom](t)(h.as("eve").AddRoom(ctx, wire.NewRoomBody{Kind: "public", Name: "canary-7f3a"}))
	must[wire.Member](t)(h.as("ada").PutMember(ctx, private, h.id["ada"], ""))
	if page = must[wire.Page](t)(bob.Page(ctx, private, nil)); page.Messages[len(page.Messages)-1].System == nil {
		t.Error("an admin entered and the room was not told")
	}
}

// listen gathers events until one that holds last.
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

// TestPrivateRoomLeaksThroughNoEvent: whatever happens in a private room, a stranger's socket that asks for it hears
// nothing of it, and a member's hears every kind.
func TestPrivateRoomLeaksThroughNoEvent(t *testing.T) {
	h, ctx := open(t), context.Background()
	alice, bob, eve := h.as("alice"), h.as("bob"), h.as("eve")
	general := must[[]wire.MyRoom](t)(bob.Rooms(ctx))[0].ID
	room := must[wire.MyRoom](t)(bob.AddRoom(ctx, wire.NewRoomBody{Kind: "private", Name: "canary-7f3a", Members: []string{h.id["alice"]}})).ID
	heard := map[string]<-chan []client.Event{}
	lives := map[string]*client.Live{}
	for name, c := range map[string]*client.Client{"alice": alice, "bob": bob, "eve": eve, "gus": h.as("gus"), "ada": h.as("ada")} {
		l := must[*client.Live](t)(c.Dial(ctx))
		t.Cleanup(func() { _ = l.Close() })
		lives[name] = l
		if err := l.Send(map[string]any{"type": "open", "room": room}); err != nil {
			t.Fatal(err)
		}
		if err := l.Send(map[string]any{"type": "watch", "users": []string{h.id["bob"]}}); err != nil {
			t.Fatal(err)
		}
		last := "the end of it"
		if name == "gus" {
			continue // a guest without rooms hears no end: looked at apart
		}
		heard[name] = listen(t, l, last)
	}
	time.Sleep(100 * time.Millisecond) // the opens have been taken
	for _, who := range []string{"bob", "eve"} {
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
	must[wire.Message](t)(bob.Post(ctx, room, wire.PostMessage{ClientID: uuid(1), Text: canary}))
	root := int64(1)
	must[wire.Message](t)(bob.Post(ctx, room, wire.PostMessage{ClientID: uuid(2), Text: canary, Thread: &root}))
	must[wire.Message](t)(bob.Edit(ctx, room, 1, canary+" edited"))
	must[wire.Message](t)(bob.React(ctx, room, 1, "🎉", true))
	must[wire.MyRoom](t)(alice.SetRead(ctx, room, 1))
	do(bob.Do(ctx, http.MethodPatch, "/rooms/"+room, map[string]string{"topic": canary}, nil))
	do(alice.Do(ctx, http.MethodPatch, "/rooms/"+room+"/me", map[string]bool{"starred": true}, nil))
	must[wire.Member](t)(bob.PutMember(ctx, room, h.id["eve"], ""))
	do(bob.RemoveMember(ctx, room, h.id["eve"]))
	do(bob.Delete(ctx, room, 2))
	do(bob.RemoveMember(ctx, room, h.id["alice"]))
	must[wire.Message](t)(bob.Post(ctx, general, wire.PostMessage{ClientID: uuid(3), Text: "the end of it"}))

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
			t.Fatalf("%s never heard the end", name)
		}
	}
	for _, kind := range []string{"typing", "message", "reaction", "read", "room", "my_room", "members", "left"} {
		if !slices.Contains(kinds["alice"], kind) {
			t.Errorf("alice, a member, heard no %s: the test proves nothing", kind)
		}
	}
	if len(kinds["ada"]) > 0 {
		t.Errorf("ada, an owner of the workspace and no member, heard %v", kinds["ada"])
	}
	// eve was a member between two commands, in which nothing was posted: her entry, the membership, her leaving.
	if got := strings.Join(kinds["eve"], " "); got != "joined members left" {
		t.Errorf("eve heard %q", got)
	}
	if kinds["alice"][len(kinds["alice"])-1] != "left" {
		t.Errorf("alice heard something after she was removed: %v", kinds["alice"])
	}
}
