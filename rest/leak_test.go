package rest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

const canary = "CANARY-7f3a"

// TestPrivateRoomLeaksThroughNoRoute (AZ-01, AZ-02, AZ-04): for a private or direct room, every route in the description answers as for a
// room that does not exist. It tries a member, a guest and the owner of the workspace, none of whom is in the room.
func TestPrivateRoomLeaksThroughNoRoute(t *testing.T) {
	h, ctx := world.Open(t), context.Background()
	jonas := h.As("jonas")
	private := world.Must[wire.MyRoom](t)(jonas.AddRoom(ctx, wire.NewRoomBody{
		Kind: "private", Name: "canary-7f3a", Topic: canary, Members: []string{h.ID["mira"]},
	})).ID
	direct := h.Room("jonas", "direct", "", "mira")
	for i, room := range []string{private, direct} {
		world.Must[wire.Message](t)(jonas.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(i + 1), Text: canary + " @mira"}))
		world.Must[wire.Message](t)(jonas.Edit(ctx, room, 1, canary+" again"))
		world.Must[wire.Message](t)(jonas.React(ctx, room, 1, "🎉", true))
	}
	_, description := h.Raw("sam", http.MethodGet, "/api/openapi.json", "")
	var api struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(description), &api); err != nil {
		t.Fatal(err)
	}
	bodies := map[string]string{ // valid bodies, so that the request reaches the permission check
		"PATCH /api/v1/rooms/{room}": `{"topic":"x"}`, "PATCH /api/v1/rooms/{room}/about": `{"welcome":"x"}`,
		"PATCH /api/v1/rooms/{room}/me": `{"starred":true}`, "PUT /api/v1/rooms/{room}/read": `{"seq":1}`,
		"PUT /api/v1/rooms/{room}/threads/{seq}/follow": `{"follow":"on"}`,
		"PUT /api/v1/rooms/{room}/messages/{seq}/vote":  `{"options":[0]}`, "PUT /api/v1/rooms/{room}/threads/{seq}/read": `{"seq":1}`,
		"POST /api/v1/rooms/{room}/messages":        `{"client_id":"` + world.UUID(9) + `","text":"x"}`,
		"PATCH /api/v1/rooms/{room}/messages/{seq}": `{"text":"x"}`, "POST /api/v1/rooms/{room}/hooks": `{"name":"x"}`,
	}
	queries := map[string]string{"GET /api/v1/rooms/{room}/changes": "?since=0"}
	routes := 0
	for path, methods := range api.Paths {
		for m := range methods {
			method := strings.ToUpper(m)
			fill := func(room string) string {
				names := strings.NewReplacer(
					"{room}", room, "{seq}", "1", "{emoji}", "%F0%9F%8E%89", "{user}", h.ID["mira"], "{id}", "aaaaaaaaaaaa")
				return names.Replace(path) + queries[method+" "+path]
			}
			for _, who := range []string{"sam", "kim", "ada"} {
				if !strings.Contains(path, "{room}") {
					if method != http.MethodGet {
						continue
					}
					status, body := h.Raw(who, method, fill(""), "")
					if strings.Contains(body, canary) || strings.Contains(body, "canary-7f3a") || strings.Contains(body, private) ||
						status >= 500 {
						t.Errorf("%s: %s %s shows the private room (%d): %s", who, method, path, status, body)
					}
					continue
				}
				routes++
				wantStatus, want := h.Raw(who, method, fill("zzzzzzzzzzzz"), bodies[method+" "+path])
				if wantStatus != http.StatusNotFound {
					t.Errorf("%s: %s %s of an unknown room: %d %s", who, method, path, wantStatus, want)
				}
				for _, room := range []string{private, direct} {
					if status, body := h.Raw(who, method, fill(room), bodies[method+" "+path]); status != wantStatus || body != want {
						t.Errorf("%s: %s %s\n got %d %s\nwant %d %s", who, method, path, status, body, wantStatus, want)
					}
				}
			}
		}
	}
	if routes < 3*17 {
		t.Fatalf("only %d routes with a room were tried: the description is incomplete", routes)
	}
	page := world.Must[wire.Page](t)(jonas.Page(ctx, private, nil))
	if len(page.Messages) != 1 || page.Head != 3 {
		t.Errorf("the attack changed the room: %d messages, head %d", len(page.Messages), page.Head)
	}
	// Browsing, or making a public room of the same name, does not reveal the room. An admin may add themselves, which posts a system
	// message in the room.
	if _, body := h.Raw("sam", http.MethodGet, "/api/v1/rooms?browse=true&q=canary", ""); strings.Contains(body, private) {
		t.Error("browsing shows the private room")
	}
	_, want := h.Raw("sam", http.MethodGet, "/api/v1/rooms?browse=true&after=zzzzzzzzzzzz", "")
	_, body := h.Raw("sam", http.MethodGet, "/api/v1/rooms?browse=true&after="+private, "")
	if strings.ReplaceAll(body, private, "zzzzzzzzzzzz") != want {
		t.Errorf("browsing after the private room: %s, want %s", body, want)
	}
	h.Room("sam", "public", "canary-7f3a")
	world.Must[wire.Member](t)(h.As("ada").PutMember(ctx, private, h.ID["ada"], ""))
	if page = world.Must[wire.Page](t)(jonas.Page(ctx, private, nil)); page.Messages[len(page.Messages)-1].System == nil {
		t.Error("an admin joined and there is no system message")
	}
}
