package chat_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

// TestAuditSaysWhatWasDone: one line after the fact, with who, where from and what; none for what was not done.
func TestAuditSaysWhatWasDone(t *testing.T) {
	s := newStage(t, "public", chat.Admin, 1)
	s.kim.Address = "198.51.100.7"
	title, yes := "Cook", true
	for _, c := range []struct {
		name string
		do   func() error
		want string // in the one line; "" for none
	}{
		{"removes a member", func() error { return s.rules.RemoveMember(s.ctx, s.kim, s.room, s.id("mira")) }, `what="member removed"`},
		{"removes nobody", func() error { return s.rules.RemoveMember(s.ctx, s.kim, s.room, s.id("mira")) }, `what=refused`},
		{"edits her own", func() error {
			return second(s.rules.EditMessage(s.ctx, s.kim, s.room, s.own, chat.EditInput{Text: "Better"}))
		}, ""},
		{"deletes her own", func() error { return s.rules.DeleteMessage(s.ctx, s.kim, s.room, s.own) }, ""},
		{"deletes another's", func() error { return s.rules.DeleteMessage(s.ctx, s.kim, s.room, s.others) }, `what="another's message deleted"`},
		{"deletes it again", func() error { return s.rules.DeleteMessage(s.ctx, s.kim, s.room, s.others) }, ""},
		{"changes a user", func() error {
			return second(s.rules.UpdateUser(s.ctx, s.kim, s.id("mira"), chat.UpdateUserInput{Title: &title}))
		}, `what="user changed"`},
		{"archives", func() error {
			return second(s.rules.UpdateRoom(s.ctx, s.kim, s.room, chat.UpdateRoomInput{Archived: &yes}))
		}, `what="room changed"`},
		{"archives again", func() error {
			return second(s.rules.UpdateRoom(s.ctx, s.kim, s.room, chat.UpdateRoomInput{Archived: &yes}))
		}, ""},
		{"reads", func() error { return second(s.rules.Room(s.ctx, s.kim, "aaaaaaaaaaaa")) }, ""},
		{"leaves", func() error { return s.rules.RemoveMember(s.ctx, s.kim, s.room, s.id("kim")) }, ""},
		{"signs out", func() error { return s.rules.SignOut(s.ctx, s.kim) }, `what="signed out"`},
		{"signs out again", func() error { return s.rules.SignOut(s.ctx, s.kim) }, ""},
	} {
		s.audited()
		s.pass(time.Minute)
		_ = c.do() // its outcome is the table's
		lines := s.audited()
		if c.want == "" && len(lines) > 0 || c.want != "" && (len(lines) != 1 || !strings.Contains(lines[0], c.want)) {
			t.Errorf("%s: %q, want %q", c.name, lines, c.want)
			continue
		}
		for _, l := range lines {
			if !strings.Contains(l, "user="+s.id("kim")) || !strings.Contains(l, "address=198.51.100.7") {
				t.Errorf("%s: does not say who, from where: %s", c.name, l)
			}
			if strings.Contains(l, "Better") || strings.Contains(l, "Cook") || strings.Contains(l, password) {
				t.Errorf("%s: holds content: %s", c.name, l)
			}
		}
	}
}

// TestAuditIsNotFlooded: a line a second for each offender, which says how many refusals had none; others are not affected.
func TestAuditIsNotFlooded(t *testing.T) {
	s := newStage(t, "public", chat.Member, 2)
	post := func() {
		if _, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{ClientID: clientID(100), Text: "News"}); outcome(err) != "403" {
			t.Fatal(err)
		}
	}
	s.audited()
	for range 1000 {
		post()
	}
	guess := chat.SignInInput{Email: "mira@example.com", Password: "wrong"}
	if _, err := s.rules.SignIn(s.ctx, chat.Visitor("198.51.100.9"), guess); outcome(err) != "401" {
		t.Fatal(err)
	}
	lines := s.audited()
	if len(lines) != 2 || !strings.Contains(lines[0], "code=forbidden") || !strings.Contains(lines[1], "address=198.51.100.9") {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	if !strings.Contains(lines[0], `command=post`) || !strings.Contains(lines[0], "room="+s.room) {
		t.Errorf("does not say what was refused: %s", lines[0])
	}
	s.pass(time.Second)
	post()
	if lines = s.audited(); len(lines) != 1 || !strings.Contains(lines[0], "more=999") {
		t.Errorf("after a second: %q", lines)
	}
}

// TestAuditRemembersFewOffenders: from many addresses at once, the lines are counted together and memory stays bounded.
func TestAuditRemembersFewOffenders(t *testing.T) {
	h := open(t, nil)
	h.audited()
	for n := range 6000 {
		if _, err := h.rules.SignUp(t.Context(), chat.Visitor(clientID(n)), chat.SignUpInput{Invite: "no"}); outcome(err) != "404" {
			t.Fatal(err)
		}
	}
	if n := len(h.audited()); n > 4100 {
		t.Errorf("%d lines within a second", n)
	}
}

// TestAuditOfAnything: whatever a request puts where an id belongs, its line stays short and whole. Only a line reads whom it is about,
// and only by an id.
func TestAuditOfAnything(t *testing.T) {
	s := newStage(t, "private", chat.Member, 0)
	store := &counted{Store: s.store}
	s.rules = s.with(store, limit.None{})
	for what, c := range map[string]struct {
		room, of string
		reads    int
	}{
		"a user":    {"aaaaaaaaaaaa", s.id("mira"), 1},
		"nobody":    {"aaaaaaaaaaaa", "aaaaaaaaaaaa", 1},
		"a handle":  {"aaaaaaaaaaaa", "mira", 0},
		"long text": {"#" + strings.Repeat("é", 8000), strings.Repeat("é", 8000), 0},
		"nothing":   {"", "", 0},
	} {
		s.pass(time.Second)
		s.audited()
		store.users = 0
		for range 100 {
			if err := s.rules.RemoveMember(s.ctx, s.kim, c.room, c.of); outcome(err) != "404" {
				t.Fatal(err)
			}
		}
		lines := s.audited()
		if len(lines) != 1 || len(lines[0]) > 700 || !utf8.ValidString(lines[0]) {
			t.Errorf("%s: %d lines, the first of %d bytes: %.200s", what, len(lines), len(strings.Join(lines, "")), lines)
		}
		if store.users != c.reads {
			t.Errorf("%s: %d reads, want %d", what, store.users, c.reads)
		}
	}
}
