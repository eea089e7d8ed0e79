package wire

import "github.com/canteen-chat/canteen/card"

// Card is what another system says in a message: plain text, but for its text and the values of its fields, which are Markdown. Only bots
// and incoming webhooks post cards.
type Card struct {
	Color   string       `json:"color,omitempty" maxLength:"16" example:"#d72b3f" doc:"Of its edge. A post may say good, warning or danger"`
	Title   string       `json:"title,omitempty" maxLength:"300" example:"Disk full"`
	URL     string       `json:"url,omitempty" maxLength:"2048" example:"https://example.com/" doc:"Of the title: http, https or mailto"`
	Text    string       `json:"text,omitempty" maxLength:"8000" doc:"Markdown"`
	Fields  []CardField  `json:"fields,omitempty" nullable:"false" maxItems:"50"`
	Image   *CardPicture `json:"image,omitempty" doc:"Below the text"`
	Thumb   *CardPicture `json:"thumb,omitempty" doc:"A small one beside the text"`
	Author  *CardAuthor  `json:"author,omitempty" doc:"Whom the card names: nobody of the workspace"`
	Footer  string       `json:"footer,omitempty" maxLength:"200"`
	At      *Time        `json:"at,omitempty" format:"date-time" doc:"When it happened"`
	Buttons []CardButton `json:"buttons,omitempty" nullable:"false" maxItems:"10"`
}

// CardField is a name and what it stands for.
type CardField struct {
	Title string `json:"title,omitempty" maxLength:"200" example:"Severity"`
	Value string `json:"value,omitempty" maxLength:"2000" doc:"Markdown"`
	Short bool   `json:"short,omitempty" doc:"Two short ones stand beside each other"`
}

// CardAuthor is whom a card names as its author.
type CardAuthor struct {
	Name string `json:"name" minLength:"1" maxLength:"200" example:"Jenkins"`
	URL  string `json:"url,omitempty" maxLength:"2048" example:"https://example.com/"`
}

// CardButton is a link.
type CardButton struct {
	Text string `json:"text" maxLength:"200" example:"Runbook"`
	URL  string `json:"url" minLength:"1" maxLength:"2048" example:"https://example.com/"`
}

// CardPicture is a picture of another host. The server fetches it at the post.
type CardPicture struct {
	URL  string `json:"url" minLength:"1" maxLength:"2048" example:"https://example.com/a.png" doc:"http or https. Clients never load it"`
	Alt  string `json:"alt,omitempty" maxLength:"300" doc:"What it shows"`
	Copy *Copy  `json:"copy,omitempty" readOnly:"true" doc:"The server's copy. Without it, show a link. Ignored in a post"`
}

// Copy is the server's copy of a picture of a card.
type Copy struct {
	ID     string `json:"id" format:"id" doc:"Of the file: GET /files/{id}"`
	Width  int    `json:"width" minimum:"1" doc:"Pixels; at most 800, as the height"`
	Height int    `json:"height" minimum:"1"`
	Color  string `json:"color" example:"#b08040" doc:"Fills its place until the picture is there"`
}

// Sender is how an incoming webhook calls itself. Show it beside the mark of a bot: it is nobody of the workspace.
type Sender struct {
	Name string `json:"name" maxLength:"80" example:"Grafana"`
	Icon string `json:"icon,omitempty" maxLength:"64" doc:"An emoji"`
}

func newSender(s *card.Sender) *Sender {
	if s == nil {
		return nil
	}
	return &Sender{Name: s.Name, Icon: s.Icon}
}

func newCards(cards []card.Card) []Card {
	if len(cards) == 0 {
		return nil
	}
	out := make([]Card, len(cards))
	for i, c := range cards {
		w := Card{
			Color: c.Color, Title: c.Title, URL: c.URL, Text: c.Text, Image: newCardPicture(c.Image), Thumb: newCardPicture(c.Thumb),
			Footer: c.Footer, At: optionalTime(c.At),
		}
		for _, f := range c.Fields {
			w.Fields = append(w.Fields, CardField(f))
		}
		if a := c.Author; a != nil {
			w.Author = &CardAuthor{Name: a.Name, URL: a.URL}
		}
		for _, b := range c.Buttons {
			w.Buttons = append(w.Buttons, CardButton(b))
		}
		out[i] = w
	}
	return out
}

func newCardPicture(p *card.Picture) *CardPicture {
	if p == nil {
		return nil
	}
	w := &CardPicture{URL: p.URL, Alt: p.Alt}
	if p.File != "" {
		w.Copy = &Copy{ID: p.File, Width: p.Width, Height: p.Height, Color: p.Color}
	}
	return w
}

// cardsInput maps cards to those of package card. None stay nil: an edit tells them from an empty list.
func cardsInput(cards []Card) []card.Card {
	if cards == nil {
		return nil
	}
	out := make([]card.Card, len(cards))
	for i, w := range cards {
		c := card.Card{
			Color: w.Color, Title: w.Title, URL: w.URL, Text: w.Text, Image: w.Image.input(), Thumb: w.Thumb.input(), Footer: w.Footer, At: w.At.Pointer(),
		}
		for _, f := range w.Fields {
			c.Fields = append(c.Fields, card.Field(f))
		}
		if a := w.Author; a != nil {
			c.Author = &card.Author{Name: a.Name, URL: a.URL}
		}
		for _, b := range w.Buttons {
			c.Buttons = append(c.Buttons, card.Button(b))
		}
		out[i] = c
	}
	return out
}

func (p *CardPicture) input() *card.Picture {
	if p == nil {
		return nil
	}
	return &card.Picture{URL: p.URL, Alt: p.Alt}
}
