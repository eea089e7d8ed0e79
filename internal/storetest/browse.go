package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// browsing checks that pages of public rooms give every room once, by name, with their number, but none that the user is in or whose name
// lacks the text; and that they begin after a public room and no other.
func browsing(t *testing.T, open Open) {
	ctx := context.Background()
	s := opened(t, open, &recorder{})
	defer s.Close()
	if err := furnish(ctx, s, nil); err != nil {
		t.Fatal(err)
	}
	want := []string{}
	for i := range 10 {
		name, id := fmt.Sprint("hall-", i), fmt.Sprint("rhall", 9-i) // the order of names is not that of ids
		kind, owner := chat.Public, "uada"
		switch i {
		case 4:
			kind = chat.Private
		case 6:
			owner = "umira"
		case 9:
			name = "annex"
		default:
			want = append(want, name)
		}
		if _, _, err := s.AddRoom(ctx, chat.AddRoom{
			Room:    chat.Room{ID: id, Kind: kind, Name: name, Posting: chat.PostingEveryone, CreatedBy: owner, CreatedAt: began},
			Members: []chat.RoomMembership{{User: owner, Role: chat.RoomOwner, JoinedAt: began}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	q := chat.BrowseQuery{User: "umira", Text: "hall", Limit: 3}
	var got []string
	for more := true; more; {
		p, err := s.Browse(ctx, q)
		if err != nil || p.Total != len(want) || len(p.Rooms) == 0 || len(p.Rooms) > q.Limit {
			t.Fatalf("the page after %q: %d rooms of %d, %v", q.After, len(p.Rooms), p.Total, err)
		}
		for _, r := range p.Rooms {
			got = append(got, r.Name)
		}
		q.After, more = p.Rooms[len(p.Rooms)-1].ID, p.More
	}
	if !slices.Equal(got, want) {
		t.Errorf("browsed %v, want %v", got, want)
	}
	if p, err := s.Browse(ctx, chat.BrowseQuery{User: "umira", Limit: 1}); err != nil || p.Total != len(want)+1 || p.Rooms[0].Name != "annex" {
		t.Errorf("without a text: %+v, %v", p, err)
	}
	// A page begins after a room that left the list meanwhile.
	yes := true
	if _, err := s.UpdateRoom(ctx, chat.UpdateRoom{Room: "rhall8", By: "uada", Archived: &yes, At: began}); err != nil {
		t.Fatal(err)
	}
	q.After = "rhall8"
	if p, err := s.Browse(ctx, q); err != nil || p.Total != len(want)-1 || p.Rooms[0].Name != "hall-2" {
		t.Errorf("after an archived room: %v, %v", p, err)
	}
	for _, after := range []string{"rhall5", "none"} { // a private room, and none
		q.After = after
		if p, err := s.Browse(ctx, q); chat.ErrorCode(err) != chat.NotFound {
			t.Errorf("after %s: %v, %v", after, p, err)
		}
	}
}
