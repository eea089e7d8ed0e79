package alarm

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/card"
)

// room is a room in which alarms are one card.
type room struct {
	w     *Watch
	cards []card.Card // that the message had, one after the other
	keys  []string
}

func (r *room) look() {
	p, due := r.w.NextPost("room", "r1", Place{"Acme", "https://chat.example.com"}, func() string {
		r.keys = append(r.keys, "k")
		return "k"
	})
	if due {
		p.Seq = int64(len(r.keys))
		r.w.Posted("room", p)
		r.cards = append(r.cards, p.Cards...)
	}
}

// last is the card as it is now: its colour, its title and its fields.
func (r *room) last() string {
	if len(r.cards) == 0 {
		return ""
	}
	c := r.cards[len(r.cards)-1]
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", c.Color, c.Title)
	for _, f := range c.Fields {
		fmt.Fprintf(&b, "\n%s: %s", f.Title, strings.ReplaceAll(f.Value, "\n", " | "))
	}
	return b.String()
}

const red, yellow, green = "#a30200", "#daa038", "#2eb886"

// TestPost: all alarms of one stretch of time are one card, which changes when one of them begins or ends.
func TestPost(t *testing.T) {
	w := New(Kept{})
	r := &room{w: w}
	play(w, 0, 30*time.Minute, func(up time.Duration, p *Point) {
		p.ServerErrors, p.CommitFailures = n(min(up, 2*time.Minute), 1), step(up, 90*time.Second)
		if up < 20*time.Minute {
			p.DiskFree = 9e9
		}
	}, r.look)
	if len(r.keys) != 1 || len(r.cards) < 5 || len(r.cards) > 9 {
		t.Fatalf("%d messages, %d cards: %+v", len(r.keys), len(r.cards), r.cards)
	}
	var seen []string
	for _, c := range r.cards {
		if s := c.Color + " " + c.Title; len(seen) == 0 || seen[len(seen)-1] != s {
			seen = append(seen, s)
		}
		if len(c.Buttons) != 1 || c.Buttons[0].URL != "https://chat.example.com/ops" {
			t.Errorf("%+v leads to no page", c)
		}
	}
	if want := []string{red + " 1 alarm", red + " 2 alarms", red + " 3 alarms", red + " 2 alarms", yellow + " 1 alarm",
		green + " All is well again"}; !slices.Equal(seen, want) {
		t.Errorf("%q\nwant %q", seen, want)
	}
	want := green + ` All is well again
✅ Server errors: 6 answers with 5xx in a minute | From 12:00 UTC to 12:08 UTC
✅ Disk nearly full: 9.0 % of the disk is left | From 12:01 UTC to 12:25 UTC
✅ Saving fails: 1 transaction failed in 5 minutes | From 12:01 UTC to 12:11 UTC`
	if r.last() != want {
		t.Errorf("%s\nwant %s", r.last(), want)
	}
	play(w, time.Hour, time.Minute, func(up time.Duration, p *Point) { p.ServerErrors = 13 * step(up, time.Hour+every) }, r.look)
	if len(r.keys) != 2 {
		t.Errorf("%d messages, want a new one for what came an hour later", len(r.keys))
	}
}

// TestPostOrder: the card has what is on first, what is urgent before the rest, and beyond which limit it is.
func TestPostOrder(t *testing.T) {
	w := New(Kept{})
	r := &room{w: w}
	play(w, 0, 9*time.Minute, func(up time.Duration, p *Point) {
		p.DiskFree, p.ServerErrors = 9e9, step(up, time.Minute)
		p.Ready = up < 7*time.Minute
	}, r.look)
	want := red + ` 2 alarms
Not ready: **Nothing can be saved** | Urgent · since 12:08 UTC
Disk nearly full: **9.0 % of the disk is left** | Limit 10 % · since 12:01 UTC
✅ Server errors: 1 answer with 5xx in a minute | From 12:01 UTC to 12:07 UTC`
	if r.last() != want {
		t.Errorf("%s\nwant %s", r.last(), want)
	}
}

// TestSilencedIsNotWell: what is over beside an alarm that is silenced does not make all well.
func TestSilencedIsNotWell(t *testing.T) {
	w := New(Kept{})
	w.Look(healthy(0))
	w.Silence("disk-low", noon.Add(time.Hour))
	r := &room{w: w}
	play(w, every, 20*time.Minute, func(up time.Duration, p *Point) { p.DiskFree, p.ServerErrors = 9e9, step(up, time.Minute) }, r.look)
	want := green + " These alarms are over\n✅ Server errors: 1 answer with 5xx in a minute | From 12:01 UTC to 12:07 UTC"
	if r.last() != want {
		t.Errorf("%s\nwant %s", r.last(), want)
	}
}

// TestPostSurvives: a message that a program without cards left, and a restart in between, become one card.
func TestPostSurvives(t *testing.T) {
	w := New(Kept{})
	r := &room{w: w}
	low := func(_ time.Duration, p *Point) { p.DiskFree = 9e9 }
	play(w, 0, 5*time.Minute, low, r.look)
	if len(r.cards) != 1 {
		t.Fatalf("%+v", r.cards)
	}
	r.w = restarted(t, w)
	play(r.w, 0, 5*time.Minute, func(up time.Duration, p *Point) { low(up, p); p.At = p.At.Add(10 * time.Minute) }, r.look)
	if len(r.cards) != 1 || len(r.keys) != 1 {
		t.Errorf("a restart changes the card: %+v", r.cards)
	}
	r.w.way("room").Post.Cards = nil
	play(r.w, 6*time.Minute, 5*time.Minute, func(up time.Duration, p *Point) { low(up, p); p.At = p.At.Add(10 * time.Minute) }, r.look)
	if len(r.cards) != 2 || len(r.keys) != 1 {
		t.Errorf("what was posted as text: %d messages, %+v", len(r.keys), r.cards)
	}
}

// TestCardsKeepTheirBounds: a card of as many alarms as there can be is one that can be stored, and says all limits.
func TestCardsKeepTheirBounds(t *testing.T) {
	p := Post{}
	for i := range 40 {
		r := Rules()[i%len(Rules())]
		if limited := r.Name != "not-ready" && r.Name != "probe"; limited != (r.bound() != "") {
			t.Errorf("%s has the limit %q", r.Name, r.bound())
		}
		p.Lines = append(p.Lines, postLine{Title: r.Title, Says: r.Says(r.Limit), Limit: r.bound(), Page: true, Since: noon})
	}
	c := p.card(Place{"Acme", "https://chat.example.com"}, noon.Add(24*time.Hour), "")
	fit, cut := card.Fit([]card.Card{c})
	if cut || !card.Same(fit, []card.Card{c}) || len(fit[0].Fields) != 40 || fit[0].Title != "40 alarms" {
		t.Errorf("cut: %v, %+v", cut, fit)
	}
	for name, want := range map[string]string{
		"server-errors": "0", "error-rate": "1 %", "error-budget": "1.44 %", "slow": "1.5 s", "disk-low": "10 %", "disk-fills": "7 days",
		"backup-old": "24 hours", "shipping": "10 minutes", "restarts": "2", "gap-fetches": "2 %", "sign-in-failures": "50",
	} {
		i := slices.IndexFunc(Rules(), func(r Rule) bool { return r.Name == name })
		if got := Rules()[i].bound(); got != want {
			t.Errorf("the limit of %s is said to be %q, want %q", name, got, want)
		}
	}
}
