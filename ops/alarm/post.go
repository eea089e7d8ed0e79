package alarm

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Post is a message in a room that tells the alarms of one stretch of time, and is edited while they come and go.
type Post struct {
	Room   string     `json:"room"`         // its name
	ID     string     `json:"id,omitempty"` // of the room
	Client string     `json:"client"`       // idempotency key of the post
	Seq    int64      `json:"seq,omitempty"`
	Text   string     `json:"text,omitempty"` // as it is in the room
	Lines  []postLine `json:"lines"`
}

type postLine struct {
	Name  string    `json:"name"`
	Title string    `json:"title"`
	Says  string    `json:"says"`
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
	text := next.text(from, w.now)
	due = text != next.Text && (changed || next.Seq == 0 || passed(w.now, t.Last) >= editEvery)
	next.Text = text
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
			p.Lines, changed = append(p.Lines, postLine{s.Name, s.Title, s.Says, s.Severity == Page, s.Since, time.Time{}}), true
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

// text is the message in Markdown.
func (p Post) text(from Place, now time.Time) string {
	var b strings.Builder
	on := 0
	for _, l := range p.Lines {
		if l.Over.IsZero() {
			on++
		}
	}
	switch on {
	case 0:
		b.WriteString("✅ **All alarms are over**\n")
	case 1:
		b.WriteString("**1 alarm**\n")
	default:
		fmt.Fprintf(&b, "**%d alarms**\n", on)
	}
	for _, l := range p.Lines {
		mark := "🟠"
		if l.Page {
			mark = "🔴"
		}
		if l.Over.IsZero() {
			fmt.Fprintf(&b, "- %s **%s**: %s, since %s\n", mark, l.Title, l.Says, clock(l.Since, now))
		} else {
			fmt.Fprintf(&b, "- ✅ %s: %s, from %s to %s\n", l.Title, l.Says, clock(l.Since, now), clock(l.Over, now))
		}
	}
	fmt.Fprintf(&b, "\n[Dashboard](%s)", from.link())
	return b.String()
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
