package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest/model"
)

// refusal is a command or read that every store must refuse.
type refusal struct {
	what string
	code chat.Code // "" for [chat.ErrStale]
	do   func(context.Context, chat.Store) error
}

// refusals checks that a store refuses the same commands as the model, with the same errors.
func refusals(t *testing.T, open Open) {
	ctx, h := context.Background(), &recorder{}
	s := opened(t, open, h)
	defer s.Close()
	m := model.New(nil)
	all := slices.Concat(ofUsers(), ofAccess(), ofRooms(), ofMessages(), ofThreads(), ofPolls(), ofMissing())
	for _, store := range []chat.Store{s, m} {
		if err := furnishRefusals(ctx, store); err != nil {
			t.Fatal(err)
		}
		if !s.Slow { // for slow stores, the unit test of chat.MayAddToken must suffice
			if err := furnishTokens(ctx, store); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !s.Slow {
		all = append(all, refusal{"a token too many", chat.Conflict, addToken("one more")})
	}
	h.take()
	for _, r := range all {
		got, want := r.do(ctx, s.Store), r.do(ctx, m)
		if stale := errors.Is(want, chat.ErrStale); want == nil || stale != (r.code == "") || !stale && chat.ErrorCode(want) != r.code {
			t.Errorf("%s: the model says %v, want %q", r.what, want, r.code)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s\n got %v\nwant %v", r.what, got, want)
		}
	}
	if announced := h.take(); len(announced) > 0 {
		t.Errorf("refused commands announce %+v", announced)
	}
}

func invite(id string, uses int) chat.Invite {
	return chat.Invite{ID: id, By: "umira", Role: chat.Member, CreatedAt: began, ExpiresAt: began.Add(time.Hour), MaxUses: uses}
}

// furnishRefusals creates the data for the refusals. In the room general 1 is a message, 2 a reply to it, 3 a system message, 4 a
// tombstone, 5 has the maximum number of emoji, and 6 to 8 have polls.
func furnishRefusals(ctx context.Context, s chat.Store) error {
	errs := []error{furnish(ctx, s, nil)}
	handle, topic := "jo", "food"
	_, err := s.UpdateUser(ctx, chat.UpdateUser{User: "ujonas", Handle: &handle, At: began})
	errs = append(errs, err)
	post := func(id string, thread int64) {
		_, _, err := s.PostMessage(ctx, chat.PostMessage{Room: general, Author: "umira", ClientID: id, Text: id, Thread: thread, At: began})
		errs = append(errs, err)
	}
	post("a message", 0)
	post("its reply", 1)
	_, err = s.UpdateRoom(ctx, chat.UpdateRoom{
		Room: general, By: "umira", Topic: &topic, Texts: map[chat.What]string{chat.TopicChanged: "topic"}, At: began,
	})
	errs = append(errs, err)
	post("a tombstone", 0)
	errs = append(errs, s.DeleteMessage(ctx, chat.DeleteMessage{Room: general, Seq: 4, At: began}))
	post("full of emoji", 0)
	for i := range chat.MaxEmojiOnMessage {
		_, err := s.SetReaction(ctx, chat.SetReaction{
			Room: general, Seq: 5, User: "umira", Emoji: fmt.Sprint("e", i), Added: true, At: began,
		})
		errs = append(errs, err)
	}
	errs = append(errs, furnishPolls(ctx, s))
	lunch := chat.Room{ID: "rlunch", Kind: chat.Public, Name: "lunch", Posting: chat.PostingEveryone, CreatedBy: "umira", CreatedAt: began}
	_, _, err = s.AddRoom(ctx, chat.AddRoom{
		Room: lunch, Members: []chat.RoomMembership{{User: "umira", Role: chat.RoomOwner, JoinedAt: began}},
	})
	errs = append(errs, err)
	expired, used, another := invite("expired", 0), invite("used", 1), invite("another", 1)
	expired.ExpiresAt, used.Uses, another.Email = began, 1, "other@example.com"
	for _, i := range []chat.Invite{expired, used, another} {
		errs = append(errs, s.AddInvite(ctx, chat.Facts{}, i, chat.HashSecret(i.ID)))
	}
	return errors.Join(errs...)
}

func addToken(id string) func(context.Context, chat.Store) error {
	return func(ctx context.Context, s chat.Store) error {
		return s.AddToken(ctx, chat.Facts{}, chat.Token{ID: id, User: "umira", UserEpoch: 1, Name: id, CreatedAt: began},
			chat.HashSecret(id))
	}
}

func furnishTokens(ctx context.Context, s chat.Store) error {
	for i := range chat.MaxTokens {
		if err := addToken(fmt.Sprint("t", i))(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func addUser(n chat.NewUser, invite string) func(context.Context, chat.Store) error {
	return func(ctx context.Context, s chat.Store) error {
		cmd := chat.AddUser{User: n, At: began}
		if invite != "" {
			h := chat.HashSecret(invite)
			cmd.Invite = &h
		}
		_, err := s.AddUser(ctx, cmd)
		return err
	}
}

func updateUser(cmd chat.UpdateUser) func(context.Context, chat.Store) error {
	return func(ctx context.Context, s chat.Store) error {
		_, err := s.UpdateUser(ctx, cmd)
		return err
	}
}

func ofUsers() []refusal {
	twin, former, mail := user("eve", chat.Member), user("eve", chat.Member), user("eve", chat.Member)
	twin.User.Handle, former.User.Handle, mail.EmailFold = "mira", "jonas", "mira@example.com"
	taken, admin, gone := "mira", chat.Admin, true
	return []refusal{
		{"a new user with another's handle", chat.Conflict, addUser(twin, "")},
		{"a new user with another's former handle", chat.Conflict, addUser(former, "")},
		{"a new user with another's e-mail", chat.Conflict, addUser(mail, "")},
		{"taking another's handle", chat.Conflict, updateUser(chat.UpdateUser{User: "uada", Handle: &taken, At: began})},
		{"taking the last owner's role", chat.Conflict, updateUser(chat.UpdateUser{User: "umira", Role: &admin, At: began})},
		{"deactivating the last owner", chat.Conflict, updateUser(chat.UpdateUser{User: "umira", Deactivated: &gone, At: began})},
		{
			"changing a user whose role is another", "",
			updateUser(chat.UpdateUser{
				User: "uada", Was: &chat.UserFact{ID: "uada", Role: chat.Member, Epoch: 1}, Handle: &taken, At: began,
			}),
		},
		{"changing nobody", chat.NotFound, updateUser(chat.UpdateUser{User: "nobody", Role: &admin, At: began})},
	}
}

func ofAccess() []refusal {
	return []refusal{
		{"an unknown invite", chat.NotFound, addUser(user("eve", chat.Member), "unknown")},
		{"an expired invite", chat.NotFound, addUser(user("eve", chat.Member), "expired")},
		{"a used invite", chat.NotFound, addUser(user("eve", chat.Member), "used")},
		{"an invite for another", chat.NotFound, addUser(user("eve", chat.Member), "another")},
		{"a session of another epoch", "", func(ctx context.Context, s chat.Store) error {
			return s.AddSession(ctx, chat.NewSession{
				Session: chat.Session{ID: "s", User: "umira", UserEpoch: 2, CreatedAt: began, ExpiresAt: began.Add(time.Hour)},
			})
		}},
		{"a second setup", chat.Conflict, func(ctx context.Context, s chat.Store) error {
			_, err := s.Setup(ctx, chat.Setup{Owner: user("eve", chat.Owner), RoomID: "rother", At: began})
			return err
		}},
		{"moving into what is there", chat.Conflict, func(ctx context.Context, s chat.Store) error {
			a, ok := s.(archive.Store)
			if !ok {
				return fmt.Errorf("%T does not implement archive.Store", s)
			}
			return a.Import(ctx, []archive.Record{archive.UserRecord{NewUser: user("eve", chat.Owner)}})
		}},
	}
}

func ofRooms() []refusal {
	name := "lunch"
	return []refusal{
		{"a room with another's name", chat.Conflict, func(ctx context.Context, s chat.Store) error {
			_, _, err := s.AddRoom(ctx, chat.AddRoom{
				Room:    chat.Room{ID: "rother", Kind: chat.Public, Name: name, CreatedAt: began},
				Members: []chat.RoomMembership{{User: "umira", Role: chat.RoomOwner, JoinedAt: began}},
			})
			return err
		}},
		{"taking another room's name", chat.Conflict, func(ctx context.Context, s chat.Store) error {
			_, err := s.UpdateRoom(ctx, chat.UpdateRoom{Room: general, By: "umira", Name: &name, At: began})
			return err
		}},
		{"reading beyond the room's end", chat.Invalid, func(ctx context.Context, s chat.Store) error {
			_, err := s.SetRead(ctx, chat.SetRead{Room: general, User: "umira", Seq: 9})
			return err
		}},
		{"changes since a revision that is not there yet", chat.Gone, func(ctx context.Context, s chat.Store) error {
			_, err := s.Changes(ctx, general, 1000, chat.Bound{Limit: 10, Bytes: chat.PageBytes}, "umira")
			return err
		}},
	}
}

func ofMessages() []refusal {
	var out []refusal
	for _, c := range []struct {
		what string
		root int64
		code chat.Code
	}{
		{"no message", 99, chat.NotFound}, {"a reply", 2, chat.Invalid}, {"a system message", 3, chat.Invalid},
		{"a tombstone", 4, chat.Gone},
	} {
		out = append(out, refusal{"answering " + c.what, c.code, func(ctx context.Context, s chat.Store) error {
			_, _, err := s.PostMessage(ctx, chat.PostMessage{
				Room: general, Author: "umira", ClientID: "answering " + c.what, Text: "hello", Thread: c.root, At: began,
			})
			return err
		}})
	}
	for _, c := range []struct {
		what string
		seq  int64
		code chat.Code
	}{{"no message", 99, chat.NotFound}, {"a tombstone", 4, chat.Gone}} {
		out = append(out, refusal{"editing " + c.what, c.code, func(ctx context.Context, s chat.Store) error {
			_, err := s.EditMessage(ctx, chat.EditMessage{Room: general, Seq: c.seq, By: "umira", Text: "hello", At: began})
			return err
		}}, refusal{"reacting to " + c.what, c.code, func(ctx context.Context, s chat.Store) error {
			_, err := s.SetReaction(ctx, chat.SetReaction{Room: general, Seq: c.seq, User: "umira", Emoji: "🎉", Added: true, At: began})
			return err
		}})
	}
	return append(out, refusal{"an emoji too many", chat.Conflict, func(ctx context.Context, s chat.Store) error {
		_, err := s.SetReaction(ctx, chat.SetReaction{Room: general, Seq: 5, User: "uada", Emoji: "🎉", Added: true, At: began})
		return err
	}})
}

func ofThreads() []refusal {
	var out []refusal
	for _, c := range []struct {
		what, room, user string
		root, seq        int64
		code             chat.Code
	}{
		{"of no message", general, "umira", 99, 1, chat.NotFound}, {"of a reply", general, "umira", 2, 1, chat.NotFound},
		{"of a system message", general, "umira", 3, 1, chat.NotFound}, {"of no room", "none", "umira", 1, 1, chat.NotFound},
		{"of a room one is not in", "rlunch", "uada", 1, 0, chat.NotFound},
		{"beyond the room's end", general, "umira", 1, 9, chat.Invalid}, {"before its beginning", general, "umira", 1, -1, chat.Invalid},
	} {
		out = append(out, refusal{"reading a thread " + c.what, c.code, func(ctx context.Context, s chat.Store) error {
			_, err := s.ReadThread(ctx, chat.ReadThread{Room: c.room, Root: c.root, User: c.user, Seq: c.seq})
			return err
		}})
		if c.code != chat.NotFound {
			continue
		}
		out = append(out, refusal{"following a thread " + c.what, c.code, func(ctx context.Context, s chat.Store) error {
			_, err := s.FollowThread(ctx, chat.FollowThread{Room: c.room, Root: c.root, User: c.user})
			return err
		}}, refusal{"asking for a thread " + c.what, c.code, func(ctx context.Context, s chat.Store) error {
			_, err := s.MyThread(ctx, c.room, c.root, c.user)
			return err
		}})
	}
	return out
}

func ofMissing() []refusal {
	return []refusal{
		{"no user", chat.NotFound, func(ctx context.Context, s chat.Store) error { _, err := s.User(ctx, "nobody"); return err }},
		{
			"no credentials", chat.NotFound,
			func(ctx context.Context, s chat.Store) error { _, _, err := s.Credentials(ctx, "nobody"); return err },
		},
		{
			"no credentials of", chat.NotFound,
			func(ctx context.Context, s chat.Store) error { _, _, err := s.CredentialsOf(ctx, "nobody"); return err },
		},
		{
			"no credentials of an empty id", chat.NotFound, // a link that somebody made up names no user
			func(ctx context.Context, s chat.Store) error { _, _, err := s.CredentialsOf(ctx, ""); return err },
		},
		{"no room", chat.NotFound, func(ctx context.Context, s chat.Store) error {
			_, err := s.RoomAccess(ctx, "none", "umira")
			return err
		}},
		{
			"a room one is not in", chat.NotFound,
			func(ctx context.Context, s chat.Store) error { _, err := s.MyRoom(ctx, "rlunch", "uada"); return err },
		},
		{"no message", chat.NotFound, func(ctx context.Context, s chat.Store) error {
			_, err := s.Message(ctx, general, 99, "umira")
			return err
		}},
		{
			"the history of a tombstone", chat.NotFound,
			func(ctx context.Context, s chat.Store) error {
				_, err := s.Versions(ctx, chat.VersionQuery{Room: general, Seq: 4, Bytes: chat.PageBytes})
				return err
			},
		},
		{"ending no session", chat.NotFound, func(ctx context.Context, s chat.Store) error { return s.EndSession(ctx, "umira", "none") }},
		{"ending no token", chat.NotFound, func(ctx context.Context, s chat.Store) error { return s.EndToken(ctx, "umira", "none") }},
		{
			"ending another's invite", chat.NotFound,
			func(ctx context.Context, s chat.Store) error { return s.EndInvite(ctx, chat.Facts{}, "uada", "used") },
		},
		{"removing who is no member", chat.NotFound, func(ctx context.Context, s chat.Store) error {
			return s.RemoveMember(ctx, chat.RemoveMember{Room: "rlunch", User: "uada", Reason: chat.Removed})
		}},
		{"a role for who is no member", chat.NotFound, func(ctx context.Context, s chat.Store) error {
			return s.SetMemberRole(ctx, chat.Facts{}, "rlunch", "uada", chat.RoomOwner)
		}},
	}
}

// byHandle checks that UsersByHandle finds the present owners of handles, for many handles at once.
func byHandle(t *testing.T, open Open) {
	ctx, h := context.Background(), &recorder{}
	s := opened(t, open, h)
	defer s.Close()
	m := model.New(nil)
	handle, back := "jo", "jonas"
	for _, store := range []chat.Store{s, m} {
		_, err := store.UpdateUser(ctx, chat.UpdateUser{User: "ujonas", Handle: &handle, At: began})
		if chat.ErrorCode(err) != chat.NotFound {
			t.Fatalf("a user who does not exist yet: %v", err)
		}
		if err := furnish(ctx, store, nil); err != nil {
			t.Fatal(err)
		}
		if _, err = store.UpdateUser(ctx, chat.UpdateUser{User: "ujonas", Handle: &handle, At: began}); err != nil {
			t.Fatal(err)
		}
	}
	many := make([]string, 300)
	for i := range many {
		many[i] = fmt.Sprint("nobody", i)
	}
	for _, c := range []struct {
		handles []string
		want    []string // ids
	}{
		{nil, nil},
		{[]string{"nobody"}, nil},
		{[]string{"mira"}, []string{"umira"}},
		{[]string{"jonas"}, nil}, // a former handle
		{[]string{"jonas", "jo"}, []string{"ujonas"}},
		{[]string{"mira", "gus", "nobody", "mira", "ada"}, []string{"uada", "ugus", "umira"}},
		{append(many, "gus"), []string{"ugus"}},
	} {
		got, err := s.UsersByHandle(ctx, c.handles)
		if want, _ := m.UsersByHandle(ctx, c.handles); err != nil || fmt.Sprint(plain(got)) != fmt.Sprint(plain(want)) {
			t.Errorf("%.80v: %+v, %v; want %+v", c.handles, got, err, want)
		}
		var ids []string
		for _, u := range got {
			ids = append(ids, u.ID)
		}
		if !slices.Equal(ids, c.want) {
			t.Errorf("%.80v: %v, want %v", c.handles, ids, c.want)
		}
	}
	if _, err := s.UpdateUser(ctx, chat.UpdateUser{User: "ujonas", Handle: &back, At: began}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.UsersByHandle(ctx, []string{"jo", "jonas"}); err != nil || len(got) != 1 || got[0].Handle != back {
		t.Errorf("a handle taken back: %+v, %v", got, err)
	}
}
