package client_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// TestNewRoleFetchesTheDirectory: with another role a user sees other people and addresses.
func TestNewRoleFetchesTheDirectory(t *testing.T) {
	s := client.NewState("mira")
	for _, c := range []struct {
		user, role string
		needs      int
	}{
		{"mira", "member", 0}, // before the directory has come
		{"jonas", "member", 0}, {"jonas", "admin", 0}, {"mira", "member", 0}, {"mira", "guest", 1}, {"mira", "admin", 1},
		{"mira", "guest", 1}, {"mira", "guest", 1}, // the directory may have come before this event, and what was before it
	} {
		event, err := json.Marshal(wire.UserEvent{Type: "user", User: wire.User{ID: c.user, Role: c.role}})
		if err != nil {
			t.Fatal(err)
		}
		needs, err := s.Apply(client.Event{Type: "user", JSON: event})
		if err != nil || len(needs) != c.needs || c.needs > 0 && needs[0].What != "users" {
			t.Errorf("%s becomes %s: needs %v, %v", c.user, c.role, needs, err)
		}
	}
}

// TestLastMessageIsCutLikeTheServers: a new message's short form in the list of rooms never ends within an emoji.
func TestLastMessageIsCutLikeTheServers(t *testing.T) {
	b, err := os.ReadFile("../text/testdata/brief.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		What, Unit        string
		Lead, Times, Kept int
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		in := strings.Repeat("x", c.Lead) + strings.Repeat(c.Unit, c.Times)
		s := client.NewState("me")
		s.Rooms["r"] = &client.RoomState{Room: wire.MyRoom{}}
		event, err := json.Marshal(wire.MessageEvent{Room: "r", Rev: 1, Message: &wire.Message{Room: "r", Seq: 1, Rev: 1, Text: in}})
		if err != nil {
			t.Fatal(err)
		}
		if needs, err := s.Apply(client.Event{Type: "message", JSON: event}); err != nil || len(needs) > 0 {
			t.Fatal(needs, err)
		}
		if got, want := s.Rooms["r"].Room.LastMessage.Text, string([]rune(in)[:c.Kept]); got != want {
			t.Errorf("%s: %q, want %q", c.What, got, want)
		}
	}
}
