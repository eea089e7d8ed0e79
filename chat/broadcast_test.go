package chat_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

// TestBroadcast: what a message calls, and what an edit leaves of it. An edit never makes a broadcast, and ends one whose word is gone.
func TestBroadcast(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	mira := s.people["mira"]
	count := func() int {
		t.Helper()
		r, err := s.rules.Room(s.ctx, mira, s.room)
		s.must(err)
		return r.Mine.MentionCount
	}
	post := func(text string, thread *int64) chat.Message {
		t.Helper()
		m, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{Text: text, Thread: thread})
		s.must(err)
		return m
	}
	for _, c := range []struct {
		text, edited string
		want, then   chat.Broadcast
		counts       int
	}{
		{"Lunch", "Lunch, @room", "", "", 0},
		{"Lunch, @room", "Lunch at noon, @ROOM!", chat.BroadcastRoom, chat.BroadcastRoom, 1},
		{"Lunch, @room", "Lunch", chat.BroadcastRoom, "", 1},
		{"Lunch, @room", "Lunch, `@room`", chat.BroadcastRoom, "", 1},
		{"@here, lunch", "@here and @room, lunch", chat.BroadcastHere, chat.BroadcastHere, 0},
		{"@here, lunch", "@room, lunch", chat.BroadcastHere, "", 0},
		{"@room, lunch", "@here, lunch", chat.BroadcastRoom, "", 1},
		{"@here and @room, lunch", "@here, lunch", chat.BroadcastRoom, "", 1},
		{"@mira @room", "@room", chat.BroadcastRoom, chat.BroadcastRoom, 1},
	} {
		before := count()
		m := post(c.text, nil)
		if n := count() - before; m.Broadcast != c.want || n != c.counts {
			t.Errorf("%q is a broadcast to %q that counts %d, want %q and %d", c.text, m.Broadcast, n, c.want, c.counts)
		}
		edited, err := s.rules.EditMessage(s.ctx, s.kim, s.room, m.Seq, chat.EditInput{Text: c.edited})
		s.must(err)
		left := 0
		if c.then == chat.BroadcastRoom {
			left = 1
		}
		if n := count() - before; edited.Broadcast != c.then || n != left {
			t.Errorf("%q, then %q, is a broadcast to %q that counts %d, want %q and %d", c.text, c.edited, edited.Broadcast, n, c.then, left)
		}
		again, err := s.rules.EditMessage(s.ctx, s.kim, s.room, m.Seq, chat.EditInput{Text: c.text + " again"})
		s.must(err)
		if again.Broadcast != c.then {
			t.Errorf("%q, then %q, then %q again, is a broadcast to %q", c.text, c.edited, c.text, again.Broadcast)
		}
		s.must(s.rules.DeleteMessage(s.ctx, s.kim, s.room, m.Seq))
		if n := count() - before; n != 0 {
			t.Errorf("%q, deleted, counts %d", c.text, n)
		}
	}
	before := count()
	post("@room in a thread", &s.others)
	if n := count() - before; n != 1 {
		t.Errorf("a reply to everybody counts %d", n)
	}
	if r, err := s.rules.Room(s.ctx, s.kim, s.room); err != nil || r.Mine.MentionCount != 0 {
		t.Errorf("one's own broadcasts count %d (%v)", r.Mine.MentionCount, err)
	}
}

// TestBotsBroadcastAsOwners: a bot is like a guest in this.
func TestBotsBroadcastAsOwners(t *testing.T) {
	h := open(t, nil)
	r, _, err := h.rules.AddRoom(t.Context(), h.people["jonas"], chat.NewRoomInput{Kind: chat.Public, Name: "builds"})
	h.must(err)
	_, err = h.rules.AdminAddUser(t.Context(), chat.CommandLineUser{Name: "CI", Handle: "ci", Role: chat.Member, Bot: true})
	h.must(err)
	secret, err := h.rules.AdminAddToken(t.Context(), chat.CommandLineToken{Handle: "ci", Name: "ci"})
	h.must(err)
	ci, err := h.rules.ByToken(t.Context(), secret)
	h.must(err)
	post := func(text string) error {
		return third(h.rules.PostMessage(t.Context(), ci, r.ID, chat.PostInput{Text: text}))
	}
	owner := chat.RoomOwner
	h.must(h.rules.PutMember(t.Context(), h.people["jonas"], r.ID, ci.User.ID, nil))
	if err := post("@room, red"); outcome(err) != "403" || !strings.Contains(err.Error(), "@room") {
		t.Errorf("a bot broadcasts: %v", err)
	}
	h.must(post("red"))
	h.must(h.rules.PutMember(t.Context(), h.people["jonas"], r.ID, ci.User.ID, &owner))
	h.must(post("@room, red"))
}

// TestBroadcastsAreRare: one a minute for a person, in all rooms together. What calls nobody does not count, and a repeated post is
// answered whatever the rate.
func TestBroadcastsAreRare(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	s.rules = s.with(s.store, limit.New(s.clock))
	direct, _, err := s.rules.AddRoom(s.ctx, s.kim, chat.NewRoomInput{Kind: chat.Direct, Members: []string{s.id("mira")}})
	s.must(err)
	post := func(n int, room, text string, thread *int64) (chat.Message, error) {
		m, _, err := s.rules.PostMessage(s.ctx, s.kim, room, chat.PostInput{ClientID: clientID(n), Text: text, Thread: thread})
		return m, err
	}
	if _, err := post(20, s.room, "@room", &s.gone); outcome(err) != "410" {
		t.Fatal(err)
	}
	first, err := post(21, s.room, "@room, after a refusal", nil)
	s.must(err)
	for _, room := range []string{s.room, direct.ID} {
		_, err := post(22, room, "@here", nil)
		if outcome(err) != "429" || !strings.Contains(err.Error(), "once a minute. Wait 1 minute and try again.") {
			t.Errorf("a second broadcast: %v", err)
		}
	}
	s.must(second(post(23, s.room, "hello", nil)))
	s.must(second(post(24, s.room, "`@room`", nil)))
	again, err := post(21, s.room, "@room, after a refusal", nil)
	if err != nil || again.Seq != first.Seq {
		t.Errorf("a repeated broadcast: %d, %v", again.Seq, err)
	}
	s.pass(time.Minute)
	if again, err = post(21, s.room, "@room, after a refusal", nil); err != nil || again.Seq != first.Seq {
		t.Errorf("a repeated broadcast, a minute later: %d, %v", again.Seq, err)
	}
	s.must(second(post(25, s.room, "@here", nil)))
}

// hungUp is a store whose callers no longer wait for an answer. It posts all the same, as a real one may.
type hungUp struct{ chat.Store }

func (s hungUp) PostMessage(ctx context.Context, c chat.PostMessage) (chat.Message, bool, error) {
	if _, _, err := s.Store.PostMessage(ctx, c); err != nil {
		return chat.Message{}, false, err
	}
	return chat.Message{}, false, context.Canceled
}

// TestHangingUpBroadcastsNoMore: a broadcast of which it is not known whether it was posted counts.
func TestHangingUpBroadcastsNoMore(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	s.rules = s.with(hungUp{s.store}, limit.New(s.clock))
	for i, want := range []string{context.Canceled.Error(), "once a minute"} {
		_, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{ClientID: clientID(30 + i), Text: "@room"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("broadcast %d: %v, want %q", i+1, err, want)
		}
	}
}
