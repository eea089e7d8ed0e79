package card_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/card"
)

// TestFit holds what is kept of a card.
func TestFit(t *testing.T) {
	late := time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := time.Date(2026, 11, 30, 17, 0, 0, 1, time.FixedZone("", 3600))
	kept := at.UTC().Truncate(time.Millisecond)
	long := strings.Repeat("ä", 9000)
	for name, c := range map[string]struct {
		in, want card.Card
		cut      bool
	}{
		"a title in several lines":   {in: card.Card{Title: " Disk\n full\t "}, want: card.Card{Title: "Disk full"}},
		"direction and controls":     {in: card.Card{Title: "a\u202eb\u0007c\u200d"}, want: card.Card{Title: "abc\u200d"}},
		"a title that shows nothing": {in: card.Card{Title: "\u3164", Text: "x"}, want: card.Card{Text: "x"}},
		"a long title":               {in: card.Card{Title: long}, want: card.Card{Title: long[:2*299] + "…"}, cut: true},
		"a title that ends in dots":  {in: card.Card{Title: "Wait…"}, want: card.Card{Title: "Wait…"}},
		"lines of a text":            {in: card.Card{Text: "\r\na\r\nb\rc\u0000\n"}, want: card.Card{Text: "a\nb\nc"}},
		"a long text":                {in: card.Card{Text: long}, want: card.Card{Text: long[:2*7999] + "…"}, cut: true},
		"a text that is not UTF-8":   {in: card.Card{Text: "a\xffb"}, want: card.Card{Text: "ab"}},
		"a link that runs a script":  {in: card.Card{Title: "x", URL: "javascript:alert(1)"}, want: card.Card{Title: "x"}},
		"a link to data":             {in: card.Card{Title: "x", URL: "data:text/html,x"}, want: card.Card{Title: "x"}},
		"a link without a host":      {in: card.Card{Title: "x", URL: "https:///x"}, want: card.Card{Title: "x"}},
		"a path":                     {in: card.Card{Title: "x", URL: "/r/abc"}, want: card.Card{Title: "x"}},
		"a link with white space": {
			in:   card.Card{Title: "x", URL: "https://a.example/ b"},
			want: card.Card{Title: "x"},
		},
		"a long link": {
			in:   card.Card{Title: "x", URL: "https://a.example/" + long},
			want: card.Card{Title: "x"},
		},
		"a mailbox": {
			in:   card.Card{Title: "x", URL: "mailto:a@b.example"},
			want: card.Card{Title: "x", URL: "mailto:a@b.example"},
		},
		"a host inside": {
			in:   card.Card{Title: "x", URL: " HTTP://alertmanager:9093/#/a "},
			want: card.Card{Title: "x", URL: "HTTP://alertmanager:9093/#/a"},
		},
		"a colour by name": {
			in:   card.Card{Title: "x", Color: "Danger"},
			want: card.Card{Title: "x", Color: "#a30200"},
		},
		"a short colour": {
			in:   card.Card{Title: "x", Color: "#AbC"},
			want: card.Card{Title: "x", Color: "#aabbcc"},
		},
		"a colour without its mark": {
			in:   card.Card{Title: "x", Color: "36a64f"},
			want: card.Card{Title: "x", Color: "#36a64f"},
		},
		"a colour that is none": {in: card.Card{Title: "x", Color: "red;}"}, want: card.Card{Title: "x"}},
		"an empty field": {
			in:   card.Card{Fields: []card.Field{{Short: true}, {Value: "1"}}},
			want: card.Card{Fields: []card.Field{{Value: "1"}}},
		},
		"a button that leads nowhere": {
			in:   card.Card{Title: "x", Buttons: []card.Button{{Text: "Ack"}}},
			want: card.Card{Title: "x"},
		},
		"a button without a text": {
			in:   card.Card{Buttons: []card.Button{{URL: "https://a.example"}}},
			want: card.Card{Buttons: []card.Button{{"https://a.example", "https://a.example"}}},
		},
		"an author without a name": {
			in:   card.Card{Title: "x", Author: &card.Author{URL: "https://a.example"}},
			want: card.Card{Title: "x"},
		},
		"a picture without an address": {
			in:   card.Card{Title: "x", Image: &card.Picture{Alt: "y"}},
			want: card.Card{Title: "x"},
		},
		"a picture in a mailbox": {
			in:   card.Card{Title: "x", Thumb: &card.Picture{URL: "mailto:a@b.example"}},
			want: card.Card{Title: "x"},
		},
		"a picture that the server should have": {
			in:   card.Card{Image: &card.Picture{URL: "https://a.example/p", File: "aaaaaaaaaaaa", Width: 1, Height: 1, Color: "#000000"}},
			want: card.Card{Image: &card.Picture{URL: "https://a.example/p"}},
		},
		"a time":              {in: card.Card{Title: "x", At: &at}, want: card.Card{Title: "x", At: &kept}},
		"a time without JSON": {in: card.Card{Title: "x", At: &late}, want: card.Card{Title: "x"}},
	} {
		fit, cut := card.Fit([]card.Card{c.in})
		if !reflect.DeepEqual(fit, []card.Card{c.want}) || cut != c.cut {
			t.Errorf("%s: %.200v, cut %v; want %.200v, %v", name, fit, cut, c.want, c.cut)
		}
	}
}

// TestFitAll holds the bounds over all cards of a message.
func TestFitAll(t *testing.T) {
	one := card.Card{Title: "x"}
	many := make([]card.Card, 21)
	for i := range many {
		many[i] = one
	}
	fields := make([]card.Field, 100)
	for i := range fields {
		fields[i] = card.Field{Title: "name", Value: "value", Short: true}
	}
	buttons := make([]card.Button, 11)
	pictures := make([]card.Card, 7)
	for i := range pictures {
		pictures[i] = card.Card{Title: "x", Image: &card.Picture{URL: "https://a.example/p"}}
	}
	for i := range buttons {
		buttons[i] = card.Button{Text: "x", URL: "https://a.example"}
	}
	for name, c := range map[string]struct {
		in   []card.Card
		want int // cards
		cut  bool
	}{
		"as many as can be": {many[:20], 20, false},
		"one more":          {many, 20, true},
		"an empty one":      {[]card.Card{{Color: "good"}, one}, 1, false},
		"fifty fields":      {[]card.Card{{Fields: fields[:50]}}, 1, false},
		"a hundred fields":  {[]card.Card{{Fields: fields}}, 1, true},
		"eleven buttons":    {[]card.Card{{Buttons: buttons}}, 1, true},
		"six pictures":      {pictures[:6], 6, false},
		"seven pictures":    {pictures, 7, true},
		"one large card":    {[]card.Card{{Text: strings.Repeat("<", 8000)}}, 1, true},
		"the last loses all fields": {
			[]card.Card{{Text: strings.Repeat("<", 5300)}, {Fields: []card.Field{{Value: strings.Repeat("x", 2000)}}}}, 1, true,
		},
		"the last loses some fields": {[]card.Card{{Text: strings.Repeat("<", 5300)}, {Title: "x", Fields: fields[:4]}}, 2, true},
		"the last is lost":           {[]card.Card{{Text: strings.Repeat("<", 5300)}, {Title: strings.Repeat("x", 300)}}, 1, true},
	} {
		fit, cut := card.Fit(c.in)
		if len(fit) != c.want || cut != c.cut {
			t.Errorf("%s: %d cards, cut %v; want %d, %v", name, len(fit), cut, c.want, c.cut)
		}
		inBounds(t, fit)
		if again, cut := card.Fit(fit); cut || !reflect.DeepEqual(again, fit) {
			t.Errorf("%s, fitted again: cut %v, %.300v", name, cut, again)
		}
	}
}

// inBounds fails if cards are beyond a bound.
func inBounds(t interface {
	Errorf(format string, args ...any)
}, cards []card.Card) {
	b, err := json.Marshal(cards)
	if err != nil || len(cards) > card.Max || len(b) > card.MaxBytes+2 || len(card.Pictures(cards)) > card.MaxPictures {
		t.Errorf("%d cards with %d bytes, %v", len(cards), len(b), err)
	}
	short := func(what, s string, n int) {
		if utf8.RuneCountInString(s) > n {
			t.Errorf("a %s has more than %d characters", what, n)
		}
	}
	for _, c := range cards {
		short("title", c.Title, card.TitleLength)
		short("text", c.Text, card.TextLength)
		if len(c.Fields) > card.MaxFields || len(c.Buttons) > card.MaxButtons {
			t.Errorf("%d fields, %d buttons", len(c.Fields), len(c.Buttons))
		}
		for _, f := range c.Fields {
			short("field", f.Value, card.FieldLength)
		}
	}
}

// TestFitTwice checks that cards which were made to fit stay as they are, whatever they were, and that their text stands for them.
func TestFitTwice(t *testing.T) {
	s := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "good", "https://a.example/x", "javascript:x", "<", "\u202e", "…",
		strings.Repeat("界", 400), strings.Repeat("👩‍👩‍👧 ", 90)}))
	one := rapid.Custom(func(t *rapid.T) card.Card {
		c := card.Card{Color: s.Draw(t, "color"), Title: s.Draw(t, "title"), URL: s.Draw(t, "url"), Text: s.Draw(t, "text")}
		c.Footer = s.Draw(t, "footer")
		for range rapid.IntRange(0, 6).Draw(t, "fields") {
			c.Fields = append(c.Fields, card.Field{Title: s.Draw(t, "name"), Value: s.Draw(t, "value")})
		}
		if rapid.Bool().Draw(t, "picture") {
			c.Image = &card.Picture{URL: s.Draw(t, "image"), Alt: s.Draw(t, "alt")}
			c.Author = &card.Author{Name: s.Draw(t, "author"), URL: s.Draw(t, "of author")}
			c.Buttons = []card.Button{{Text: s.Draw(t, "button"), URL: s.Draw(t, "to")}}
		}
		return c
	})
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOfN(one, 0, 21).Draw(t, "cards")
		fit, _ := card.Fit(in)
		inBounds(t, fit)
		again, cut := card.Fit(fit)
		if cut || !reflect.DeepEqual(again, fit) {
			t.Errorf("fitted again: cut %v, %.300v", cut, again)
		}
		said := card.Fallback(fit)
		if (said == "") != (len(fit) == 0) || utf8.RuneCountInString(said) > card.FallbackLength {
			t.Errorf("%d cards are %q", len(fit), said)
		}
	})
}

// TestFallback holds the text that stands for cards.
func TestFallback(t *testing.T) {
	for want, cards := range map[string][]card.Card{
		"": nil,
		"[FIRING:1] Disk full\nNode a is full.\nSeverity: page\nonly a value\nhttps://a.example/1\nSilence: https://a.example/2\n\nSecond": {
			{
				Title: "[FIRING:1] Disk full", URL: "https://a.example/1", Text: "Node a is full.",
				Fields:  []card.Field{{Title: "Severity", Value: "page"}, {Value: "only a value"}},
				Buttons: []card.Button{{Text: "Silence", URL: "https://a.example/2"}},
			},
			{Title: "Second"},
		},
		"Jenkins\nBuild 7\nOnce a night":   {{Author: &card.Author{Name: "Jenkins"}, Title: "Build 7", Footer: "Once a night"}},
		"A graph\nhttps://a.example/p.png": {{Image: &card.Picture{URL: "https://a.example/p.png", Alt: "A graph"}}},
		"https://a.example/small.png":      {{Thumb: &card.Picture{URL: "https://a.example/small.png"}}},
		"x\nhttps://a.example/image-of-x.png": {
			{Title: "x", Thumb: &card.Picture{URL: "https://a.example/t"}, Image: &card.Picture{URL: "https://a.example/image-of-x.png"}},
		},
	} {
		if got := card.Fallback(cards); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestFitSender holds the label of a sender.
func TestFitSender(t *testing.T) {
	for in, want := range map[card.Sender]*card.Sender{
		{Name: " Grafana\n", Icon: "🔥"}:            {Name: "Grafana", Icon: "🔥"},
		{Name: "Grafana", Icon: ":party:"}:         {Name: "Grafana", Icon: ":party:"},
		{Name: "Grafana", Icon: "<b>"}:             {Name: "Grafana"},
		{Name: "\u202eada"}:                        {Name: "ada"},
		{Name: "\u2060"}:                           nil,
		{Name: "\u3164", Icon: "🔥"}:                nil,
		{Name: strings.Repeat("x", 81)}:            {Name: strings.Repeat("x", 79) + "…"},
		{Name: "Grafana", Icon: "https://a/b.png"}: {Name: "Grafana"},
	} {
		if got := card.FitSender(in); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: %+v, want %+v", in, got, want)
		}
	}
}
