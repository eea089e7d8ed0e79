package chat_test

import (
	"context"
	"slices"
	"testing"

	"github.com/canteen-chat/canteen/audience"
	"github.com/canteen-chat/canteen/chat"
)

// office is a workspace of two members and two guests, one of whom shares a room with ada.
type office struct{}

func (office) MembersAt(_ context.Context, room string, version int64) ([]string, error) {
	if room != "lunch" {
		return nil, nil
	}
	if version < 2 {
		return []string{"ada"}, nil
	}
	return []string{"ada", "gus"}, nil
}

func (office) FollowersAt(_ context.Context, room string, root, version int64) ([]string, error) {
	if room != "lunch" || root != 7 || version != 2 {
		return nil, nil
	}
	return []string{"gus"}, nil
}

func (office) PeopleAt(context.Context, int64) (others, guests []string, err error) {
	return []string{"ada", "bob"}, []string{"gus", "gil"}, nil
}

func (office) CoMembers(_ context.Context, user string) ([]string, error) {
	switch user {
	case "ada":
		return []string{"ada", "gus"}, nil
	case "gus":
		return []string{"gus", "ada"}, nil
	}
	return []string{user}, nil
}

// TestAudiences lists every event with whom it is for. An event that is not here fails the last check.
func TestAudiences(t *testing.T) {
	lunch := chat.Room{ID: "lunch"}
	for _, c := range []struct {
		event   chat.Event
		version int64
		want    []string
	}{
		{chat.MessageChanged{Message: chat.Message{Room: "lunch"}}, 2, []string{"ada", "gus"}},
		{chat.MessageChanged{Message: chat.Message{Room: "lunch"}}, 1, []string{"ada"}},
		{chat.MessageChanged{Message: chat.Message{Room: "nowhere"}}, 1, nil},
		{chat.ReactionChanged{Room: "lunch", User: "gus"}, 1, []string{"ada"}},
		{chat.PollChanged{Room: "lunch"}, 1, []string{"ada"}},
		{chat.PollChanged{Room: "lunch", Voter: "ada"}, 1, nil},
		{chat.PollChanged{Room: "lunch", Voter: "gus"}, 1, []string{"ada"}},
		{chat.PollChanged{Room: "lunch", Voter: "gus", Own: true}, 1, []string{"gus"}},
		{chat.RoomChanged{Room: lunch}, 2, []string{"ada", "gus"}},
		{chat.MembersChanged{Room: "lunch"}, 2, []string{"ada", "gus"}},
		{chat.MyRoomChanged{User: "gus", Room: chat.MyRoom{Room: lunch}}, 2, []string{"gus"}},
		{chat.RoomJoined{User: "gus", Room: chat.MyRoom{Room: lunch}}, 2, []string{"gus"}},
		{chat.RoomLeft{User: "gus", Room: "lunch"}, 2, []string{"gus"}},
		{chat.ReadMoved{Room: "lunch", Read: chat.ReadState{User: "ada"}}, 0, []string{"ada"}},
		{chat.ThreadChanged{Room: "lunch", Root: 7}, 2, []string{"gus"}},
		{chat.ThreadChanged{Room: "lunch", Root: 8}, 2, nil},
		{chat.ThreadChanged{Room: "lunch", Root: 7, User: "ada"}, 2, []string{"ada"}},
		{chat.UserChanged{User: chat.User{ID: "ada"}}, 1, []string{"ada", "bob", "gus"}},
		{chat.UserChanged{User: chat.User{ID: "bob"}}, 1, []string{"ada", "bob"}},
		{chat.UserChanged{User: chat.User{ID: "gil"}}, 1, []string{"ada", "bob", "gil"}},
		{chat.SettingsChanged{User: chat.User{ID: "ada"}}, 1, []string{"ada"}},
		{chat.SessionsEnded{User: "ada", All: true}, 0, nil},
		{chat.Alerted{User: "ada", Room: "lunch", Seq: 7}, 0, nil},
		{chat.Typing{Room: "lunch", User: "ada"}, 0, nil},
	} {
		got, err := chat.AudienceOf(c.event, c.version).Resolve(t.Context(), office{})
		if slices.Sort(got); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%T%+v at %d is for %v, not %v (%v)", c.event, c.event, c.version, got, c.want, err)
		}
	}
	everyone, err := audience.Audience{Everyone: true}.Resolve(t.Context(), office{})
	if err != nil || !slices.Equal(everyone, []string{"ada", "bob", "gus", "gil"}) {
		t.Errorf("everyone is %v, %v", everyone, err)
	}
}
