package wire

import "github.com/canteen-chat/canteen/chat"

// Preview is what a page says about itself, as the server read it: plain text.
type Preview struct {
	URL         string `json:"url" maxLength:"2048" example:"https://example.com/" doc:"As in the text of the message"`
	Title       string `json:"title" maxLength:"200" example:"Travel policy"`
	Description string `json:"description,omitempty" maxLength:"300"`
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
	return MadePreview{ID: id, Preview: Preview{URL: p.URL, Title: p.Title, Description: p.Description}}
}
