package storetest

import (
	"context"
	"errors"
	"slices"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

// sameAudiences checks the audiences of the announcements of the last command. It derives the expected audiences from the answers of m.
func sameAudiences(ctx context.Context, rt *rapid.T, m chat.Store, as []chat.Announcement) {
	rt.Helper()
	for _, a := range as {
		want, err := concerned(ctx, m, a.Event)
		if err != nil {
			rt.Fatal(err)
		}
		if slices.Sort(want); !slices.Equal(a.To, want) {
			rt.Fatalf("%T%+v is announced to %v; want %v", a.Event, a.Event, a.To, want)
		}
	}
}

// concerned are the users who must receive an event by the rules of the protocol.
func concerned(ctx context.Context, m chat.Store, e chat.Event) ([]string, error) {
	switch e := e.(type) {
	case chat.MessageChanged:
		return membersOf(ctx, m, e.Message.Room)
	case chat.ReactionChanged:
		return membersOf(ctx, m, e.Room)
	case chat.PollChanged:
		if e.Own {
			return []string{e.Voter}, nil
		}
		all, err := membersOf(ctx, m, e.Room)
		return slices.DeleteFunc(all, func(u string) bool { return u == e.Voter }), err
	case chat.RoomChanged:
		return membersOf(ctx, m, e.Room.ID)
	case chat.MembersChanged:
		return membersOf(ctx, m, e.Room)
	case chat.MyRoomChanged:
		return []string{e.User}, nil
	case chat.RoomJoined:
		return []string{e.User}, nil
	case chat.RoomLeft:
		return []string{e.User}, nil
	case chat.ReadMoved:
		return []string{e.Read.User}, nil
	case chat.ThreadChanged:
		if e.User != "" {
			return []string{e.User}, nil
		}
		return followersOf(ctx, m, e.Room, e.Root)
	case chat.MessageConfirmed:
		return slices.Compact(slices.Sorted(slices.Values([]string{e.User, e.Author}))), nil
	case chat.SettingsChanged:
		return []string{e.User.ID}, nil
	case chat.UserChanged:
		return seeing(ctx, m, e.User.ID)
	}
	return nil, nil
}

func followersOf(ctx context.Context, m chat.Store, room string, root int64) ([]string, error) {
	all, err := membersOf(ctx, m, room)
	var out []string
	for _, u := range all {
		t, e := m.MyThread(ctx, room, root, u)
		if err = errors.Join(err, e); t.Follow != thread.FollowOff {
			out = append(out, u)
		}
	}
	return out, err
}

func membersOf(ctx context.Context, m chat.Store, room string) ([]string, error) {
	all, err := m.Members(ctx, room)
	var out []string
	for _, member := range all {
		out = append(out, member.User)
	}
	return out, err
}

// seeing are the users who may see a user: everybody except guests, and guests who share a room with the user.
func seeing(ctx context.Context, m chat.Store, user string) ([]string, error) {
	all, _, err := m.Users(ctx)
	if err != nil {
		return nil, err
	}
	together, err := m.CoMembers(ctx, user)
	var out []string
	for _, u := range all {
		if u.Role != chat.Guest || slices.Contains(together, u.ID) {
			out = append(out, u.ID)
		}
	}
	return out, err
}
