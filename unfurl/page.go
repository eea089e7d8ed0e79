package unfurl

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/text"
)

// page is what a page says about itself: by the Open Graph protocol (ogp.me), else by Twitter's cards, else in HTML.
type page struct {
	title, description string
	picture            string // its address, perhaps relative to the page
}

// names are the meta elements that are read, the best first.
var names = struct{ title, description, picture []string }{
	title:       []string{"og:title", "twitter:title"},
	description: []string{"og:description", "twitter:description", "description"},
	picture:     []string{"og:image", "og:image:url", "twitter:image", "twitter:image:src"},
}

// parse reads the head of a page. declared is the charset of the answer's header; a meta element may say it too.
func parse(body []byte, declared string) page {
	kind := "text/html"
	if declared != "" {
		kind += "; charset=" + declared
	}
	encoding, _, _ := charset.DetermineEncoding(body[:min(len(body), 1024)], kind)
	meta, title := map[string]string{}, ""
	z := html.NewTokenizer(encoding.NewDecoder().Reader(bytes.NewReader(body)))
	z.SetMaxBuf(maxToken)
	for inTitle := false; ; {
		switch z.Next() {
		case html.ErrorToken: // the end, or a token that is too long
			return choose(meta, title)
		case html.TextToken:
			if inTitle && title == "" {
				title = string(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			switch a := atom.Lookup(name); {
			case a == atom.Title && title == "":
				inTitle = true
				continue
			case a == atom.Meta && more:
				read(z, meta)
			case a == atom.Body:
				return choose(meta, title)
			}
		}
		inTitle = false
	}
}

// maxToken bounds a single token in memory.
const maxToken = 256 << 10

// read takes a meta element: the first one of a name counts.
func read(z *html.Tokenizer, meta map[string]string) {
	var name, content string
	for more := true; more; {
		var k, v []byte
		k, v, more = z.TagAttr()
		switch string(k) {
		case "property", "name":
			if name == "" {
				name = strings.ToLower(strings.TrimSpace(string(v)))
			}
		case "content":
			content = string(v)
		}
	}
	if _, ok := meta[name]; !ok && content != "" && name != "" && len(meta) < maxMeta {
		meta[name] = content
	}
}

// maxMeta bounds the meta elements that are kept.
const maxMeta = 200

func choose(meta map[string]string, title string) page {
	first := func(names []string, fallback string) string {
		for _, n := range names {
			if s := strings.TrimSpace(meta[n]); s != "" {
				return s
			}
		}
		return fallback
	}
	return page{
		title:       text.OneLine(first(names.title, title), chat.PreviewTitleLength),
		description: text.OneLine(first(names.description, ""), chat.PreviewDescriptionLength),
		picture:     first(names.picture, ""),
	}
}
