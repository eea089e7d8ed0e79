package chat_test

import (
	"slices"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// TestWhoRemoved: who is removed from a room hears by whom, and who leaves hears of nobody.
func TestWhoRemoved(t *testing.T) {
	h, ctx := open(t, nil), t.Context()
	olga, mira := h.people["olga"], h.people["mira"]
	room, _, err := h.rules.AddRoom(ctx, olga, chat.NewRoomInput{Kind: chat.Private, Name: "leads", Members: []string{mira.User.ID}})
	h.must(err)
	h.must(h.rules.RemoveMember(ctx, olga, room.ID, mira.User.ID))
	h.must(h.rules.RemoveMember(ctx, olga, room.ID, olga.User.ID))
	var got []chat.Event
	for _, a := range h.heard {
		if e, is := a.Event.(chat.RoomLeft); is {
			got = append(got, e)
		}
	}
	want := []chat.Event{
		chat.RoomLeft{Room: room.ID, User: mira.User.ID, Reason: chat.Removed, By: olga.User.ID},
		chat.RoomLeft{Room: room.ID, User: olga.User.ID, Reason: chat.Left},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
