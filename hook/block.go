package hook

import (
	"strings"

	"github.com/canteen-chat/canteen/card"
)

// place is where on a card something stands. Blocks are put on one card while their places follow each other.
type place int

const (
	title place = iota
	body
	fields
	image
	footer
	buttons
	nothing // the card is full
)

// layout puts blocks on cards, one after the other.
type layout struct {
	d     *decoder
	style card.Card // what each card begins with
	now   card.Card
	at    place
	lead  []string // what stands before the first card
	leads bool     // no card has begun
}

// blocks adds the cards of a list of blocks. Headers and sections at the beginning of a message are its text, not a card: they are
// returned. style is what all cards have. Within an attachment, which has a card of its own, everything is on cards.
func (d *decoder) blocks(all []object, style card.Card) (lead string) {
	l := layout{d: d, style: style, now: style, leads: style.Color == "" && len(d.cards) == 0}
	for _, b := range all {
		l.block(b)
	}
	l.next()
	return strings.Join(l.lead, "\n\n")
}

// next ends the card.
func (l *layout) next() {
	if !empty(l.now) {
		l.d.cards = append(l.d.cards, l.now)
	}
	l.now, l.at = l.style, title
}

// reach goes to a place on the card, or on the next card if this one is beyond it.
func (l *layout) reach(p place) *card.Card {
	if l.at > p || l.at == p && (p == title || p == image) && !empty(l.now) {
		l.next()
	}
	l.at, l.leads = p, false
	return &l.now
}

// text adds a paragraph.
func (l *layout) text(s string) {
	switch {
	case s == "":
	case l.leads:
		l.lead = append(l.lead, s)
	default:
		c := l.reach(body)
		if len(c.Text)+len(s) > card.TextLength && c.Text != "" {
			l.next()
		}
		c.Text = join("\n\n", c.Text, s)
	}
}

func (l *layout) block(b object) {
	w := &l.d.w
	switch b.text("type") {
	case "header":
		s := w.single(b.line("text"))
		if l.leads && s != "" {
			l.lead = append(l.lead, "**"+escapeText(s)+"**")
		} else if s != "" {
			l.reach(title).Title = s
		}
	case "section":
		l.section(b)
	case "divider":
		if !l.leads {
			l.next()
		}
	case "image":
		if p := picture(b, "image_url"); p != nil {
			l.reach(image).Image = p
		} else {
			l.text(escapeText(orElse(b.line("title"), b.line("alt_text"))))
		}
	case "context":
		l.context(b)
	case "actions":
		links, dead := l.d.actions(b.objects("elements"))
		l.text(strings.Join(dead, " · "))
		if len(links) > 0 {
			c := l.reach(buttons)
			c.Buttons = append(c.Buttons, links...)
		}
	case "rich_text":
		l.text(w.rich(b.objects("elements")))
	default:
		l.text(w.in(orElse(b.raw("text"), b.raw("fallback")), true))
	}
}

// section is a text, fields, and something beside them.
func (l *layout) section(b object) {
	w, beside := &l.d.w, b.object("accessory")
	thumb := picture(beside, "image_url")
	links, dead := l.d.actions(oneOf(beside))
	all := b.objects("fields")
	if thumb != nil || len(links) > 0 || len(all) > 0 {
		if l.leads = false; thumb != nil && l.now.Thumb != nil {
			l.next()
		}
	}
	l.text(w.composed(b, "text"))
	if thumb != nil {
		l.now.Thumb = thumb
	} else {
		l.text(strings.Join(dead, " · "))
	}
	for _, f := range all {
		c := l.reach(fields)
		c.Fields = append(c.Fields, w.field(f))
	}
	if len(links) > 0 {
		c := l.reach(buttons)
		c.Buttons = append(c.Buttons, links...)
	}
}

// field is a field of a section. A first line in bold is its title.
func (w *writer) field(f object) card.Field {
	s := strings.TrimSpace(f.raw("text"))
	first, rest, _ := strings.Cut(s, "\n")
	if first = strings.TrimSpace(first); len(first) > 2 && first[0] == '*' && strings.IndexByte(first[1:], '*') == len(first)-2 {
		return card.Field{Title: strings.TrimSuffix(w.single(first[1:len(first)-1]), ":"), Value: w.in(rest, true), Short: true}
	}
	return card.Field{Value: w.in(s, f.text("type") != "plain_text"), Short: true}
}

// composed is the Markdown of a text object, which says by its type whether it has marks, or of a text.
func (w *writer) composed(b object, name string) string {
	return w.in(b.raw(name), b.object(name).text("type") != "plain_text")
}

func oneOf(o object) []object {
	if o == nil || o.text("type") == "image" {
		return nil
	}
	return []object{o}
}

// context is small print: its texts are one line. Slack shows its pictures as large as letters; their descriptions must do.
func (l *layout) context(b object) {
	var words []string
	for _, e := range b.objects("elements") {
		s := l.d.w.single(e.line("text"))
		if e.text("type") == "image" {
			s = e.line("alt_text")
		}
		if s != "" {
			words = append(words, s)
		}
	}
	if len(words) > 0 {
		c := l.reach(footer)
		if len(c.Footer) > card.NameLength {
			l.next()
		}
		c.Footer = join(" · ", append([]string{c.Footer}, words...)...)
	}
}
