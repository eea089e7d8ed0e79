package card

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/text"
)

// Fit makes cards that can be stored of what a system sent. cut says whether something was cut or left out for a bound. The ids and sizes
// of pictures are left out: the server sets them. The time is linear in what is kept, and reading ends where a bound is reached.
func Fit(cards []Card) (fit []Card, cut bool) {
	left, pictures := MaxBytes, MaxPictures
	for _, c := range cards {
		if len(fit) == Max {
			return fit, true
		}
		f := fitter{}
		c = f.card(c, &pictures)
		cut = cut || f.cut
		if c.empty() {
			continue
		}
		c, size, less := c.within(left)
		cut = cut || less
		if size == 0 {
			return fit, true
		}
		fit, left = append(fit, c), left-size
	}
	return fit, cut
}

// FitSender is a sender that can be stored; nil if nothing is left of its name.
func FitSender(s Sender) *Sender {
	s.Name = text.OneLine(s.Name, SenderName)
	if !shows(s.Name) {
		return nil
	}
	icon := strings.TrimSpace(s.Icon)
	if canonical, ok := text.Emoji(icon); ok {
		s.Icon = canonical
	} else if _, ok := text.CustomEmoji(icon); ok {
		s.Icon = icon
	} else {
		s.Icon = ""
	}
	return &s
}

// fitter cuts, and remembers whether it did.
type fitter struct{ cut bool }

func (f *fitter) card(c Card, pictures *int) Card {
	c.Color, c.Title, c.URL = Color(c.Color), f.line(c.Title, TitleLength), Link(c.URL)
	c.Text, c.Footer = f.text(c.Text, TextLength), f.line(c.Footer, NameLength)
	c.Fields = f.fields(c.Fields)
	c.Buttons = f.buttons(c.Buttons)
	c.Thumb, c.Image = f.picture(c.Thumb, pictures), f.picture(c.Image, pictures)
	if a := c.Author; a != nil {
		c.Author = &Author{Name: f.line(a.Name, NameLength), URL: Link(a.URL)}
		if c.Author.Name == "" {
			c.Author = nil
		}
	}
	if c.At != nil {
		at := c.At.UTC().Truncate(time.Millisecond)
		if c.At = &at; at.Year() < 1 || at.Year() > 9999 { // JSON has no others
			c.At = nil
		}
	}
	return c
}

func (f *fitter) fields(all []Field) (out []Field) {
	for _, one := range all {
		if len(out) == MaxFields {
			f.cut = true
			break
		}
		one.Title, one.Value = f.line(one.Title, NameLength), f.text(one.Value, FieldLength)
		if one.Title != "" || one.Value != "" {
			out = append(out, one)
		}
	}
	return out
}

func (f *fitter) buttons(all []Button) (out []Button) {
	for _, b := range all {
		if len(out) == MaxButtons {
			f.cut = true
			break
		}
		b = Button{Text: f.line(b.Text, NameLength), URL: Link(b.URL)}
		if b.Text == "" {
			b.Text = f.line(b.URL, NameLength)
		}
		if b.URL != "" {
			out = append(out, b)
		}
	}
	return out
}

func (f *fitter) picture(p *Picture, left *int) *Picture {
	if p == nil {
		return nil
	}
	kept := Picture{URL: Link(p.URL), Alt: f.line(p.Alt, TitleLength)}
	if kept.URL == "" || strings.HasPrefix(kept.URL, "mailto:") {
		return nil
	}
	if *left == 0 {
		f.cut = true
		return nil
	}
	*left--
	return &kept
}

// line is plain text of one line.
func (f *fitter) line(s string, n int) string {
	out := text.OneLine(s, n)
	if !shows(out) {
		return ""
	}
	f.cut = f.cut || strings.HasSuffix(out, "…") && !strings.HasSuffix(strings.TrimSpace(s), "…")
	return out
}

// text is Markdown of at most n code points, without what cannot be shown.
func (f *fitter) text(s string, n int) string {
	if len(s) > 8*n { // bounds the work
		s = s[:8*n]
	}
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, ""))
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s))
	short := text.Truncate(s, n)
	if !shows(short) {
		return ""
	}
	if short != s {
		f.cut = true
		return strings.TrimSpace(text.Truncate(s, n-1)) + "…"
	}
	return s
}

// shows says whether anything of a text is visible.
func shows(s string) bool {
	_, why := text.Message(s)
	return why == ""
}

// empty says whether a card shows nothing.
func (c Card) empty() bool {
	return c.Title == "" && c.Text == "" && len(c.Fields) == 0 && len(c.Buttons) == 0 && c.Image == nil && c.Thumb == nil &&
		c.Author == nil && c.Footer == ""
}

// within is the card within a number of bytes, and its size; 0 if nothing of it can be kept. It loses fields first, then text.
func (c Card) within(most int) (_ Card, size int, cut bool) {
	for {
		size = c.size()
		switch {
		case c.empty():
			return c, 0, true
		case size <= most:
			return c, size, cut
		case len(c.Fields) > 0:
			if c.Fields = slices.Clone(c.Fields[:len(c.Fields)/2]); len(c.Fields) == 0 {
				c.Fields = nil
			}
		case len(c.Text) > 100:
			c.Text = text.Truncate(c.Text, len([]rune(c.Text))/2) + "…"
		default:
			return c, 0, true
		}
		cut = true
	}
}

// size is how many bytes the card takes as JSON.
func (c Card) size() int {
	b, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("card: cannot encode a card: %v", err)) // depends only on the types, so tests would find it
	}
	return len(b) + 1
}

var hex = regexp.MustCompile(`^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$`)

// Color is a colour as #rrggbb: of #abc, of abc123, and of the three names that Slack has; "" for others.
func Color(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "good":
		return "#2eb886"
	case "warning":
		return "#daa038"
	case "danger":
		return "#a30200"
	}
	if !hex.MatchString(s) {
		return ""
	}
	s = strings.TrimPrefix(s, "#")
	if len(s) == 3 {
		s = string([]byte{s[0], s[0], s[1], s[1], s[2], s[2]})
	}
	return "#" + s
}

// Link is an address to which a card may lead: http, https or mailto; "" for others.
func Link(s string) string {
	s = strings.TrimSpace(s)
	blank := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	if len(s) > URLLength || !utf8.ValidString(s) || strings.ContainsFunc(s, blank) {
		return ""
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return ""
	case u.Scheme == "mailto" && strings.Contains(u.Opaque, "@"):
		return s
	case (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "":
		return s
	}
	return ""
}
