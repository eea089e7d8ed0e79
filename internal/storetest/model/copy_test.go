package model_test

import (
	"context"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest/model"
)

// TestCopies: callers cannot change the store through values that they passed or received.
func TestCopies(t *testing.T) {
	ctx, at := context.Background(), time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	s := model.New(nil)
	mira := chat.NewUser{User: chat.User{ID: "mira", Handle: "mira", Role: chat.Owner, Epoch: 1}}
	rooms := []string{"general"}
	if _, err := s.Setup(ctx,
		chat.Setup{Workspace: chat.Workspace{Name: "Acme", DefaultRooms: rooms}, Owner: mira, RoomID: "general", At: at}); err != nil {
		t.Fatal(err)
	}
	mentions := []string{"mira"}
	m, _, err := s.PostMessage(ctx, chat.PostMessage{
		Room: "general", Author: "mira", ClientID: "1", Text: "hello", Mentions: mentions, At: at,
	})
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
