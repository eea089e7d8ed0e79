package poll_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/poll"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func in(d time.Duration) *time.Time { at := noon.Add(d); return &at }

// TestKept: what a poll may be, and what is kept of it.
func TestKept(t *testing.T) {
	many := make([]string, poll.MaxOptions+1)
	for i := range many {
		many[i] = fmt.Sprint("option ", i)
	}
	for _, c := range []struct {
		what    string
		options []string
		ok      bool
	}{
		{"two options", []string{"soup", "salad"}, true},
		{"most options", many[1:], true},
		{"an emoji and other scripts", []string{"🌮", "суп"}, true},
		{"one option", []string{"soup"}, false},
		{"an option too many", many, false},
		{"an empty option", []string{"soup", " "}, false},
		{"an option that shows nothing", []string{"soup", "\u200d"}, false},
		{"an option of two lines", []string{"soup", "a\nb"}, false},
		{"an option too long", []string{"soup", strings.Repeat("é", poll.TextLength+1)}, false},
		{"the same option twice", []string{"Soup", " soup"}, false},
	} {
		p := poll.Poll{Question: "Where?", Options: c.options, Several: true, ClosesAt: in(time.Nanosecond)}
		kept, field, why := p.Kept()
		switch {
		case !c.ok && (field != "options" || why == ""):
			t.Errorf("%s: %q, %q", c.what, field, why)
		case c.ok && (why != "" || !reflect.DeepEqual(kept, &poll.Poll{Question: "Where?", Options: c.options, Several: true, ClosesAt: &noon})):
			t.Errorf("%s: %+v, %q", c.what, kept, why)
		}
	}
	long := poll.Poll{Question: strings.Repeat("a", 20_001), Options: many[1:]}
	if _, field, why := long.Kept(); field != "question" || why == "" {
		t.Errorf("a question too long: %q, %q", field, why)
	}
}

// TestClosing: when a poll may close, and from when on it takes no votes.
func TestClosing(t *testing.T) {
	for d, ok := range map[time.Duration]bool{0: false, time.Millisecond: true, poll.Life: true, poll.Life + time.Millisecond: false} {
		if why := (&poll.Poll{ClosesAt: in(d)}).ClosesLater(noon); (why == "") != ok {
			t.Errorf("after %s: %q", d, why)
		}
	}
	if why := (&poll.Poll{}).ClosesLater(noon) + (*poll.Poll)(nil).ClosesLater(noon); why != "" {
		t.Errorf("never: %q", why)
	}
	var tally poll.Tally
	p := &poll.Poll{ClosesAt: in(time.Minute)}
	if tally.Over(&poll.Poll{}, noon) || tally.Over(p, noon) || !tally.Over(p, *p.ClosesAt) || !tally.Close().Over(p, noon) || tally.Closed {
		t.Error("a poll is over at another time than its own")
	}
}

// TestAllows: which options can be voted for together.
func TestAllows(t *testing.T) {
	one := &poll.Poll{Options: []string{"soup", "salad"}}
	several := &poll.Poll{Options: one.Options, Several: true}
	for _, c := range []struct {
		of      *poll.Poll
		options []int
		ok      bool
	}{
		{one, nil, true}, {one, []int{0}, true}, {one, []int{1}, true}, {one, []int{2}, false}, {one, []int{-1}, false},
		{one, []int{0, 1}, false}, {several, []int{0, 1}, true}, {several, []int{0, 2}, false},
	} {
		if why := c.of.Allows(c.options); (why == "") != c.ok {
			t.Errorf("%v, several %v: %q", c.options, c.of.Several, why)
		}
	}
}

// TestStoredTally: what a store keeps of a tally, and who is known to have voted by it.
func TestStoredTally(t *testing.T) {
	p := &poll.Poll{Options: []string{"soup", "salad"}, Several: true}
	tally := p.NewTally()
	for n, user := range []string{"mira", "ada"} {
		now, err := tally.After(poll.Change{User: user, Now: []int{0, 1}[n:]}, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		tally = now
	}
	kept, err := poll.DecodeTally(tally.Encode())
	if err != nil || !reflect.DeepEqual(kept, tally.For(nil)) {
		t.Errorf("%+v is kept as %+v, %v", tally, kept, err)
	}
	for user, want := range map[string][]int{"mira": {0, 1}, "ada": {1}, "jonas": nil} {
		if got, known := kept.VotedBy(user, p); !known || !slices.Equal(got, want) {
			t.Errorf("%s voted for %v, %v", user, got, known)
		}
	}
	if _, known := kept.VotedBy("mira", &poll.Poll{Options: p.Options, Anonymous: true}); known {
		t.Error("an anonymous poll says who voted")
	}
	kept.Options[1].Count++
	if _, known := kept.VotedBy("mira", p); known {
		t.Error("a tally that does not show all says who voted")
	}
	if none, err := poll.DecodeTally((*poll.Tally)(nil).Encode()); none != nil || err != nil {
		t.Errorf("none: %+v, %v", none, err)
	}
	if _, err := poll.DecodeTally("{"); err == nil {
		t.Error("a damaged tally is read")
	}
	votes := []poll.Vote{{User: "mira", Options: []int{0, 1}}, {User: "ada", Options: []int{1}}}
	counted := p.Count(votes, tally, "ada")
	if want := *tally.For([]int{1}); !reflect.DeepEqual(counted, want) {
		t.Errorf("counted %+v, want %+v", counted, want)
	}
}

// TestAnonymous: the tally of an anonymous poll names nobody.
func TestAnonymous(t *testing.T) {
	now, err := (&poll.Tally{Options: make([]poll.Choice, 2)}).After(poll.Change{User: "mira", Now: []int{1}}, true, nil)
	if err != nil || now.Voters != 1 || now.Options[1].Count != 1 || len(now.Options[1].Users) > 0 {
		t.Errorf("%+v, %v", now, err)
	}
}

// TestVotesAreSummedUp: who left and who moves up, where more have voted than are shown.
func TestVotesAreSummedUp(t *testing.T) {
	users := make([]string, poll.MaxUsers)
	for i := range users {
		users[i] = fmt.Sprint("u", i)
	}
	next := append(slices.Clone(users[1:]), "late")
	tally := &poll.Tally{
		Options: []poll.Choice{{Count: len(users) + 1, Users: users}, {Count: 1, Users: []string{"ada"}}}, Voters: len(users) + 2,
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
		got, err := tally.After(poll.Change{User: c.user, Before: c.before, Now: c.now}, false, others)
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
	if tally.Voters != len(users)+2 || len(tally.Options[1].Users) != 1 {
		t.Errorf("the tally before was changed: %+v", tally)
	}
}
