package chat_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/poll"
)

// bot is Kim as a bot.
func (s *stage) bot() chat.Actor {
	a := s.kim
	a.User.Bot = true
	return a
}

// streamPost posts a message that the bot goes on writing.
func (s *stage) streamPost(n int, body string) (chat.Message, bool, error) {
	m, created, err := s.rules.PostMessage(s.ctx, s.bot(), s.room, chat.PostInput{ClientID: clientID(n), Text: body, Stream: true})
	s.streamed = m.Seq
	return m, created, err
}

// streamText gives the message another text, a second later.
func (s *stage) streamText(body string, done bool) (chat.Message, bool, error) {
	s.pass(time.Second)
	return s.rules.StreamMessage(s.ctx, s.bot(), s.room, s.streamed, chat.EditInput{Text: body, Done: &done})
}

// stream posts a message that Kim is still writing, unless she was never in the room.
func (s *stage) stream(kind chat.Kind, place int) {
	s.t.Helper()
	if kind == chat.Direct && place == 2 {
		s.streamed = 1
		return
	}
	s.must(third(s.streamPost(40, "S")))
}

func streamRules() []rule {
	text := func(name, room, grid string, what func(*stage) int64, in chat.EditInput, person bool) rule {
		return rule{chat.CmdStream, name, room, "write", grid, "MessageChanged", func(s *stage) error {
			s.pass(time.Second)
			a := s.bot()
			a.User.Bot = !person
			return third(s.rules.StreamMessage(s.ctx, a, s.room, what(s), in))
		}}
	}
	post := func(name, grid string, in chat.PostInput, person bool) rule {
		return rule{chat.CmdPostMessage, name, "public", "write", grid, "MessageChanged", func(s *stage) error {
			in.ClientID, in.Stream = clientID(41), true
			a := s.bot()
			a.User.Bot = !person
			return third(s.rules.PostMessage(s.ctx, a, s.room, in))
		}}
	}
	_, others, _, system, ownGone := targets()
	own := func(s *stage) int64 { return s.own }
	streamed := func(s *stage) int64 { return s.streamed }
	next, last := chat.EditInput{Text: "So"}, chat.EditInput{Text: "Soup", Done: new(true)}
	early := func(r rule) rule { // it is refused before anything is read
		r.needs = ""
		return r
	}
	const (
		ownersOnly = "ok 403 403 / ok 403 403 / ok 403 403 / ok 403 404"
		invalid    = "400 400 400 / 400 400 400 / 400 400 400 / 400 400 400"
	)
	return []rule{
		text("the next text", "public streams", insidePublic, streamed, next, false),
		text("the next text", "private streams", insideHidden, streamed, next, false),
		text("the next text", "direct streams", insideHidden, streamed, next, false),
		text("the next text", "public streams archived", with(insidePublic, "409"), streamed, next, false),
		text("the next text", "public streams owners", ownersOnly, streamed, next, false),
		text("no text", "public streams", insidePublic, streamed, chat.EditInput{}, false),
		text("the same text", "public streams archived", with(insidePublic, "same"), streamed, chat.EditInput{Text: "S"}, false),
		text("the last text", "public streams", insidePublic, streamed, last, false),
		text("the last text, which is the same", "public streams", insidePublic, streamed, chat.EditInput{Text: "S", Done: new(true)}, false),
		text("the last text, which is none", "public streams", with(insidePublic, "400"), streamed, chat.EditInput{Done: new(true)}, false),
		text("the last text", "public streams archived", with(insidePublic, "409"), streamed, last, false),
		early(text("a preview", "public streams", invalid, streamed, chat.EditInput{Text: "So", Preview: new("x")}, false)),
		text("by a person", "public streams", with(insidePublic, "403"), streamed, next, true),
		text("of another's", "public streams", with(insidePublic, "403"), others, next, false),
		text("of the room's own", "public streams", with(insidePublic, "403"), system, next, false),
		text("of one's tombstone", "public streams", with(insidePublic, "410"), ownGone, next, false),
		text("after the last one", "public streams", with(insidePublic, "409"), own, next, false),
		text("the last one again", "public streams archived", with(insidePublic, "same"), own,
			chat.EditInput{Text: "Mine", Done: new(true)}, false),
		post("to be streamed", insidePublic, chat.PostInput{Text: "S"}, false),
		post("to be streamed, of no text yet", insidePublic, chat.PostInput{}, false),
		post("to be streamed, by a person", with(insidePublic, "403"), chat.PostInput{Text: "S"}, true),
		early(post("to be streamed, with a poll", invalid, chat.PostInput{Text: "S", Poll: &poll.Poll{Options: []string{"a", "b"}}}, false)),
		early(post("to be streamed, asking to confirm", invalid, chat.PostInput{Text: "S", Confirm: true}, false)),
	}
}

// TestStreamIsStoredOnceASecond: a text within a second of the one before is not stored; the last one is, at once, and ends it.
func TestStreamIsStoredOnceASecond(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	began := s.clock()
	s.must(third(s.streamPost(50, "")))
	s.take()
	for i, c := range []struct {
		pass       time.Duration
		body       string
		done       bool
		want       string // the text after it
		later      bool
		events     string
		streamedAt time.Duration // since the post; less than 0: it is done
	}{
		{0, "", false, "…", false, "", 0},
		{999 * time.Millisecond, "a", false, "…", true, "", 0},
		{time.Millisecond, "b", false, "b", false, "MessageChanged", time.Second},
		{0, "c", false, "b", true, "", time.Second},
		{0, "b", false, "b", false, "", time.Second},
		{999 * time.Millisecond, "d", false, "b", true, "", time.Second},
		{time.Millisecond, "e", false, "e", false, "MessageChanged", 2 * time.Second},
		{-time.Hour, "f", false, "f", false, "MessageChanged", 2*time.Second - time.Hour}, // the clock was set back
		{time.Millisecond, "g", true, "g", false, "MessageChanged", -1},
		{time.Minute, "g", true, "g", false, "", -1},
	} {
		s.pass(c.pass)
		m, later, err := s.rules.StreamMessage(s.ctx, s.bot(), s.room, s.streamed, chat.EditInput{Text: c.body, Done: &c.done})
		if err != nil || later != c.later || m.Text != c.want || s.take() != c.events {
			t.Fatalf("%d: %q, later %v, %v", i, m.Text, later, err)
		}
		at := c.streamedAt
		if at == -1 != (m.StreamingAt == nil) || at != -1 && !m.StreamingAt.Equal(began.Add(at)) {
			t.Errorf("%d: streaming at %v", i, m.StreamingAt)
		}
		if m.EditedAt != nil || m.Edits != 0 {
			t.Errorf("%d: it is edited", i)
		}
	}
	for _, done := range []bool{false, true} {
		if err := third(s.streamText("late", done)); outcome(err) != "409" {
			t.Errorf("after the end: %v", err)
		}
	}
	h, err := s.rules.History(s.ctx, s.kim, s.room, s.streamed, nil)
	if s.must(err); len(h.Versions) != 1 || h.Versions[0].Text != "g" || h.Versions[0].N != 0 {
		t.Errorf("%+v", h.Versions)
	}
	m, err := s.rules.EditMessage(s.ctx, s.bot(), s.room, s.streamed, chat.EditInput{Text: "h"})
	if s.must(err); m.Edits != 1 || m.EditedAt == nil {
		t.Errorf("an edit after it is none: %+v", m)
	}
}

// TestStreamMentionsAtItsEnd: a name that is half written is nobody's.
func TestStreamMentionsAtItsEnd(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	mentions := func(m chat.Message, _ bool, err error) []string {
		s.must(err)
		return m.Mentions
	}
	jonas, mira := []string{s.id("jonas")}, []string{s.id("mira")}
	if got := mentions(s.streamPost(50, "@jonas")); !slices.Equal(got, jonas) {
		t.Errorf("the post mentions %v", got)
	}
	if got := mentions(s.streamText("@mira", false)); !slices.Equal(got, jonas) {
		t.Errorf("a text of it mentions %v", got)
	}
	if got := mentions(s.streamText("@mira", true)); !slices.Equal(got, mira) {
		t.Errorf("the last text mentions %v", got)
	}
}

// TestEditsOfWhatIsStreamed: doors ask whether an edit is one of the texts, for which a bot need not say so while it writes.
func TestEditsOfWhatIsStreamed(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	s.must(third(s.streamPost(50, "S")))
	person := s.kim
	for _, c := range []struct {
		what string
		a    chat.Actor
		seq  int64
		done *bool
		want bool
	}{
		{"by its bot", s.bot(), s.streamed, nil, true},
		{"that says so", person, s.own, new(false), true},
		{"of another message", s.bot(), s.own, nil, false},
		{"of no message", s.bot(), 1000, nil, false},
		{"by a person", person, s.streamed, nil, false},
	} {
		if got, err := s.rules.Streams(s.ctx, c.a, s.room, c.seq, chat.EditInput{Text: "So", Done: c.done}); err != nil || got != c.want {
			t.Errorf("an edit %s: %v, %v", c.what, got, err)
		}
	}
	s.pass(chat.StreamSilence - time.Millisecond)
	if got, err := s.rules.Streams(s.ctx, s.bot(), s.room, s.streamed, chat.EditInput{}); !got || err != nil {
		t.Errorf("before ten minutes: %v, %v", got, err)
	}
	s.pass(time.Millisecond)
	if got, err := s.rules.Streams(s.ctx, s.bot(), s.room, s.streamed, chat.EditInput{}); got || err != nil {
		t.Errorf("after ten minutes: %v, %v", got, err)
	}
	m, err := s.rules.EditMessage(s.ctx, s.bot(), s.room, s.streamed, chat.EditInput{Text: "S"})
	if s.must(err); m.StreamingAt != nil || m.Edits != 1 {
		t.Errorf("an edit does not end it: %+v", m)
	}
	s.must(third(s.streamPost(51, "S")))
	s.pass(chat.StreamSilence)
	if m, later, err := s.streamText("So", false); err != nil || later || m.StreamingAt == nil || m.Edits != 0 {
		t.Errorf("a text after ten minutes: %+v, %v", m, err)
	}
}

// racing is a store in which another text comes between the decision and the commit, once.
type racing struct {
	chat.Store
	between func()
	once    sync.Once
}

func (r *racing) EditMessage(ctx context.Context, c chat.EditMessage) (chat.Message, error) {
	r.once.Do(r.between)
	return r.Store.EditMessage(ctx, c)
}

// TestTwoTextsAtOnce: of two texts that are allowed at the same time one is stored.
func TestTwoTextsAtOnce(t *testing.T) {
	h := withBot(t)
	ctx, ci := t.Context(), h.people["ci"]
	seq := h.post("ci", chat.PostInput{ClientID: clientID(50), Text: "S", Stream: true})
	h.take()
	h.pass(time.Second)
	inner := h.rules
	h.rules = h.with(&racing{Store: h.store, between: func() {
		_, later, err := inner.StreamMessage(ctx, ci, h.room, seq, chat.EditInput{Text: "So"})
		if h.must(err); later {
			t.Error("the first is not stored")
		}
	}}, limit.None{})
	m, later, err := h.rules.StreamMessage(ctx, ci, h.room, seq, chat.EditInput{Text: "Sou"})
	if events := h.take(); err != nil || !later || m.Text != "So" || events != "MessageChanged" {
		t.Errorf("%q, later %v, %v, announced %s", m.Text, later, err, events)
	}
}

// TestBotsEditAtARateOfTheirOwn: what bots stream takes nothing from their requests, and is counted before its body is read, once.
func TestBotsEditAtARateOfTheirOwn(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	s.must(third(s.streamPost(50, "S")))
	l := &taken{of: map[string]string{}}
	s.rules = s.limited(l)
	bot, err := s.rules.CountEdit(s.ctx, s.bot())
	s.must(err)
	s.pass(time.Second)
	s.must(third(s.rules.StreamMessage(s.ctx, bot, s.room, s.streamed, chat.EditInput{Text: "So"})))
	if l.of["requests"] != "" || l.of["streaming messages"] != bot.User.ID+" " {
		t.Errorf("took %v", l.of)
	}
	s.must(second(s.rules.EditMessage(s.ctx, bot, s.room, s.own, chat.EditInput{Text: "Better"})))
	if l.of["requests"] != "" || l.of["changing messages"] != bot.User.ID+" " {
		t.Errorf("an edit took %v", l.of)
	}
	if _, err := s.rules.CountEdit(s.ctx, s.kim); err != nil || l.of["requests"] != s.kim.User.ID+" " {
		t.Errorf("of a person it took %v", l.of)
	}
	l.over, l.whom = "streaming messages", bot.User.ID
	_, err = s.rules.CountEdit(s.ctx, s.bot())
	if e, ok := errors.AsType[*chat.Error](err); !ok || e.Code != chat.RateLimited || e.RetryAfter <= 0 {
		t.Errorf("beyond the rate: %v", err)
	}
}
