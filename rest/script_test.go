package rest_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestPostingFromScripts: a script posts to #general by name, and without a client_id. Each post gets one; a repeated request posts twice.
func TestPostingFromScripts(t *testing.T) {
	w := world.Open(t)
	var first, second wire.Message
	for _, m := range []*wire.Message{&first, &second} {
		status, body := w.Raw("mira", http.MethodPost, "/api/v1/rooms/%23general/messages", `{"text":"Build 412 is green"}`)
		if err := json.Unmarshal([]byte(body), m); err != nil || status != http.StatusCreated {
			t.Fatalf("%d %s: %v", status, body, err)
		}
	}
	if first.Room != w.General() || first.ClientID == "" || first.ClientID == second.ClientID || first.Seq == second.Seq {
		t.Errorf("%+v, %+v", first, second)
	}
	body := `{"text":"Build 412 is green","client_id":"` + first.ClientID + `"}`
	if status, _ := w.Raw("mira", http.MethodPost, "/api/v1/rooms/%23general/messages", body); status != http.StatusOK {
		t.Errorf("repeated with the client_id of the answer: %d", status)
	}
	if status, body := w.Raw("mira", http.MethodPost, "/api/v1/rooms/%23general/messages",
		`{"text":"x","client_id":""}`); status != http.StatusBadRequest {
		t.Errorf("an empty client_id: %d %s", status, body)
	}
}

// TestRoomsByName: a public room can be named in the path of every route; what the asker may not see is as a room that does not exist.
func TestRoomsByName(t *testing.T) {
	w := world.Open(t)
	lobby := w.Room("ada", "public", "lobby-straße")
	w.Room("ada", "private", "leads")
	for _, row := range []struct {
		who, room string
		want      int
	}{
		{"mira", "%23lobby-stra%C3%9Fe", http.StatusOK},
		{"mira", "%23LOBBY-STRASSE", http.StatusOK},
		{"mira", lobby, http.StatusOK},
		{"kim", "%23general", http.StatusNotFound}, // a guest who is not in it
		{"ada", "%23leads", http.StatusNotFound},   // private, although she is in it
		{"mira", "%23leads", http.StatusNotFound},
		{"mira", "%23none", http.StatusNotFound},
		{"mira", "%23", http.StatusNotFound},
		{"mira", "general", http.StatusNotFound},
	} {
		status, body := w.Raw(row.who, http.MethodGet, "/api/v1/rooms/"+row.room, "")
		if status != row.want {
			t.Errorf("%s %s: %d %s", row.who, row.room, status, body)
		}
		if _, none := w.Raw(row.who, http.MethodGet, "/api/v1/rooms/zzzzzzzzzzzz", ""); status == http.StatusNotFound && body != none {
			t.Errorf("%s %s: %s, want %s", row.who, row.room, body, none)
		}
	}
}
