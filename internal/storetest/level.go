package storetest

import (
	"context"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// levelsOfNewRooms checks the level that a member begins with: that of their settings as of joining, and all in direct rooms.
func levelsOfNewRooms(t *testing.T, open Open) {
	ctx := context.Background()
	s, _ := furnished(t, open)
	nothing := user("nina", chat.Member)
	nothing.User.Settings.Attention.DefaultNotify = chat.NotifyNothing
	_, err := s.AddUser(ctx, chat.AddUser{User: nothing, Rooms: []string{general}, At: began})
	must(t, err)
	add := func(id string, kind chat.Kind, members ...string) {
		t.Helper()
		cmd := chat.AddRoom{Room: chat.Room{ID: id, Kind: kind, Name: id, Posting: chat.PostingEveryone, CreatedBy: members[0], CreatedAt: began}}
		if kind == chat.Direct {
			cmd.Room.Name = ""
		}
		for _, m := range members {
			cmd.Members = append(cmd.Members, chat.RoomMembership{User: m, Role: chat.RoomMember, JoinedAt: began})
		}
		_, _, err := s.AddRoom(ctx, cmd)
		must(t, err)
	}
	add("made", chat.Public, "unina", "umira")
	add("private", chat.Private, "umira")
	add("direct", chat.Direct, "umira", "unina")
	must(t, s.AddMembers(ctx, chat.AddMembers{Room: "private", Users: []string{"unina", "ujonas"}, Role: chat.RoomMember, At: began}))
	all := nothing.User.Settings
	all.Attention.DefaultNotify = chat.NotifyAll
	_, err = s.UpdateUser(ctx, chat.UpdateUser{User: "unina", Settings: settingsTo(all), At: began})
	must(t, err)
	add("later", chat.Public, "umira", "unina")
	for _, c := range []struct {
		user, room string
		want       chat.Notify
	}{
		{"umira", general, chat.NotifyMentions}, {"ujonas", general, chat.NotifyMentions}, {"unina", general, chat.NotifyNothing},
		{"unina", "made", chat.NotifyNothing}, {"umira", "made", chat.NotifyMentions}, {"unina", "private", chat.NotifyNothing},
		{"ujonas", "private", chat.NotifyMentions}, {"unina", "direct", chat.NotifyAll}, {"umira", "direct", chat.NotifyAll},
		{"unina", "later", chat.NotifyAll},
	} {
		if r, err := s.MyRoom(ctx, c.room, c.user); err != nil || r.Notify != c.want {
			t.Errorf("%s in %s: %s, %v, want %s", c.user, c.room, r.Notify, err, c.want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
