package card

import (
	"strings"

	"github.com/canteen-chat/canteen/text"
)

// FallbackLength is the maximum length of a text that stands for cards, in code points.
const FallbackLength = 4000

// Fallback is what cards say as the text of a message, for clients that do not show cards, for lists and for the search. It is "" only
// without cards that [Fit] would keep.
func Fallback(cards []Card) string {
	var all []string
	for _, c := range cards {
		if lines := c.lines(); len(lines) > 0 {
			all = append(all, strings.Join(lines, "\n"))
		}
	}
	return text.Truncate(strings.Join(all, "\n\n"), FallbackLength)
}

func (c Card) lines() (out []string) {
	add := func(parts ...string) {
		parts = withoutEmpty(parts)
		if len(parts) > 0 {
			out = append(out, strings.Join(parts, ": "))
		}
	}
	if c.Author != nil {
		add(c.Author.Name)
	}
	add(c.Title)
	add(c.Text)
	for _, f := range c.Fields {
		add(f.Title, f.Value)
	}
	for _, p := range []*Picture{c.Thumb, c.Image} {
		if p != nil {
			add(p.Alt)
		}
	}
	add(c.Footer)
	add(c.URL)
	for _, b := range c.Buttons {
		add(b.Text, b.URL)
	}
	if p := c.Image; p != nil {
		add(p.URL)
	}
	if p := c.Thumb; p != nil && len(out) == 0 {
		add(p.URL)
	}
	return out
}

func withoutEmpty(all []string) (out []string) {
	for _, s := range all {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
