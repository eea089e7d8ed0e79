package model_test

import (
	"context"
	"testing"
	"time"

	"github.com/canteen-chat/canteen"
	"github.com/canteen-chat/canteen/storetest/model"
)

// TestCopies: nobody outside holds a part of the store.
func TestCopies(t *testing.T) {
	ctx, at := context.Background(), time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	s := model.New(nil)
	mira := canteen.NewUser{User: canteen.User{ID: "mira", Handle: "mira", Role: canteen.Owner, Epoch: 1}}
	rooms := []string{"general"}
	if _, err := s.Setup(ctx, canteen.Setup{Workspace: canteen.Workspace{Name: "Acme", DefaultRooms: rooms}, Owner: mira, RoomID: "general", At: at}); err != nil {
		t.Fatal(err)
	}
	mentions := []string{"mira"}
	m, _, err := s.PostMessage(ctx, canteen.PostMessage{Room: "general", Author: "mira", ClientID: "1", Text: "hello", Mentions: mentions, At: at})
	if err != nil {
		t.Fatal(err)
	}
	rooms[0], mentions[0], m.Mentions[0] = "changed", "changed", "changed"
	if m, err = s.Message(ctx, "general", 1, "mira"); err != nil || m.Mentions[0] != "mira" {
		t.Errorf("mentions %v, %v", m.Mentions, err)
	}
	w, err := s.Workspace(ctx)
	if err != nil || w.DefaultRooms[0] != "general" {
		t.Errorf("default rooms %v, %v", w.DefaultRooms, err)
	}
}
