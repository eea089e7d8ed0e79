package card

import (
	"reflect"
	"slices"
	"time"
)

// Bounds of the cards of a message. Lengths are in code points.
const (
	Max         = 20
	MaxBytes    = 32_000 // of all of them, as JSON
	MaxFields   = 50     // of a card
	MaxButtons  = 10     // of a card
	MaxPictures = 6      // of a message: the server fetches no more

	TitleLength = 300
	TextLength  = 8000
	FieldLength = 2000 // of a value; its title has NameLength
	NameLength  = 200
	SenderName  = 80
	URLLength   = 2048 // bytes
)

// Card is one card.
type Card struct {
	Color   string     `json:"color,omitempty"` // #rrggbb
	Title   string     `json:"title,omitempty"`
	URL     string     `json:"url,omitempty"` // where the title leads
	Text    string     `json:"text,omitempty"`
	Fields  []Field    `json:"fields,omitempty"`
	Image   *Picture   `json:"image,omitempty"`
	Thumb   *Picture   `json:"thumb,omitempty"` // a small picture beside the text
	Author  *Author    `json:"author,omitempty"`
	Footer  string     `json:"footer,omitempty"`
	At      *time.Time `json:"at,omitempty"` // when it happened
	Buttons []Button   `json:"buttons,omitempty"`
}

// Field is a name and what it stands for. Two short ones stand beside each other.
type Field struct {
	Title string `json:"title,omitempty"`
	Value string `json:"value,omitempty"`
	Short bool   `json:"short,omitempty"`
}

// Author is whom or what a card names as its author: plain text, and nobody of the workspace.
type Author struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

// Button is a link.
type Button struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// Picture is a picture of another host. Clients show the copy that the server made, or else a link.
type Picture struct {
	URL    string `json:"url"`
	Alt    string `json:"alt,omitempty"`
	File   string `json:"file,omitempty"` // the id of the server's copy; empty if there is none
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	Color  string `json:"color,omitempty"` // #rrggbb, to be shown until the picture is there
}

// Sender is what a message says of who sends it, beside the mark of a bot. It is never taken for a person.
type Sender struct {
	Name string `json:"name"`
	Icon string `json:"icon,omitempty"` // an emoji, standard or custom
}

// Shown is a picture of a card. Who changes it changes the card.
type Shown struct {
	*Picture
	Thumb bool
}

// Pictures are the pictures of cards in their order.
func Pictures(cards []Card) (out []Shown) {
	for _, c := range cards {
		if c.Thumb != nil {
			out = append(out, Shown{c.Thumb, true})
		}
		if c.Image != nil {
			out = append(out, Shown{c.Image, false})
		}
	}
	return out
}

// Show makes a file the server's copy of the picture.
func (p *Picture) Show(file string, width, height int, color string) {
	p.File, p.Width, p.Height, p.Color = file, width, height, color
}

// Same says whether cards show the same, whatever copies there are of their pictures.
func Same(a, b []Card) bool {
	return slices.EqualFunc(a, b, func(a, b Card) bool {
		a.Thumb, a.Image, b.Thumb, b.Image = a.Thumb.bare(), a.Image.bare(), b.Thumb.bare(), b.Image.bare()
		return reflect.DeepEqual(a, b)
	})
}

// bare is the picture as it was posted.
func (p *Picture) bare() *Picture {
	if p == nil {
		return nil
	}
	return &Picture{URL: p.URL, Alt: p.Alt}
}

// Size is how many bytes cards take as JSON.
func Size(cards []Card) (n int) {
	for _, c := range cards {
		n += c.size()
	}
	return n
}
