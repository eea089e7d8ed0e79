package hook

import (
	"strings"

	"github.com/canteen-chat/canteen/card"
)

// attachment adds the cards of an attachment. before is what stands above the cards, which the first attachment may leave to the message.
func (d *decoder) attachment(o object, first bool) (before string) {
	in := o.marked()
	c := card.Card{
		Color: o.text("color"), Title: d.w.single(o.line("title")), URL: o.link("title_link"), Footer: d.w.single(o.line("footer")),
		At: o.time("ts"), Image: picture(o, "image_url"), Thumb: picture(o, "thumb_url"),
	}
	c.Text = d.w.in(o.raw("text"), in("text"))
	pretext := d.w.in(o.raw("pretext"), in("pretext"))
	if name := d.w.single(o.line("author_name")); name != "" {
		c.Author = &card.Author{Name: name, URL: o.link("author_link")}
	}
	for _, f := range o.objects("fields") {
		c.Fields = append(c.Fields, card.Field{
			Title: d.w.single(f.line("title")), Value: d.w.in(orElse(f.raw("value"), f.raw("text")), in("fields")), Short: f.is("short", false),
		})
	}
	var dead []string
	c.Buttons, dead = d.actions(o.objects("actions"))
	c.Text = join("\n\n", c.Text, strings.Join(dead, " · "))
	blocks := o.objects("blocks")
	if empty(c) && len(blocks) == 0 {
		c.Text = d.w.in(o.raw("fallback"), in("fallback"))
	}
	switch {
	case pretext != "" && first:
		before = pretext
	case pretext != "" && len(blocks) == 0:
		c.Text = join("\n\n", pretext, c.Text)
	case pretext != "":
		d.cards = append(d.cards, card.Card{Color: c.Color, Text: pretext})
	}
	if !empty(c) {
		d.cards = append(d.cards, c)
	}
	if len(blocks) > 0 {
		d.blocks(blocks, card.Card{Color: c.Color})
	}
	return before
}

// marked says which fields of an attachment have marks: those of mrkdwn_in, or all if it names none.
func (o object) marked() func(field string) bool {
	named := map[string]bool{}
	for _, v := range o.list("mrkdwn_in") {
		if s := textOf(v); s != "" {
			named[s] = true
		}
	}
	return func(field string) bool { return len(named) == 0 || named[field] }
}

// actions are the buttons that open an address, and the words of the others, which only the sender could answer.
func (d *decoder) actions(all []object) (buttons []card.Button, dead []string) {
	for _, a := range all {
		label := d.w.single(orElse(a.line("text"), orElse(a.line("name"), a.line("value"))))
		address := a.link("url")
		switch {
		case address != "":
			buttons = append(buttons, card.Button{Text: orElse(label, address), URL: address})
		case label != "":
			dead = append(dead, escapeText(label))
		}
	}
	return buttons, dead
}

// single is the plain text of a line, in which Slack reads entities and angle brackets: what is in these stands by its label.
func (w *writer) single(s string) string { return emojis(w.literal(s)) }

func picture(o object, field string) *card.Picture {
	address := o.link(field)
	if address == "" {
		return nil
	}
	return &card.Picture{URL: address, Alt: orElse(o.line("alt_text"), orElse(o.line("title"), o.line("fallback")))}
}

// empty says whether a card shows nothing.
func empty(c card.Card) bool {
	return c.Title == "" && c.Text == "" && len(c.Fields) == 0 && c.Image == nil && c.Thumb == nil && c.Author == nil && c.Footer == "" &&
		len(c.Buttons) == 0
}
