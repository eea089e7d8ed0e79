package client_test

import (
	"encoding/json"
	"os"
	"slices"
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

// TestEditKeepsVote: an event of an edited message tells nothing of one's vote, which stays as it was.
func TestEditKeepsVote(t *testing.T) {
	mine := []int{1}
	poll := func(mine *[]int) *wire.Poll {
		return &wire.Poll{Options: []wire.PollOption{{Text: "soup"}, {Text: "salad", Count: 1}}, Mine: mine}
	}
	s := client.NewState("me")
	s.Rooms["r"] = &client.RoomState{
		Loaded: true, Held: 1, Messages: []wire.Message{{Room: "r", Seq: 1, Rev: 1, Text: "Lunch?", Poll: poll(&mine)}},
	}
	edited := wire.Message{Room: "r", Seq: 1, Rev: 2, Text: "Lunch today?", Poll: poll(nil)}
	event, err := json.Marshal(wire.MessageEvent{Room: "r", Rev: 2, Message: &edited})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(client.Event{Type: "message", JSON: event}); err != nil {
		t.Fatal(err)
	}
	got := s.Rooms["r"].Messages[0]
	if got.Text != edited.Text || got.Poll.Mine == nil || !slices.Equal(*got.Poll.Mine, mine) {
		t.Errorf("after an edit: %+v, %+v", got, got.Poll)
	}
}

// TestStreamedMessageIsTheLatest: what a bot writes is the latest message of its room, and needs no request, unless its last text mentions
// the user.
func TestStreamedMessageIsTheLatest(t *testing.T) {
	s := client.NewState("mira")
	s.Rooms["r"] = &client.RoomState{}
	for i, c := range []struct {
		m     wire.Message
		last  string
		needs int
	}{
		{wire.Message{Seq: 1, Text: "…", StreamingAt: &wire.Time{}}, "…", 0},
		{wire.Message{Seq: 1, Text: "So", StreamingAt: &wire.Time{}}, "So", 0},
		{wire.Message{Seq: 1, Text: "Soup"}, "Soup", 0},
		{wire.Message{Seq: 1, Text: "Soup, @mira", Mentions: []string{"mira"}}, "Soup", 1},
		{wire.Message{Seq: 2, Text: "Salad"}, "Salad", 0},
		{wire.Message{Seq: 1, Text: "Soup", ThreadInfo: &wire.ThreadInfo{Replies: 1}, Mentions: []string{"mira"}}, "Salad", 0},
	} {
		rev := int64(i + 1)
		c.m.Room, c.m.Rev = "r", rev
		event, err := json.Marshal(wire.MessageEvent{Room: "r", Rev: rev, Message: &c.m})
		if err != nil {
			t.Fatal(err)
		}
		needs, err := s.Apply(client.Event{Type: "message", JSON: event})
		if got := s.Rooms["r"].Room.LastMessage.Text; err != nil || got != c.last || len(needs) != c.needs {
			t.Errorf("%d: the latest is %q, needs %v, %v", i, got, needs, err)
		}
	}
}
