package sqlite

import (
	"context"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

func TestMentionsOutliveLeaving(t *testing.T) {
	s, _, _ := testStore(t)
	ctx := context.Background()
	_, _, err := s.PostMessage(ctx, chat.PostMessage{
		Room: "general", Author: "mira", ClientID: cid(1), Text: "@jonas", Mentions: []string{"jonas"}, At: noon,
	})
	must(t, err)
	must(t, s.RemoveMember(ctx, chat.RemoveMember{Room: "general", User: "jonas", Reason: chat.Left}))
	must(t, s.AddMembers(ctx, chat.AddMembers{Room: "general", Users: []string{"jonas"}, Role: chat.RoomMember, At: noon}))
	r, err := s.SetRead(ctx, chat.SetRead{Room: "general", User: "jonas", Seq: 0})
	must(t, err)
	if r.MentionCount != 1 || r.Unread != 1 {
		t.Errorf("mentions %d, unread %d: the message still names jonas", r.MentionCount, r.Unread)
	}
}

func TestRepeatsInLists(t *testing.T) {
	s, _, _ := testStore(t)
	ctx := context.Background()
	addUser(t, s, "ada")
	if err := s.AddMembers(ctx,
		chat.AddMembers{Room: "general", Users: []string{"ada", "ada"}, Role: chat.RoomMember, At: noon}); err != nil {
		t.Error("members:", err)
	}
	if _, _, err := s.PostMessage(ctx,
		chat.PostMessage{Room: "general", Author: "mira", ClientID: cid(1), Text: "x", Mentions: []string{"jonas", "jonas"},
			At: noon}); err != nil {
		t.Error("mentions:", err)
	}
	if err := s.AddMembers(ctx,
		chat.AddMembers{Room: "general", Users: []string{"nobody"}, Role: chat.RoomMember,
			At: noon}); chat.ErrorCode(err) != chat.NotFound {
		t.Error("unknown user:", err)
	}
	if _, err := s.AddUser(ctx,
		chat.AddUser{User: newUser("ivo", "ivo"), Rooms: []string{"general", "general", "gone"}, At: noon}); err != nil {
		t.Error("rooms:", err)
	}
}
