package chat_test

import (
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// TestInviteStands: each thing that takes from the maker what the invite gives is enough to end it.
func TestInviteStands(t *testing.T) {
	ada := chat.User{ID: "ada", Role: chat.Admin, Epoch: 5, Reset: 3}
	of := func(change func(*chat.User)) chat.User { u := ada; change(&u); return u }
	for _, c := range []struct {
		what   string
		maker  chat.User
		invite chat.Invite
		code   chat.Code
	}{
		{"as it was made", ada, chat.Invite{Epoch: 3, Role: chat.Admin, Rooms: []string{"in"}}, ""},
		{"before everything of the maker ended", ada, chat.Invite{Epoch: 2, Role: chat.Guest}, chat.NotFound},
		{"deactivated", of(func(u *chat.User) { u.Deactivated = true }), chat.Invite{Epoch: 5, Role: chat.Member}, chat.NotFound},
		{"a member now", of(func(u *chat.User) { u.Role = chat.Member }), chat.Invite{Epoch: 5, Role: chat.Guest}, chat.NotFound},
		{"to a role above", ada, chat.Invite{Epoch: 5, Role: chat.Owner}, chat.NotFound},
		{"into a room left", ada, chat.Invite{Epoch: 5, Role: chat.Member, Rooms: []string{"in", "out"}}, chat.NotFound},
	} {
		is(t, c.what, c.invite.Stands(c.maker, func(room string) (bool, error) {
			return room == "in", nil
		}), c.code, "")
	}
}

// TestWhatEndsInvites: deactivation, the return from it, and ending everything; not a new password.
func TestWhatEndsInvites(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		what  string
		was   chat.User
		cmd   chat.UpdateUser
		reset int64
	}{
		{"a new password", chat.User{Epoch: 4, Reset: 2}, chat.UpdateUser{EndSessions: true, KeepTokens: true}, 2},
		{"ending everything", chat.User{Epoch: 4, Reset: 2}, chat.UpdateUser{EndSessions: true}, 5},
		{"deactivation", chat.User{Epoch: 4, Reset: 2}, chat.UpdateUser{Deactivated: &yes}, 4},
		{"re-activation", chat.User{Epoch: 4, Reset: 2, Deactivated: true}, chat.UpdateUser{Deactivated: &no}, 4},
		{"no deactivation", chat.User{Epoch: 4, Reset: 2}, chat.UpdateUser{Deactivated: &no}, 2},
	} {
		got := c.cmd.Apply(c.was)
		now := chat.User{Epoch: got.Epoch, Reset: got.Reset, Deactivated: c.was.Deactivated}
		if got.Reset != c.reset || c.was.Told(now) != nil {
			t.Errorf("%s: invites since epoch %d, want %d; others are told of it", c.what, got.Reset, c.reset)
		}
	}
}

// TestGuestNeedsARoomAtSignUp: an invite whose last room was archived gives a guest nothing.
func TestGuestNeedsARoomAtSignUp(t *testing.T) {
	room := func(id string) (chat.Room, bool, error) {
		return chat.Room{ID: id, Archived: id == "archived"}, id != "gone", nil
	}
	h := chat.HashSecret("invite")
	guest := chat.NewUser{User: chat.User{Role: chat.Guest}}
	_, err := chat.AddUser{User: guest, Invite: &h, Rooms: []string{"archived", "gone"}}.FirstRooms(room)
	is(t, "no room is left", err, chat.NotFound, "")
	_, err = chat.AddUser{User: guest, Invite: &h, Rooms: []string{"archived", "here"}}.FirstRooms(room)
	is(t, "one room is left", err, "", "")
	_, err = chat.AddUser{User: guest}.FirstRooms(room)
	is(t, "by the command line", err, "", "")
}

// TestReturnRevivesNothing: an invite that Kim made before she was deactivated stays dead, and one that she makes afterwards is good.
func TestReturnRevivesNothing(t *testing.T) {
	h := open(t, nil)
	kim, ctx := h.add("kim", chat.Admin), t.Context()
	made, before, err := h.rules.AddInvite(ctx, kim, chat.InviteInput{})
	h.must(err)
	for _, gone := range []bool{true, false} {
		h.must(h.rules.UpdateUser(ctx, h.people["olga"], kim.User.ID, chat.UpdateUserInput{Deactivated: &gone}))
	}
	_, after, err := h.rules.AddInvite(ctx, h.signIn("kim"), chat.InviteInput{})
	h.must(err)
	h.pass(time.Minute)
	h.audited()
	is(t, "before", second(h.rules.SignUp(ctx, chat.Visitor("192.0.2.1"), newcomer(before))), chat.NotFound, "invite")
	if lines := h.audited(); len(lines) != 1 || !strings.Contains(lines[0], "invite="+made.ID) {
		t.Errorf("the audit log says %q, and does not name the invite %s", lines, made.ID)
	}
	is(t, "after", second(h.rules.SignUp(ctx, chat.Visitor("192.0.2.1"), newcomer(after))), "", "")
}

// newcomer is the form of somebody who signs up.
func newcomer(invite string) chat.SignUpInput {
	return chat.SignUpInput{Invite: invite, Name: "New", Handle: "newcomer", Email: "new@example.com", Password: password}
}

// signUpRules are about somebody who signs up by Kim's invite, after something happened to her.
func signUpRules() []rule {
	signUp := func(name, room, grid string, role chat.Role, then func(*stage, chat.UpdateUserInput) error) rule {
		return rule{chat.CmdSignUp, name, room, "write", grid, "UserChanged RoomJoined MembersChanged", func(s *stage) error {
			in := chat.InviteInput{Role: role}
			if s.room != "" {
				in.Rooms = []string{s.room}
			}
			_, secret, err := s.rules.AddInvite(s.ctx, s.kim, in)
			if err != nil {
				return err
			}
			s.must(then(s, chat.UpdateUserInput{}))
			s.take()
			return second(s.rules.SignUp(s.ctx, chat.Visitor("192.0.2.1"), newcomer(secret)))
		}}
	}
	change := func(s *stage, in chat.UpdateUserInput) error {
		return second(s.rules.UpdateUser(s.ctx, s.people["olga"], s.id("kim"), in))
	}
	admin, member, yes, no := chat.Admin, chat.Member, true, false
	return []rule{
		signUp("by an invite", "", admins, chat.Admin, func(*stage, chat.UpdateUserInput) error { return nil }),
		signUp("after the maker changed the password", "", admins, chat.Admin, func(s *stage, _ chat.UpdateUserInput) error {
			return second(s.rules.ChangePassword(s.ctx, s.people["kim"], password, "another quiet place"))
		}),
		signUp("after the maker was demoted", "", with(admins, "404"), chat.Member, func(s *stage, in chat.UpdateUserInput) error {
			in.Role = &member
			return change(s, in)
		}),
		signUp("after the maker was demoted below its role", "", "404 / 403 / 403 / 403", chat.Owner,
			func(s *stage, in chat.UpdateUserInput) error {
				in.Role = &admin
				return change(s, in)
			}),
		signUp("after the maker was demoted and promoted", "", admins, chat.Admin, func(s *stage, in chat.UpdateUserInput) error {
			was := s.kim.User.Role
			in.Role = &member
			s.must(change(s, in))
			in.Role = &was
			return change(s, in)
		}),
		signUp("after the maker left the room", "private", "404 404 400 / 404 404 400 / 403 403 403 / 403 403 403", chat.Guest,
			func(s *stage, _ chat.UpdateUserInput) error {
				return s.rules.RemoveMember(s.ctx, s.people["jonas"], s.room, s.id("kim"))
			}),
		signUp("after the maker was deactivated", "", with(admins, "404"), chat.Member, func(s *stage, in chat.UpdateUserInput) error {
			in.Deactivated = &yes
			return change(s, in)
		}),
		signUp("after the maker returned", "", with(admins, "404"), chat.Member, func(s *stage, in chat.UpdateUserInput) error {
			in.Deactivated = &yes
			s.must(change(s, in))
			in.Deactivated = &no
			return change(s, in)
		}),
	}
}
