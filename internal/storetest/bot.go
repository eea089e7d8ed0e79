package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/settings"
)

// owned is a bot of owner.
func owned(id, owner string) chat.AddUser {
	u := chat.User{ID: id, Handle: id, Name: id, Role: chat.Guest, Bot: true, Owner: owner, Settings: settings.Default(), Epoch: 1}
	return chat.AddUser{User: chat.NewUser{User: u, EmailFold: "bot " + id}, Rooms: []string{general}, At: began}
}

func addOwned(id, owner string) step {
	return func(ctx context.Context, s chat.Store) error { _, err := s.AddUser(ctx, owned(id, owner)); return err }
}

func addMembers(room string, users ...string) step {
	return func(ctx context.Context, s chat.Store) error {
		return s.AddMembers(ctx, chat.AddMembers{Room: room, Users: users, Role: chat.RoomMember, At: began})
	}
}

func removeMember(room, user, by string) step {
	return func(ctx context.Context, s chat.Store) error {
		cmd := chat.RemoveMember{Room: room, User: user, Reason: chat.Left, By: by}
		if by != "" {
			cmd.Reason = chat.Removed
		}
		return s.RemoveMember(ctx, cmd)
	}
}

func addRoom(id string, kind chat.Kind, users ...string) step {
	return func(ctx context.Context, s chat.Store) error {
		cmd := chat.AddRoom{Room: chat.Room{ID: id, Kind: kind, Posting: chat.PostingEveryone, CreatedBy: users[0], CreatedAt: began}}
		for _, u := range users {
			cmd.Members = append(cmd.Members, chat.RoomMembership{User: u, Role: chat.RoomMember, JoinedAt: began})
		}
		_, _, err := s.AddRoom(ctx, cmd)
		return err
	}
}

func deactivate(user string, is bool) step {
	return updateUser(chat.UpdateUser{User: user, Deactivated: &is, EndSessions: is, At: began})
}

// bots checks what package bot says: where bots with an owner are, and while they are active. Each step is done to the model too.
func bots(t *testing.T, open Open) {
	s, h := furnished(t, open)
	hm := &recorder{}
	ctx, m := context.Background(), model.New(hm.feed)
	if err := furnish(ctx, m, nil); err != nil {
		t.Fatal(err)
	}
	hm.take()
	token := chat.Token{ID: "t", User: "bea", UserEpoch: 1, Name: "ci", Scopes: []chat.Scope{chat.ScopeRead}, CreatedAt: began}
	admin, guest, private, direct := chat.Admin, chat.Guest, chat.Private, chat.Direct
	for n, c := range []struct {
		what string
		do   step
		want string // the code and the field of the refusal
	}{
		{"bots begin in no room", addOwned("bea", "ujonas"), ""},
		{"another", addOwned("bob", "ujonas"), ""},
		{"of somebody else", addOwned("zed", "umira"), ""},
		{"of nobody", addOwned("nil", "unobody"), "not_found "},
		{"a token", func(ctx context.Context, s chat.Store) error {
			return s.AddToken(ctx, chat.Facts{}, token, chat.HashSecret("t"))
		}, ""},
		{"in a room of its owner", addMembers(general, "bea"), ""},
		{"in again", addMembers(general, "bea"), ""},
		{"a room without the owner", addRoom("rone", private, "umira", "bea"), "conflict members"},
		{"a room with the owner", addRoom("rone", private, "ujonas", "bea", "umira"), ""},
		{"a conversation without the owner", addRoom("rtalk", direct, "uada", "bea"), ""},
		{"another room", addRoom("rtwo", private, "umira"), ""},
		{"its owner is not there", addMembers("rtwo", "bea"), "conflict user"},
		{"nor when both come at once", addMembers("rtwo", "ujonas", "bea"), "conflict user"},
		{"its owner comes", addMembers("rtwo", "ujonas"), ""},
		{"then it may", addMembers("rtwo", "bea", "bob"), ""},
		{"and another's", addMembers("rtwo", "zed"), ""},
		{"one goes alone", removeMember("rtwo", "bob", "umira"), ""},
		{"and comes back", addMembers("rtwo", "bob"), ""},
		{"its owner is removed", removeMember("rtwo", "ujonas", "umira"), ""},
		{"it stays out", addMembers("rtwo", "bob"), "conflict user"},
		{"its owner leaves", removeMember("rone", "ujonas", ""), ""},
		{"it is a guest for ever", updateUser(chat.UpdateUser{User: "bea", Role: &admin, At: began}), "invalid role"},
		{"the same role is none", updateUser(chat.UpdateUser{User: "bea", Role: &guest, At: began}), ""},
		{"one ends alone", deactivate("bob", true), ""},
		{"its owner ends", deactivate("ujonas", true), ""},
		{"again", deactivate("ujonas", true), ""},
		{"it cannot come back", deactivate("bea", false), "conflict deactivated"},
		{"no bot of who is out", addOwned("nil", "ujonas"), "conflict "},
		{"its owner comes back", deactivate("ujonas", false), ""},
		{"alone", func(ctx context.Context, s chat.Store) error {
			u, err := s.User(ctx, "bea")
			if err == nil && !u.Deactivated {
				err = errors.New("the bot came back with its owner")
			}
			return err
		}, ""},
		{"then it may too", deactivate("bea", false), ""},
		{"and again", deactivate("bea", false), ""},
	} {
		got, want := c.do(ctx, s.Store), c.do(ctx, m)
		if o := fmt.Sprint(outcome("", got)); o != c.want || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d, %s: %v; the model: %v; want %q", n, c.what, got, want, c.want)
		}
		heard, wanted := fmt.Sprintf("%+v", plain(h.take(), counters...)), fmt.Sprintf("%+v", plain(hm.take(), counters...))
		if heard != wanted {
			t.Errorf("%d, %s announces\n%s\nwant\n%s", n, c.what, heard, wanted)
		}
	}
	for _, id := range []string{"bea", "bob", "zed", "ujonas"} {
		got, err := s.User(ctx, id)
		want, _ := m.User(ctx, id)
		if err != nil || fmt.Sprintf("%+v", plain(got)) != fmt.Sprintf("%+v", plain(want)) {
			t.Errorf("%s is %+v, %v; want %+v", id, got, err, want)
		}
	}
	if _, _, err := s.TokenBySecret(ctx, "bea", chat.HashSecret("t"), began); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("the token of the bot that ended: %v", err)
	}
}

// manyBots checks that one has so many bots and no more, and that all of them leave a room with their owner.
func manyBots(t *testing.T, open Open) {
	s, _ := furnished(t, open)
	ctx := context.Background()
	do := func(want string, do step) {
		t.Helper()
		if got := fmt.Sprint(outcome("", do(ctx, s.Store))); got != want {
			t.Fatalf("%s, want %q", got, want)
		}
	}
	id := func(n int) string { return fmt.Sprintf("bot%02d", n) }
	for n := range bot.MaxAll {
		if n >= bot.Max {
			do("conflict ", addOwned(id(n), "ujonas"))
			do("", deactivate(id(n-bot.Max), true))
		}
		do("", addOwned(id(n), "ujonas"))
		do("", addMembers(general, id(n)))
	}
	do("conflict deactivated", deactivate(id(0), false))
	do("", deactivate(id(bot.MaxAll-1), true))
	do("conflict ", addOwned(id(bot.MaxAll), "ujonas")) // there were too many
	do("", deactivate(id(0), false))
	do("", addOwned("other", "umira"))
	do("", addMembers(general, "other"))
	do("", removeMember(general, "ujonas", "umira"))
	members, err := s.Members(ctx, general)
	in := map[string]bool{}
	for _, m := range members {
		in[m.User] = true
	}
	if err != nil || len(members) != len(people) || !in["other"] || in["ujonas"] { // Jonas is out, and somebody's bot in
		t.Errorf("%v, %v", members, err)
	}
	do("", deactivate("ujonas", true))
	us, _, err := s.Users(ctx)
	if err != nil || slices.ContainsFunc(us, func(u chat.User) bool { return u.Owner == "ujonas" && !u.Deactivated }) {
		t.Errorf("%v: a bot of Jonas, who is deactivated, is active", err)
	}
}

// botsTogether checks that no bot is anywhere without its owner, nor active, whatever happens at the same time.
func botsTogether(t *testing.T, open Open) {
	s, _ := furnished(t, open)
	ctx := context.Background()
	allowed := func(err error) {
		t.Helper()
		if c := chat.ErrorCode(err); err != nil && c != chat.Conflict && c != chat.NotFound {
			t.Error(err)
		}
	}
	together := func(steps ...step) {
		t.Helper()
		var all sync.WaitGroup
		for _, do := range steps {
			all.Go(func() { allowed(do(ctx, s.Store)) })
		}
		all.Wait()
		owner, err := s.User(ctx, "ujonas")
		us, _, failed := s.Users(ctx)
		members, missing := s.Members(ctx, general)
		if err := errors.Join(err, failed, missing); err != nil {
			t.Fatal(err)
		}
		in := map[string]bool{}
		for _, m := range members {
			in[m.User] = true
		}
		active := 0
		for _, u := range us {
			if u.Owner != owner.ID {
				continue
			}
			if !u.Deactivated {
				active++
			}
			if in[u.ID] && !in[owner.ID] {
				t.Fatalf("%s is in the room without its owner", u.ID)
			}
		}
		if owner.Deactivated && active > 0 || active > bot.Max {
			t.Fatalf("%d active bots; the owner is deactivated: %v", active, owner.Deactivated)
		}
	}
	for n := range 4 {
		a, b := fmt.Sprint("a", n), fmt.Sprint("b", n)
		allowed(addOwned(a, "ujonas")(ctx, s.Store))
		together(addMembers(general, a), removeMember(general, "ujonas", "umira"))
		allowed(addMembers(general, "ujonas")(ctx, s.Store))
		together(removeMember(general, "ujonas", ""), addMembers(general, a), addMembers(general, a))
		together(deactivate("ujonas", true), addOwned(b, "ujonas"))
		allowed(deactivate("ujonas", false)(ctx, s.Store))
		together(deactivate(a, false), deactivate("ujonas", true), deactivate(b, false))
		allowed(deactivate("ujonas", false)(ctx, s.Store))
		allowed(addMembers(general, "ujonas")(ctx, s.Store))
	}
	var many []step
	for n := range bot.Max + 2 {
		many = append(many, addOwned(fmt.Sprint("c", n), "ujonas"))
	}
	together(many...)
}

// walkers are those whom random commands are about: people, and a bot of Jonas.
func walkers() []string { return append(slices.Clone(people), "ubot") }

// outs deactivates Jonas or his bot, or brings them back.
func (w *walk) outs() (string, command) {
	who, out := pick(w, "who", "ujonas", "ubot"), w.flag()
	cmd := chat.UpdateUser{User: who, Deactivated: &out, EndSessions: out, At: w.at.Add(time.Second)}
	return "deactivate", func(ctx context.Context, s chat.Store) (any, error) { return s.UpdateUser(ctx, cmd) }
}
