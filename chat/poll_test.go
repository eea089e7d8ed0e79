package chat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// TestNewPolls: what a poll may be.
func TestNewPolls(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	many := make([]string, chat.MaxPollOptions+1)
	for i := range many {
		many[i] = fmt.Sprint("option ", i)
	}
	two := []string{"soup", "salad"}
	in := func(d time.Duration) *time.Time { at := s.clock().Add(d); return &at }
	for i, c := range []struct {
		what, text string
		poll       chat.Poll
		field      string // "" where it is taken
	}{
		{"two options", "Where?", chat.Poll{Options: two}, ""},
		{"most options", "Where?", chat.Poll{Options: many[1:]}, ""},
		{"a question for a text", "", chat.Poll{Question: "Where?", Options: two}, ""},
		{"a question and a text", "Hello", chat.Poll{Question: "Where?", Options: two}, ""},
		{"an emoji and other scripts", "Where?", chat.Poll{Options: []string{"🌮", "суп"}}, ""},
		{"the latest time", "Where?", chat.Poll{Options: two, ClosesAt: in(chat.PollLife)}, ""},
		{"neither question nor text", "", chat.Poll{Options: two}, "text"},
		{"one option", "Where?", chat.Poll{Options: two[:1]}, "poll.options"},
		{"an option too many", "Where?", chat.Poll{Options: many}, "poll.options"},
		{"an empty option", "Where?", chat.Poll{Options: []string{"soup", " "}}, "poll.options"},
		{"an option that shows nothing", "Where?", chat.Poll{Options: []string{"soup", "\u200d"}}, "poll.options"},
		{"an option of two lines", "Where?", chat.Poll{Options: []string{"soup", "a\nb"}}, "poll.options"},
		{"an option too long", "Where?", chat.Poll{Options: []string{"soup", strings.Repeat("é", chat.PollTextLength+1)}}, "poll.options"},
		{"the same option twice", "Where?", chat.Poll{Options: []string{"Soup", " soup"}}, "poll.options"},
		{"a question too long", "Where?", chat.Poll{Question: strings.Repeat("a", 20_001), Options: two}, "poll.question"},
		{"a time that is over", "Where?", chat.Poll{Options: two, ClosesAt: in(0)}, "poll.closes_at"},
		{"a time too far away", "Where?", chat.Poll{Options: two, ClosesAt: in(chat.PollLife + time.Second)}, "poll.closes_at"},
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
	in := chat.PostInput{ClientID: clientID(50), Text: "Where?", Poll: &chat.Poll{Options: []string{"soup", "salad"}, ClosesAt: &at}}
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

// TestVotesAreSummedUp: who left and who moves up, where more have voted than are shown.
func TestVotesAreSummedUp(t *testing.T) {
	users := make([]string, chat.MaxPollVoteUsers)
	for i := range users {
		users[i] = fmt.Sprint("u", i)
	}
	next := append(slices.Clone(users[1:]), "late")
	m := chat.Message{
		Parts: chat.Parts{Poll: &chat.Poll{Options: []string{"soup", "salad"}, Several: true}},
		Tally: &chat.Tally{
			Options: []chat.Choice{{Count: len(users) + 1, Users: users}, {Count: 1, Users: []string{"ada"}}}, Voters: len(users) + 2,
		},
	}
	others := func(int) ([]string, error) { return next, nil }
	for _, c := range []struct {
		what   string
		user   string
		before []int
		now    []int
		want   string
	}{
		{"a new voter", "mira", nil, []int{1}, "23: 21 u0…u19, 2 ada mira"},
		{"for both", "mira", nil, []int{0, 1}, "23: 22 u0…u19, 2 ada mira"},
		{"a shown one changes", "u0", []int{0}, []int{1}, "22: 20 u1…late, 2 ada u0"},
		{"a shown one goes", "u0", []int{0}, nil, "21: 20 u1…late, 1 ada"},
		{"one who is not shown goes", "late", []int{0}, nil, "21: 20 u0…u19, 1 ada"},
		{"the only one goes", "ada", []int{1}, nil, "21: 21 u0…u19, 0 "},
		{"one more option", "ada", []int{1}, []int{0, 1}, "22: 22 u0…u19, 1 ada"},
	} {
		got, err := chat.SetVote{User: c.user, Options: c.now}.Apply(m, c.before, others)
		if err != nil {
			t.Fatal(err)
		}
		var parts []string
		for _, o := range got.Options {
			shown := strings.Join(o.Users, " ")
			if len(o.Users) > 2 {
				shown = o.Users[0] + "…" + o.Users[len(o.Users)-1]
			}
			parts = append(parts, fmt.Sprint(o.Count, " ", shown))
		}
		if s := fmt.Sprint(got.Voters, ": ", strings.Join(parts, ", ")); s != c.want {
			t.Errorf("%s: %s, want %s", c.what, s, c.want)
		}
	}
	if m.Tally.Voters != len(users)+2 || len(m.Tally.Options[1].Users) != 1 {
		t.Errorf("the tally before was changed: %+v", m.Tally)
	}
}

// TestPollEvents: the voter alone hears what they voted for, and an anonymous tally names nobody.
func TestPollEvents(t *testing.T) {
	m := chat.Message{
		Room: "r", Rev: 7, Parts: chat.Parts{Poll: &chat.Poll{Options: []string{"soup", "salad"}, Anonymous: true}},
		Tally: &chat.Tally{Options: make([]chat.Choice, 2)},
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
