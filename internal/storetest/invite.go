package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest/model"
)

// maker is a change of Ada, an admin who made an invite.
func maker(c chat.UpdateUser) step {
	c.User, c.At = "uada", began
	return updateUser(c)
}

// inMany makes as many rooms as an invite may hold, with Ada in them.
func inMany(ctx context.Context, s chat.Store) error {
	for i := range chat.MaxInviteRooms {
		id := fmt.Sprint("rmany", i)
		_, _, err := s.AddRoom(ctx, chat.AddRoom{
			Room:    chat.Room{ID: id, Kind: chat.Private, Name: id, Posting: chat.PostingEveryone, CreatedBy: "uada", CreatedAt: began},
			Members: []chat.RoomMembership{{User: "uada", Role: chat.RoomOwner, JoinedAt: began}},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

type step = func(context.Context, chat.Store) error

// inviteOfNow is an invite that Ada makes, and what is done then.
type inviteOfNow struct {
	what      string
	role      chat.Role
	rooms     []string
	then      []step
	refuses   bool
	undo      []step
	uncounted bool // the invite is listed all the same
}

// invitesOfNow checks that an invite lets somebody in only while its maker could make it, at the commit of the sign-up as well as before,
// and that it is listed just as long.
func invitesOfNow(t *testing.T, open Open) {
	ctx, h := context.Background(), &recorder{}
	s := opened(t, open, h)
	defer s.Close()
	m := model.New(nil)
	for _, store := range []chat.Store{s, m} {
		if err := errorsOf(furnish(ctx, store, nil), inMany(ctx, store)); err != nil {
			t.Fatal(err)
		}
	}
	yes, no, hash := true, false, "hash"
	one, many := []string{"rmany0"}, make([]string, chat.MaxInviteRooms)
	for i := range many {
		many[i] = fmt.Sprint("rmany", i)
	}
	become := func(to chat.Role) step { return maker(chat.UpdateUser{Role: &to}) }
	leave := func(ctx context.Context, s chat.Store) error {
		return s.RemoveMember(ctx, chat.RemoveMember{Room: "rmany0", User: "uada", Reason: chat.Left})
	}
	enter := func(ctx context.Context, s chat.Store) error {
		return s.AddMembers(ctx, chat.AddMembers{Room: "rmany0", Users: []string{"uada"}, Role: chat.RoomMember, At: began})
	}
	archive := func(to bool) step {
		return func(ctx context.Context, s chat.Store) error {
			_, err := s.UpdateRoom(ctx, chat.UpdateRoom{Room: "rmany0", By: "uada", Archived: &to, At: began})
			return err
		}
	}
	for n, c := range []inviteOfNow{
		{what: "nothing changed", role: chat.Admin},
		{what: "as many rooms as possible", role: chat.Member, rooms: many},
		{what: "demotion", role: chat.Member, then: []step{become(chat.Member)}, refuses: true, undo: []step{become(chat.Admin)}},
		{what: "demotion and promotion", role: chat.Member, then: []step{become(chat.Member), become(chat.Admin)}},
		{what: "no role above the maker's", role: chat.Owner, then: []step{become(chat.Owner), become(chat.Admin)}, refuses: true},
		{what: "leaving one of its rooms", role: chat.Member, rooms: many, then: []step{leave}, refuses: true, undo: []step{enter}},
		{what: "leaving and entering again", role: chat.Guest, rooms: one, then: []step{leave, enter}},
		{what: "leaving a room that is not in it", role: chat.Guest, rooms: many[1:], then: []step{leave}, undo: []step{enter}},
		{what: "one of its rooms is archived", role: chat.Guest, rooms: many, then: []step{archive(true)}, undo: []step{archive(false)}},
		{
			what: "a guest's only room is archived", role: chat.Guest, rooms: one, then: []step{archive(true)}, refuses: true,
			undo: []step{archive(false)}, uncounted: true,
		},
		{what: "a new password", role: chat.Member, then: []step{maker(chat.UpdateUser{Password: &hash, EndSessions: true, KeepTokens: true})}},
		{what: "ending everything", role: chat.Member, then: []step{maker(chat.UpdateUser{EndSessions: true})}, refuses: true},
		{what: "deactivation", role: chat.Member, then: []step{maker(chat.UpdateUser{Deactivated: &yes, EndSessions: true})}, refuses: true},
		{what: "re-activation", role: chat.Member, refuses: true, then: []step{
			maker(chat.UpdateUser{Deactivated: &no}), maker(chat.UpdateUser{Deactivated: &yes, EndSessions: true}),
			maker(chat.UpdateUser{Deactivated: &no}),
		}},
		{what: "nothing changed after the return", role: chat.Member, rooms: many},
	} {
		for name, store := range map[string]chat.Store{"the store": s, "the model": m} {
			c.check(ctx, t, name, store, fmt.Sprint("now", n))
		}
	}
}

// check makes the invite with an id, does what is done then, and undoes it.
func (c inviteOfNow) check(ctx context.Context, t *testing.T, name string, store chat.Store, id string) {
	secret := chat.HashSecret(c.what)
	ada, err := store.User(ctx, "uada")
	err = errorsOf(err, store.AddInvite(ctx, chat.Facts{}, chat.Invite{
		ID: id, By: "uada", Epoch: ada.Epoch, Role: c.role, Rooms: c.rooms, CreatedAt: began, ExpiresAt: began.AddDate(50, 0, 0),
	}, secret))
	for _, then := range c.then {
		err = errorsOf(err, then(ctx, store))
	}
	if err != nil {
		t.Fatalf("%s: %s: %v", name, c.what, err)
	}
	found, read := store.InviteBySecret(ctx, secret, began)
	if found.ID != id {
		t.Errorf("%s: %s: found %q, which a refusal does not name", name, c.what, found.ID)
	}
	listed, failed := store.Invites(ctx, "uada", began)
	// The handle is taken: nobody is told by an invite that lets nobody in.
	second := user("mira", c.role)
	second.User.ID = "second"
	_, taken := store.AddUser(ctx, chat.AddUser{User: second, Invite: &secret, Rooms: c.rooms, At: began})
	_, used := store.AddUser(ctx, chat.AddUser{User: user(id, c.role), Invite: &secret, Rooms: c.rooms, At: began})
	is := slices.ContainsFunc(listed, func(i chat.Invite) bool { return i.ID == id })
	if gone := c.refuses && !c.uncounted; (read != nil) != gone || is == gone || failed != nil {
		t.Errorf("%s: %s: read %v, listed %t (%v)", name, c.what, read, is, failed)
	}
	want, conflict := chat.NotFound, chat.NotFound
	if !c.refuses {
		want, conflict = "", chat.Conflict
	}
	if (want != "" || used != nil) && chat.ErrorCode(used) != want || chat.ErrorCode(taken) != conflict {
		t.Errorf("%s: %s: signed up %v, with a taken handle %v", name, c.what, used, taken)
	}
	for _, undo := range c.undo {
		if err := undo(ctx, store); err != nil {
			t.Fatalf("%s: %s: %v", name, c.what, err)
		}
	}
}
