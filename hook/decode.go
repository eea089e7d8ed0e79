package hook

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"

	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/text"
)

const (
	// MaxBody is how many bytes a body may have.
	MaxBody = 256 << 10
	// maxCards is how many cards a message may have.
	maxCards = 20
)

// Post is what a body asks to be posted.
type Post struct {
	Text      string // our Markdown; empty if the cards say everything
	Cards     []card.Card
	Name      string    // how the sender calls itself; may be empty
	Icon      string    // an emoji; may be empty
	Broadcast Broadcast // whom the text calls together
}

// Headline is what the post says in short, in Markdown: the title of its first card, or the beginning of its text.
func (p Post) Headline() string {
	for _, c := range p.Cards {
		if c.Title != "" {
			return escapeText(c.Title)
		}
	}
	first, _, _ := strings.Cut(p.Text, "\n")
	return text.Truncate(first, headline)
}

// headline is the most that a headline has of a text, in code points.
const headline = 200

// Decode reads a body: JSON, or a form with the field payload. It is InvalidPayload for what is neither, too large or too deep, and NoText
// for what shows nothing.
func Decode(contentType string, body []byte) (Post, error) {
	if len(body) > MaxBody {
		return Post{}, InvalidPayload
	}
	o, err := parse(payload(contentType, body))
	if err != nil {
		return Post{}, err
	}
	d := decoder{}
	p := d.post(o)
	if p.Text == "" && len(p.Cards) == 0 {
		return Post{}, NoText
	}
	return p, nil
}

// payload is the JSON in a body. Many senders send JSON and say that it is a form, as curl does.
func payload(contentType string, body []byte) []byte {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF")))
	if bytes.HasPrefix(body, []byte("{")) {
		return body
	}
	if kind, params, err := mime.ParseMediaType(contentType); err == nil && kind == "multipart/form-data" {
		return part(body, params["boundary"])
	}
	form, err := url.ParseQuery(string(body))
	if v := form.Get("payload"); err == nil || v != "" {
		return []byte(strings.TrimSpace(v))
	}
	return nil
}

// part is the field payload of a form in parts.
func part(body []byte, boundary string) []byte {
	if boundary == "" {
		return nil
	}
	for r := multipart.NewReader(bytes.NewReader(body), boundary); ; {
		p, err := r.NextPart()
		if err != nil {
			return nil
		}
		if p.FormName() != "payload" {
			continue
		}
		b, err := io.ReadAll(p)
		if err != nil {
			return nil
		}
		return bytes.TrimSpace(b)
	}
}

// decoder collects the cards of a body.
type decoder struct {
	w     writer
	cards []card.Card
}

func (d *decoder) post(o object) Post {
	p := Post{Name: o.line("username"), Icon: icon(o.line("icon_emoji"))}
	lead := d.w.in(o.raw("text"), o.is("mrkdwn", true))
	if blocks := o.objects("blocks"); len(blocks) > 0 { // Slack shows them in place of the text
		shown := d.blocks(blocks, card.Card{})
		if lead == "" || len(d.cards) > 0 || shown != "" {
			lead = shown
		}
	}
	paragraphs := []string{lead}
	for i, a := range o.objects("attachments") {
		before := d.attachment(a, i == 0)
		paragraphs = append(paragraphs, before)
	}
	p.Text = cut(join("\n\n", paragraphs...))
	if len(d.cards) > maxCards {
		rest := card.Fallback(d.cards[maxCards-1:])
		d.cards = append(d.cards[:maxCards-1], card.Card{Text: rest})
	}
	if _, wrong := text.Message(p.Text); wrong != "" { // nothing of it is visible
		p.Text = ""
	}
	p.Cards, _ = card.Fit(d.cards)
	if p.Broadcast = d.w.broadcast; p.Broadcast == "" && repeats(p.Text, card.Fallback(p.Cards)) {
		p.Text = ""
	}
	return p
}

// repeats says whether each line of a text stands in what the cards say, as in the bodies of senders that write it for notifications.
func repeats(text, said string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.Contains(said, line) {
			return false
		}
		_, said, _ = strings.Cut(said, line)
	}
	return true
}

// in is the Markdown of a text, which has marks of mrkdwn or not.
func (w *writer) in(s string, marks bool) string {
	if marks {
		return strings.TrimSpace(w.markdown(s))
	}
	return strings.TrimSpace(w.plain(s))
}

// cut is a text of at most as many characters as a message may have.
func cut(s string) string {
	if short := text.Truncate(s, text.MessageLength-2); short != s {
		return short + " …"
	}
	return s
}

// join joins the texts that are not empty.
func join(between string, texts ...string) string {
	var out []string
	for _, s := range texts {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, between)
}
