package wire

import "github.com/canteen-chat/canteen/chat"

// Preview is what a page says about itself, as the server read it: plain text.
type Preview struct {
	URL         string `json:"url" maxLength:"2048" example:"https://example.com/" doc:"As in the text of the message"`
	Title       string `json:"title" maxLength:"200" example:"Travel policy"`
	Description string `json:"description,omitempty" maxLength:"300"`
	// Picture is a file like others: GET /files/{id}.
	Picture *Picture `json:"picture,omitempty" doc:"Of the page. The server has a copy of its own, which no host of the page hears of"`
}

// Picture is a small picture.
type Picture struct {
	ID     string `json:"id" format:"id" doc:"Of the file"`
	Width  int    `json:"width" minimum:"1" doc:"Pixels; at most 360, as the height"`
	Height int    `json:"height" minimum:"1"`
	Color  string `json:"color" example:"#b08040" doc:"Fills its place until the picture is there"`
}

func newPreview(p *chat.Preview) *Preview {
	if p == nil {
		return nil
	}
	w := &Preview{URL: p.URL, Title: p.Title, Description: p.Description}
	if f := p.Picture; f != nil {
		w.Picture = &Picture{ID: f.ID, Width: f.Width, Height: f.Height, Color: f.Color}
	}
	return w
}

// AskPreview is the body of POST /previews.
type AskPreview struct {
	URL string `json:"url" minLength:"1" maxLength:"2048" example:"https://example.com/" doc:"The link as the text has it, http or https"`
}

// MadePreview is the answer to it.
type MadePreview struct {
	ID      string  `json:"id" maxLength:"64" doc:"For the preview of a post. Good for a day at most"`
	Preview Preview `json:"preview"`
}

// NewMadePreview maps a preview.
func NewMadePreview(id string, p chat.Preview) MadePreview {
	return MadePreview{ID: id, Preview: *newPreview(&p)}
}
