package hook_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/hook"
	"github.com/canteen-chat/canteen/text"
)

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

// TestConformance holds what becomes of the bodies of the senders in testdata, each of which has what it must become beside it, in a file
// with the ending .want.
func TestConformance(t *testing.T) {
	contentType := map[string]string{".json": jsonType, ".form": formType, ".curl": formType}
	for _, file := range bodies(t) {
		got, err := hook.Decode(contentType[filepath.Ext(file)], read(t, file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var want hook.Post
		if err := json.Unmarshal(read(t, file+".want"), &want); err != nil {
			t.Fatalf("%s.want: %v", file, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s became\n%s\nwant\n%s", file, shown(t, got), shown(t, want))
		}
	}
}

// bodies are the files with bodies.
func bodies(t interface{ Fatal(...any) }) (out []string) {
	for _, kind := range []string{"json", "form", "curl"} {
		found, err := filepath.Glob("testdata/*." + kind)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, found...)
	}
	return out
}

// TestSenders checks that there are several bodies of each sender that Canteen promises to understand, each with what it must become and
// what a browser must draw of it.
func TestSenders(t *testing.T) {
	of := map[string]int{}
	for _, file := range bodies(t) {
		for _, sender := range []string{"grafana", "alertmanager", "gitlab", "jenkins", "uptime-kuma", "shell"} {
			if strings.HasPrefix(filepath.Base(file), sender) {
				of[sender]++
			}
		}
		for _, beside := range []string{".want", ".drawn"} {
			if len(read(t, file+beside)) == 0 {
				t.Errorf("%s%s is empty", file, beside)
			}
		}
	}
	want := map[string]int{"grafana": 4, "alertmanager": 3, "gitlab": 7, "jenkins": 4, "uptime-kuma": 4, "shell": 4}
	if !reflect.DeepEqual(of, want) {
		t.Errorf("the bodies of senders are %v, want %v", of, want)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func shown(t *testing.T, p hook.Post) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// deep is n objects within each other.
func deep(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }

// TestAnswers holds the answers to bodies that show nothing, or are none.
func TestAnswers(t *testing.T) {
	large := strings.Repeat("x", hook.MaxBody)
	for name, c := range map[string]struct {
		contentType, body string
		want              error
	}{
		"a text":                        {jsonType, `{"text":"hello"}`, nil},
		"a text without a type":         {"", `{"text":"hello"}`, nil},
		"a text with another type":      {"text/plain", ` {"text":"hello"}`, nil},
		"a byte order mark":             {jsonType, "\uFEFF" + `{"text":"hello"}`, nil},
		"a form":                        {formType, "payload=%7B%22text%22%3A%22hello%22%7D", nil},
		"a form with a sign beside it":  {formType, "a;b&payload={\"text\":\"hello\"}", nil},
		"a form in parts":               {"multipart/form-data; boundary=x", parts("payload", `{"text":"hello"}`), nil},
		"a form in parts without it":    {"multipart/form-data; boundary=x", parts("file", `{"text":"hello"}`), hook.InvalidPayload},
		"a form in parts, no boundary":  {"multipart/form-data", parts("payload", `{"text":"hello"}`), hook.InvalidPayload},
		"another form":                  {formType, "text=hello", hook.InvalidPayload},
		"nothing":                       {jsonType, "", hook.InvalidPayload},
		"no JSON":                       {jsonType, "{", hook.InvalidPayload},
		"a list":                        {jsonType, `[{"text":"hello"}]`, hook.InvalidPayload},
		"null":                          {jsonType, "null", hook.InvalidPayload},
		"two objects":                   {jsonType, `{"text":"a"}{"text":"b"}`, hook.InvalidPayload},
		"an empty object":               {jsonType, "{}", hook.NoText},
		"an empty text":                 {jsonType, `{"text":" \n "}`, hook.NoText},
		"invisible characters":          {jsonType, `{"text":"\u200b\u2060"}`, hook.NoText},
		"an empty attachment":           {jsonType, `{"attachments":[{"color":"good","fields":[]}]}`, hook.NoText},
		"only a name":                   {jsonType, `{"username":"Grafana"}`, hook.NoText},
		"raw control characters":        {jsonType, "{\"text\":\"a\tb\nc\x01\"}", nil},
		"a backslash that escapes none": {jsonType, `{"text":"C:\dir"}`, nil},
		"eight objects":                 {jsonType, `{"text":"x","a":` + deep(7) + `}`, nil},
		"nine objects":                  {jsonType, `{"text":"x","a":` + deep(8) + `}`, hook.InvalidPayload},
		"lists in lists":                {jsonType, `{"text":"x","a":` + strings.Repeat("[", 24) + strings.Repeat("]", 24) + `}`, hook.InvalidPayload},
		"brackets in a text":            {jsonType, `{"text":"` + strings.Repeat("{[", 100) + `"}`, nil},
		"as large as may be":            {jsonType, `{"text":"` + large[:hook.MaxBody-11] + `"}`, nil},
		"a byte too large":              {jsonType, `{"text":"` + large[:hook.MaxBody-10] + `"}`, hook.InvalidPayload},
	} {
		_, err := hook.Decode(c.contentType, []byte(c.body))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func parts(name, value string) string {
	return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n--x--\r\n"
}

// TestAlike holds values that are the same although they are written in different ways.
func TestAlike(t *testing.T) {
	for _, body := range []string{
		`{"text":"7","attachments":[{"title":"a","fields":[{"title":"n","value":"1","short":true}],"ts":1796040000}]}`,
		`{"text":7,"attachments":[{"title":"a","fields":[{"title":"n","value":1,"short":1}],"ts":"1796040000"}]}`,
		`{"text":{"text":7},"attachments":{"title":"a","fields":{"title":"n","value":1,"short":"True"},"ts":1796040000000}}`,
		`{"text":"7","attachments":[{"title":" a ","fields":[{"title":"n","value":"1","short":"1"}],"ts":1796040000.0}],"blocks":null}`,
	} {
		got, err := hook.Decode(jsonType, []byte(body))
		at := time.Unix(1796040000, 0).UTC()
		want := hook.Post{Text: "7", Cards: []card.Card{{Title: "a", Fields: []card.Field{{Title: "n", Value: "1", Short: true}}, At: &at}}}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s became %s, %v", body, shown(t, got), err)
		}
	}
}

// TestMarkdown holds the Markdown of Slack's notation.
func TestMarkdown(t *testing.T) {
	for in, want := range map[string]string{
		"*bold* and _italic_, ~gone~":           "**bold** and _italic_, ~~gone~~",
		"*_both_*":                              "**_both_**",
		"**Markdown**":                          "**Markdown**",
		"2*3*4 and a * b":                       "2\\*3\\*4 and a * b",
		"snake_case_name _x":                    "snake_case_name \\_x",
		"*not\nacross lines*":                   "\\*not\nacross lines\\*",
		"`code *x* &lt;b&gt;` *b*":              "`code *x* <b>` **b**",
		"a ` b":                                 "a \\` b",
		"```x &amp; y```":                       "```\nx & y\n```",
		"see ```\na\n```\nend":                  "see \n```\na\n```\nend",
		"```never ends":                         "\\`\\`\\`never ends",
		"<https://a.example|a label>":           "[a label](https://a.example)",
		"<https://a.example/x_(y)>":             "<https://a.example/x_%28y%29>",
		"<https://a.example|a [b](c)>":          "[a \\[b\\]\\(c)](https://a.example)",
		"<mailto:a@b.example|mail>":             "[mail](mailto:a@b.example)",
		"<javascript:alert(1)|click>":           "click (javascript:alert(1))",
		"[a](https://evil.example)":             "[a]\\(https://evil.example)",
		"&lt;b&gt; &amp;lt; <b>":                "\\<b> &lt; \\<b>",
		"<@U1|mira> <@U2> <#C1|food> <#C2>":     "@mira @U2 #food #C2",
		"<!subteam^S1|@ops> <!date^1^x|now>":    "@ops now",
		"# no heading":                          "\\# no heading",
		"&gt; quoted *b*":                       "> quoted **b**",
		"&gt;&gt;&gt; all\nof *this*":           "> all\n> of **this**",
		":rotating_light: :warning: :no_such: ": "🚨 ⚠️ :no_such:",
		"12:100:30 a:fire: :+1::skin-tone-3:":   "12:100:30 a:fire: 👍",
		"`:fire:`":                              "`:fire:`",
		"C:\\dir \\*x":                          "C:\\dir \\\\\\*x",
		"• a\n- b\n1. c":                        "• a\n- b\n1. c",
	} {
		got, err := hook.Decode(jsonType, []byte(`{"text":`+quoted(t, in)+`}`))
		if err != nil || got.Text != want {
			t.Errorf("%q became %q, want %q (%v)", in, got.Text, want, err)
		}
	}
}

func quoted(t *testing.T, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestCalls holds whom a text calls together. A word that is only written so calls nobody.
func TestCalls(t *testing.T) {
	for in, want := range map[string]hook.Broadcast{
		"<!here> x": "here", "<!channel>": "room", "<!everyone|x>": "room", "<!here> <!channel> <!here>": "room", "@room, come": "",
		"`<!here>`": "", "```<!channel>```": "",
	} {
		got, err := hook.Decode(jsonType, []byte(`{"text":`+quoted(t, in)+`}`))
		if err != nil || got.Broadcast != want {
			t.Errorf("%q calls %q, want %q (%v)", in, got.Broadcast, want, err)
		}
	}
}

// TestManyCards checks that what is beyond the bounds is joined or cut, and the beginning kept.
func TestManyCards(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want int
		last string
	}{
		"thirty attachments": {`{"attachments":[` + strings.Repeat(`{"title":"a","text":"b"},`, 29) + `{"title":"the last"}]}`, 20, "the last"},
		"thirty blocks": {
			`{"text":"x","blocks":[{"type":"image","image_url":"https://a.example/1","alt_text":"one"},` +
				strings.Repeat(`{"type":"header","text":"a"},`, 29) + `{"type":"section","text":"the last"}]}`, 20, "the last",
		},
		"a list of many": {`{"attachments":[` + strings.Repeat(`"a",`, 1005) + `{"fallback":"the last"}]}`, 20, "the last"},
		"long":           {`{"attachments":[{"title":"a","text":"` + strings.Repeat("word ", 5000) + `"}]}`, 1, "…"},
	} {
		got, err := hook.Decode(jsonType, []byte(c.body))
		if err != nil || len(got.Cards) != c.want || !strings.HasSuffix(got.Cards[c.want-1].Text, c.last) {
			t.Errorf("%s: %d cards, %v: %s", name, len(got.Cards), err, shown(t, got))
		}
	}
}

// TestHeadline holds what a post says in short.
func TestHeadline(t *testing.T) {
	for want, p := range map[string]hook.Post{
		"[a]\\(b) \\*x\\*": {Text: "text", Cards: []card.Card{{Text: "no title"}, {Title: "[a](b) *x*"}}},
		"**first**":        {Text: "**first**\nsecond"},
		"":                 {},
	} {
		if got := p.Headline(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// check fails if a post is beyond a bound.
func check(t interface{ Errorf(string, ...any) }, p hook.Post, err error) {
	if err != nil {
		if !errors.Is(err, hook.InvalidPayload) && !errors.Is(err, hook.NoText) {
			t.Errorf("%v", err)
		}
		return
	}
	if p.Text == "" && len(p.Cards) == 0 || !utf8.ValidString(p.Text) {
		t.Errorf("the text is %q", p.Text)
	}
	if _, wrong := text.Message(p.Text); p.Text != "" && wrong != "" {
		t.Errorf("the text cannot be posted: %s", wrong)
	}
	if fit, cut := card.Fit(p.Cards); cut || !reflect.DeepEqual(fit, p.Cards) {
		t.Errorf("the cards do not fit")
	}
}

// FuzzDecode checks that whatever comes, what it becomes can be posted.
func FuzzDecode(f *testing.F) {
	for _, file := range bodies(f) {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, formType)
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		p, err := hook.Decode(contentType, body)
		check(t, p, err)
	})
}

// TestAnyBody checks the same for bodies that are made of what Slack knows.
func TestAnyBody(t *testing.T) {
	s := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"", "*a*", "<!here>", "<https://a.example|b>", "```", "`", "&lt;", ":fire:", "javascript:x", "https://a.example/x", "plain_text", "good",
		strings.Repeat("界", 9000), strings.Repeat("*a ", 5000), "\u0000", "\u202e",
	}))
	kinds := []string{"header", "section", "divider", "image", "context", "actions", "rich_text", "rich_text_list", "rich_text_section",
		"rich_text_preformatted", "text", "link", "emoji", "button", "mrkdwn", "unknown"}
	names := []string{"text", "title", "title_link", "fallback", "value", "url", "image_url", "thumb_url", "alt_text", "color", "pretext",
		"author_name", "footer", "ts", "short", "username", "icon_emoji", "name", "unicode", "indent", "range"}
	var object func(depth int) *rapid.Generator[map[string]any]
	object = func(depth int) *rapid.Generator[map[string]any] {
		return rapid.Custom(func(t *rapid.T) map[string]any {
			o := map[string]any{"type": rapid.SampledFrom(kinds).Draw(t, "type")}
			for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 5).Draw(t, "names") {
				o[name] = s.Draw(t, name)
			}
			for _, name := range []string{"attachments", "blocks", "elements", "fields", "actions"} {
				if depth > 0 && rapid.Bool().Draw(t, name) {
					o[name] = rapid.SliceOfN(object(depth-1), 0, 3).Draw(t, name)
				}
			}
			if depth > 0 && rapid.Bool().Draw(t, "accessory") {
				o["accessory"], o["style"] = object(0).Draw(t, "accessory"), object(0).Draw(t, "style")
			}
			return o
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		b, err := json.Marshal(object(4).Draw(t, "body"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := hook.Decode(jsonType, b)
		check(t, p, err)
	})
}

// TestHostileSizes checks that the largest bodies take time in proportion to their size: less than a second of a processor, where one that
// took its square would take minutes.
func TestHostileSizes(t *testing.T) {
	fill := func(begin, unit, end string) string {
		return begin + strings.Repeat(unit, (hook.MaxBody-len(begin)-len(end))/len(unit)) + end
	}
	for name, body := range map[string]string{
		"opening marks":     fill(`{"text":"`, " *a", `"}`),
		"marks":             fill(`{"text":"`, "*", `"}`),
		"plain marks":       fill(`{"mrkdwn":false,"text":"`, "*", `"}`),
		"backticks":         fill(`{"text":"`, "`", `"}`),
		"open backticks":    fill(`{"text":"`, "` \\n", `"}`),
		"fences":            fill(`{"text":"`, "``` ", `"}`),
		"angles":            fill(`{"text":"`, "<a", `"}`),
		"links":             fill(`{"text":"`, "<http://a|b>", `"}`),
		"colons":            fill(`{"text":"`, ":a", `"}`),
		"entities":          fill(`{"text":"`, "&", `"}`),
		"headings":          fill(`{"text":"`, " # ", `"}`),
		"hashes":            fill(`{"text":"`, "#", `"}`),
		"quotes":            fill(`{"text":"`, ">>>", `"}`),
		"escapes":           fill(`{"text":"`, "\\", `"}`),
		"brackets":          fill(`{"text":"x","a":`, "[]", `}`),
		"fields":            fill(`{"attachments":[{"fields":[1`, `,{"a":1}`, `]}]}`),
		"marked fields":     fill(`{"attachments":[{"mrkdwn_in":["text"`, `,"a"`, `],"text":"x","fields":["a","b","c"]}]}`),
		"attachments":       fill(`{"attachments":[1`, `,1`, `]}`),
		"small blocks":      fill(`{"attachments":[{"blocks":[1`, `,1`, `]}]}`),
		"context":           fill(`{"blocks":[1`, `,{"type":"context","elements":["a"]}`, `]}`),
		"buttons":           fill(`{"blocks":[1`, `,{"type":"actions","elements":[{"url":"http://a","text":"b"}]}`, `]}`),
		"keys":              fill(`{"text":"x"`, `,"a":1`, `}`),
		"styled rich text":  fill(`{"blocks":[{"type":"rich_text","elements":[{"elements":[1`, `,{"text":"*","style":{"bold":true}}`, `]}]}]}`),
		"spaces":            fill(`{"text":"`, " ", `"}`),
		"a form in parts":   fill("--x\r\n", "--x\r\n", ""),
		"numbers of a form": fill("payload=1", "&a=1", ""),
	} {
		began := time.Now()
		p, err := hook.Decode("multipart/form-data; boundary=x", []byte(body))
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: %s", name, took)
		}
		check(t, p, err)
	}
}
