package alarm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/card"
)

// Post is a message in a room that tells the alarms of one stretch of time by one card, which changes while they come and go.
type Post struct {
	Room   string      `json:"room"`         // its name
	ID     string      `json:"id,omitempty"` // of the room
	Client string      `json:"client"`       // idempotency key of the post
	Seq    int64       `json:"seq,omitempty"`
	Cards  []card.Card `json:"cards,omitempty"` // the one that is in the room
	Lines  []postLine  `json:"lines"`
}

type postLine struct {
	Name  string    `json:"name"`
	Title string    `json:"title"`
	Says  string    `json:"says"`
	Limit string    `json:"limit,omitempty"`
	Page  bool      `json:"page,omitempty"`
	Since time.Time `json:"since"`
	Over  time.Time `json:"over,omitzero"`
}

// editEvery is the least time between two edits that only say how bad it is meanwhile.
const editEvery = time.Minute

// NextPost is what a way that changes its message must post or edit now. newClient gives an idempotency key of a new message.
func (w *Watch) NextPost(way, room string, from Place, newClient func() string) (p Post, due bool) {
	t := w.way(way)
	next := Post{Room: room}
	if t.Post != nil && t.Post.Room == room {
		next = *t.Post
		next.Lines = slices.Clone(next.Lines)
	}
	changed := w.update(&next)
	if len(next.Lines) == 0 || t.waits(w.now) {
		return p, false
	}
	if next.Client == "" {
		next.Client = newClient()
		t.Post = &Post{Room: room, Client: next.Client} // kept before it is sent: should the program end, the same key is used again
	}
	cards := []card.Card{next.card(from, w.now, w.well())}
	due = !card.Same(cards, next.Cards) && (changed || next.Seq == 0 || passed(w.now, t.Last) >= editEvery)
	next.Cards = cards
	return next, due
}

// update brings the lines up to date, and says whether an alarm came or went.
func (w *Watch) update(p *Post) (changed bool) {
	for _, s := range w.Statuses() {
		i := slices.IndexFunc(p.Lines, func(l postLine) bool { return l.Name == s.Name && l.Over.IsZero() })
		switch {
		case i >= 0 && s.State == On:
			p.Lines[i].Says = s.Says
		case i >= 0:
			p.Lines[i].Over, changed = s.Since, true
		case s.State == On && s.SilencedUntil.IsZero():
			p.Lines, changed = append(p.Lines, postLine{s.Name, s.Title, s.Says, s.Limit, s.Severity == Page, s.Since, time.Time{}}), true
		}
	}
	const most = 40 // lines: the oldest ones that are over go
	for i := 0; len(p.Lines) > most && i < len(p.Lines); {
		if p.Lines[i].Over.IsZero() {
			i++
			continue
		}
		p.Lines = slices.Delete(p.Lines, i, i+1)
	}
	return changed
}

// over says whether no alarm of the message is on any more.
func (p Post) over() bool {
	return !slices.ContainsFunc(p.Lines, func(l postLine) bool { return l.Over.IsZero() })
}

// well is the title of a card whose alarms are over. There may be others that are silenced.
func (w *Watch) well() string {
	if slices.ContainsFunc(w.Statuses(), func(s Status) bool { return s.State == On }) {
		return "These alarms are over"
	}
	return "All is well again"
}

// card is what the room sees: what is on first, the urgent ones before the others, and then what is over. Its colour is that of the first.
// well is its title when all are over.
func (p Post) card(from Place, now time.Time, well string) card.Card {
	lines := slices.Clone(p.Lines)
	slices.SortStableFunc(lines, func(a, b postLine) int { return cmp.Compare(a.rank(), b.rank()) })
	on := 0
	var fields []card.Field
	for _, l := range lines {
		if l.Over.IsZero() {
			on++
		}
		fields = append(fields, l.field(now))
	}
	c := from.card(lines[0].color(), well)
	switch {
	case on == 1:
		c.Title = "1 alarm"
	case on > 1:
		c.Title = fmt.Sprintf("%d alarms", on)
	}
	c.Fields = fields
	return c
}

// rank orders the lines of a card.
func (l postLine) rank() int {
	switch {
	case !l.Over.IsZero():
		return 2
	case l.Page:
		return 0
	}
	return 1
}

// color is that of a card whose first line this is.
func (l postLine) color() string { return []string{"danger", "warning", "good"}[l.rank()] }

// field is an alarm in a card: what is wrong, beyond which limit, and since when.
func (l postLine) field(now time.Time) card.Field {
	if !l.Over.IsZero() {
		said := fmt.Sprintf("%s\nFrom %s to %s", capital(l.Says), clock(l.Since, now), clock(l.Over, now))
		return card.Field{Title: "✅ " + l.Title, Value: said}
	}
	var about []string
	if l.Page {
		about = append(about, "urgent")
	}
	if l.Limit != "" {
		about = append(about, "limit "+l.Limit)
	}
	about = append(about, "since "+clock(l.Since, now))
	return card.Field{Title: l.Title, Value: fmt.Sprintf("**%s**\n%s", capital(l.Says), capital(strings.Join(about, " · ")))}
}

// capital begins a text, which begins with ASCII, with a capital letter.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// card is one with a title, and a button that leads to where the alarms are shown.
func (p Place) card(color, title string) card.Card {
	return card.Card{Color: card.Color(color), Title: title, Buttons: []card.Button{{Text: "Health of the server", URL: p.link()}}}
}

// TestCards say in a room that telling works.
func TestCards(from Place) []card.Card {
	c := from.card("good", "A test")
	c.Text = "Somebody tried whether alarms arrive here."
	return []card.Card{c}
}

// Posted takes note that a message is in the room as p says.
func (w *Watch) Posted(way string, p Post) {
	t := w.way(way)
	t.Last = w.now
	if t.Post = &p; p.over() {
		t.Post = nil
	}
	w.Worked(way)
}

// Gone takes note that somebody deleted the message of a way. The next one is new.
func (w *Watch) Gone(way string) {
	t := w.way(way)
	if p := t.Post; p != nil {
		t.Post = &Post{Room: p.Room, ID: p.ID, Lines: slices.DeleteFunc(p.Lines, func(l postLine) bool { return !l.Over.IsZero() })}
	}
}
