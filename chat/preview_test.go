package chat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

// pages is the web as an unfurler finds it: what each URL says about itself.
type pages struct {
	mu    sync.Mutex
	says  map[string]chat.Unfurled
	fails error // for the URLs that say nothing; nil: NotFound
	asked []string
}

// Unfurl implements chat.Unfurler.
func (p *pages) Unfurl(_ context.Context, url string) (chat.Unfurled, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, url)
	if u, ok := p.says[url]; ok {
		return u, nil
	}
	if p.fails != nil {
		return chat.Unfurled{}, p.fails
	}
	return chat.Unfurled{}, errors.Join(chat.ErrNotFound(), errors.New("10.0.0.1 refused the connection"))
}

const travel = "https://example.com/travel"

func previewHouse(t *testing.T) *house {
	t.Helper()
	h := open(t, nil)
	h.web.says = map[string]chat.Unfurled{travel: {Title: "Travel policy", Description: "Trains first."}}
	in := chat.NewRoomInput{Kind: chat.Public, Name: "plans", Members: []string{h.people["mira"].User.ID}}
	r, _, err := h.rules.AddRoom(t.Context(), h.people["jonas"], in)
	h.must(err)
	h.room = r.ID
	return h
}

// TestPreviewIsPosted: the sender sees what the page says, and names it in the post. Who names nothing posts none.
func TestPreviewIsPosted(t *testing.T) {
	h := previewHouse(t)
	id, p, err := h.rules.Preview(t.Context(), h.people["mira"], " "+travel+" ")
	want := chat.Preview{URL: travel, Title: "Travel policy", Description: "Trains first."}
	if err != nil || p != want || id == "" {
		t.Fatalf("%q, %+v, %v", id, p, err)
	}
	for name, c := range map[string]struct {
		in   chat.PostInput
		want *chat.Preview
	}{
		"with its link":            {chat.PostInput{Text: "Read " + travel + ", please", Preview: id}, &want},
		"again":                    {chat.PostInput{Text: travel, Preview: id}, &want},
		"with its link, no scheme": {chat.PostInput{Text: "Read example.com/travel", Preview: id}, &want},
		"dismissed":                {chat.PostInput{Text: travel}, nil},
		"without its link":         {chat.PostInput{Text: "Read https://evil.example", Preview: id}, nil},
		"an id that nobody got":    {chat.PostInput{Text: travel, Preview: id[:len(id)-1] + "_"}, nil},
		"an id that is too short":  {chat.PostInput{Text: travel, Preview: id[:8]}, nil},
		"the key without a secret": {chat.PostInput{Text: travel, Preview: id[:32]}, nil},
	} {
		m, _, err := h.rules.PostMessage(t.Context(), h.people["mira"], h.room, c.in)
		if err != nil || fmt.Sprint(m.Preview) != fmt.Sprint(c.want) {
			t.Errorf("%s: %+v, %v", name, m.Preview, err)
		}
	}
}

// TestPreviewOfAnEdit: an edit keeps the preview while the text has its link. A deletion leaves none.
func TestPreviewOfAnEdit(t *testing.T) {
	h := previewHouse(t)
	mira := h.people["mira"]
	id, _, err := h.rules.Preview(t.Context(), mira, travel)
	h.must(err)
	seq := h.post("mira", chat.PostInput{Text: "Read " + travel, Preview: id})
	m, err := h.rules.EditMessage(t.Context(), mira, h.room, seq, "Please read "+travel)
	if err != nil || m.Preview == nil {
		t.Errorf("with the link: %+v, %v", m.Preview, err)
	}
	m, err = h.rules.EditMessage(t.Context(), mira, h.room, seq, "Never mind.")
	if err != nil || m.Preview != nil {
		t.Errorf("without the link: %+v, %v", m.Preview, err)
	}
	seq = h.post("mira", chat.PostInput{Text: travel, Preview: id})
	h.must(h.rules.DeleteMessage(t.Context(), mira, h.room, seq))
	if m, err = h.rules.Message(t.Context(), mira, h.room, seq); err != nil || m.Preview != nil {
		t.Errorf("deleted: %+v, %v", m.Preview, err)
	}
}

// TestPreviewsAreCached: a page is asked once a day, and once an hour if it says nothing. After a day the id of a preview is of no use.
func TestPreviewsAreCached(t *testing.T) {
	h := previewHouse(t)
	ask := func(url string) (string, error) {
		id, _, err := h.rules.Preview(t.Context(), h.people["mira"], url)
		return id, err
	}
	first, err := ask(travel)
	h.must(err)
	for range 2 {
		if id, err := ask(travel); err != nil || id != first {
			t.Errorf("%q, %v", id, err)
		}
		if _, err := ask("https://example.com/nothing"); outcome(err) != "404" || strings.Contains(err.Error(), "10.0.0.1") {
			t.Errorf("a page that says nothing: %v", err)
		}
	}
	if got := fmt.Sprint(h.web.asked); got != "["+travel+" https://example.com/nothing]" {
		t.Errorf("asked for %s", got)
	}
	h.pass(time.Hour)
	_, err = ask("https://example.com/nothing")
	if _, again := ask(travel); outcome(err) != "404" || again != nil || len(h.web.asked) != 3 {
		t.Errorf("after an hour: %v, %v, asked for %v", err, again, h.web.asked)
	}
	h.pass(23 * time.Hour)
	if id, err := ask(travel); err != nil || id == first || len(h.web.asked) != 4 {
		t.Errorf("after a day: %q, %v, asked for %v", id, err, h.web.asked)
	}
	m, _, err := h.rules.PostMessage(t.Context(), h.people["mira"], h.room, chat.PostInput{Text: travel, Preview: first})
	if err != nil || m.Preview != nil {
		t.Errorf("by the id of yesterday: %+v, %v", m.Preview, err)
	}
}

// TestTroubleIsNotCached: what kept the server from asking says nothing about the page.
func TestTroubleIsNotCached(t *testing.T) {
	h := previewHouse(t)
	h.web.fails = chat.ErrUnavailable(errors.New("too many at once"))
	for range 2 {
		if _, _, err := h.rules.Preview(t.Context(), h.people["mira"], "https://example.com/busy"); outcome(err) != "503" {
			t.Errorf("%v", err)
		}
	}
	if len(h.web.asked) != 2 {
		t.Errorf("asked for %v", h.web.asked)
	}
}

func TestLinksThatAreNone(t *testing.T) {
	h := previewHouse(t)
	for _, u := range []string{
		"", "example.com", "ftp://example.com", "file:///etc/passwd", "javascript:alert(1)", "https://", "https://exa mple.com", "//example.com",
		"https://example.com/" + strings.Repeat("x", chat.PreviewURLLength),
	} {
		if _, _, err := h.rules.Preview(t.Context(), h.people["mira"], u); outcome(err) != "400" {
			t.Errorf("%q: %v", u, err)
		}
	}
	if len(h.web.asked) > 0 {
		t.Errorf("asked for %v", h.web.asked)
	}
}

// TestPreviewsAreLimited: each asks another host, so one person may cause a few a minute.
func TestPreviewsAreLimited(t *testing.T) {
	h := previewHouse(t)
	rules := h.with(h.store, limit.New(h.clock))
	var err error
	for i := range 21 {
		if outcome(err) == "429" {
			t.Fatalf("refused after %d", i)
		}
		_, _, err = rules.Preview(t.Context(), h.people["mira"], fmt.Sprintf("https://example.com/%d", i))
	}
	if outcome(err) != "429" || len(h.web.asked) != 20 {
		t.Errorf("%v, asked for %d pages", err, len(h.web.asked))
	}
}
