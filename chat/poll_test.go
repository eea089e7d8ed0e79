package chat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/poll"
)

// TestNewPolls: what a poll may be.
func TestNewPolls(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	many := make([]string, poll.MaxOptions+1)
	for i := range many {
		many[i] = fmt.Sprint("option ", i)
	}
	two := []string{"soup", "salad"}
	in := func(d time.Duration) *time.Time { at := s.clock().Add(d); return &at }
	for i, c := range []struct {
		what, text string
		poll       poll.Poll
		field      string // "" where it is taken
	}{
		{"two options", "Where?", poll.Poll{Options: two}, ""},
		{"most options", "Where?", poll.Poll{Options: many[1:]}, ""},
		{"a question for a text", "", poll.Poll{Question: "Where?", Options: two}, ""},
		{"a question and a text", "Hello", poll.Poll{Question: "Where?", Options: two}, ""},
		{"an emoji and other scripts", "Where?", poll.Poll{Options: []string{"🌮", "суп"}}, ""},
		{"the latest time", "Where?", poll.Poll{Options: two, ClosesAt: in(poll.Life)}, ""},
		{"neither question nor text", "", poll.Poll{Options: two}, "text"},
		{"one option", "Where?", poll.Poll{Options: two[:1]}, "poll.options"},
		{"an option too many", "Where?", poll.Poll{Options: many}, "poll.options"},
		{"an empty option", "Where?", poll.Poll{Options: []string{"soup", " "}}, "poll.options"},
		{"an option that shows nothing", "Where?", poll.Poll{Options: []string{"soup", "\u200d"}}, "poll.options"},
		{"an option of two lines", "Where?", poll.Poll{Options: []string{"soup", "a\nb"}}, "poll.options"},
		{"an option too long", "Where?", poll.Poll{Options: []string{"soup", strings.Repeat("é", poll.TextLength+1)}}, "poll.options"},
		{"the same option twice", "Where?", poll.Poll{Options: []string{"Soup", " soup"}}, "poll.options"},
		{"a question too long", "Where?", poll.Poll{Question: strings.Repeat("a", 20_001), Options: two}, "poll.question"},
		{"a time that is over", "Where?", poll.Poll{Options: two, ClosesAt: in(0)}, "poll.closes_at"},
		{"a time too far away", "Where?", poll.Poll{Options: two, ClosesAt: in(poll.Life + time.Second)}, "poll.closes_at"},
	} {
		m, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{ClientID: clientID(50 + i), Text: c.text, Poll: &c.poll})
		if c.field == "" {
			if err != nil || m.Poll == nil || m.Tally == nil || len(m.Tally.Options) != len(c.poll.Options) || m.Text == "" {
				t.Errorf("%s: %+v, %v", c.what, m, err)
			}
			if c.text == "" && (m.Text != "Where?" || m.Poll.Question != "") {
				t.Errorf("%s: the text %q asks %q", c.what, m.Text, m.Poll.Question)
			}
			continue
		}
		if outcome(err) != "400" || !strings.Contains(fmt.Sprintf("%+v", err), c.field) {
			t.Errorf("%s: %+v", c.what, err)
		}
	}
}

// TestPollEndsByTime: no vote is taken once its time has come, and the poll can be posted again by its client id.
func TestPollEndsByTime(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	at := s.clock().Add(time.Minute)
	in := chat.PostInput{ClientID: clientID(50), Text: "Where?", Poll: &poll.Poll{Options: []string{"soup", "salad"}, ClosesAt: &at}}
	m, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room, in)
	s.must(err)
	s.pass(time.Minute - time.Millisecond)
	s.must(s.rules.SetVote(s.ctx, s.kim, s.room, m.Seq, []int{1, 1}))
	s.pass(time.Millisecond)
	s.take()
	for what, c := range map[string]struct {
		want string
		do   func() (chat.Message, error)
	}{
		"another vote":   {"409", func() (chat.Message, error) { return s.rules.SetVote(s.ctx, s.kim, s.room, m.Seq, []int{0}) }},
		"taking it back": {"409", func() (chat.Message, error) { return s.rules.SetVote(s.ctx, s.kim, s.room, m.Seq, nil) }},
		"the same vote":  {"ok", func() (chat.Message, error) { return s.rules.SetVote(s.ctx, s.kim, s.room, m.Seq, []int{1}) }},
		"closing it":     {"ok", func() (chat.Message, error) { return s.rules.ClosePoll(s.ctx, s.kim, s.room, m.Seq) }},
		"posting it again": {"ok", func() (chat.Message, error) {
			m, created, err := s.rules.PostMessage(s.ctx, s.kim, s.room, in)
			return m, none(!created, err)
		}},
	} {
		now, err := c.do()
		if outcome(err) != c.want || err == nil && !slices.Equal(now.Tally.Mine, []int{1}) {
			t.Errorf("%s: %v, %+v", what, err, now.Tally)
		}
	}
	if events := s.take(); events != "" {
		t.Errorf("announced %s", events)
	}
}

// TestAnonymousPollTellsNothing: whoever asks, in messages, in answers and in what is announced.
func TestAnonymousPollTellsNothing(t *testing.T) {
	s := newStage(t, "public polls", chat.Owner, 0)
	m, err := s.rules.SetVote(s.ctx, s.people["mira"], s.room, s.anonymousPoll, []int{1})
	s.must(err)
	seen, err := s.rules.Message(s.ctx, s.kim, s.room, s.anonymousPoll)
	s.must(err)
	for what, m := range map[string]chat.Message{"the answer": m, "what Kim reads": seen} {
		if m.Tally.Voters != 1 || m.Tally.Options[1].Count != 1 || len(m.Tally.Options[1].Users) > 0 {
			t.Errorf("%s: %+v", what, m.Tally)
		}
	}
	if len(seen.Tally.Mine) > 0 {
		t.Errorf("Kim reads another's vote: %+v", seen.Tally)
	}
	if _, err := s.rules.Votes(s.ctx, s.kim, s.room, s.anonymousPoll); outcome(err) != "403" {
		t.Errorf("the owner asks for the votes: %v", err)
	}
	for _, a := range s.heard {
		if e, ok := a.Event.(chat.PollChanged); ok && e.Voter == s.id("mira") {
			own := slices.Equal(a.To, []string{e.Voter})
			if e.Own != own || !own && (slices.Contains(a.To, e.Voter) || e.Tally.Mine != nil) || len(e.Tally.Options[1].Users) > 0 {
				t.Errorf("%+v goes to %v", e, a.To)
			}
		}
	}
}

// TestPollEvents: the voter alone hears what they voted for, and an anonymous tally names nobody.
func TestPollEvents(t *testing.T) {
	m := chat.Message{
		Room: "r", Rev: 7, Parts: chat.Parts{Poll: &poll.Poll{Options: []string{"soup", "salad"}, Anonymous: true}},
		Tally: &poll.Tally{Options: make([]poll.Choice, 2)},
	}
	now, err := chat.SetVote{User: "mira", Options: []int{1}}.Apply(m, nil, nil)
	if err != nil || now.Voters != 1 || now.Options[1].Count != 1 || len(now.Options[1].Users) > 0 {
		t.Fatalf("%+v, %v", now, err)
	}
	m.Tally = now
	for i, e := range chat.PollEvents(m, "mira", []int{1}) {
		if p := e.(chat.PollChanged); p.Own != (i == 1) || slices.Equal(p.Tally.Mine, []int{1}) != p.Own || p.Rev != 7 || !p.Anonymous {
			t.Errorf("%+v", p)
		}
	}
	if ended := chat.PollEvents(m, "", nil); len(ended) != 1 {
		t.Errorf("the end is announced as %+v", ended)
	}
}
