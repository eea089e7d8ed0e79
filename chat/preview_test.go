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
	"github.com/canteen-chat/canteen/pagecache"
	"github.com/canteen-chat/canteen/unfurl"
)

// pages is the web as an unfurler finds it: what each URL says about itself.
type pages struct {
	mu    sync.Mutex
	says  map[string]unfurl.Page
	fails error // for the URLs that say nothing; nil: NotFound
	asked []string
	kept  map[string][]byte // pictures, also of files
}

// KeepPicture implements unfurl.Pictures.
func (p *pages) KeepPicture(_ context.Context, id, _ string, body []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil {
		p.kept = map[string][]byte{}
	}
	p.kept[id] = body
	return nil
}

// CopyPicture implements unfurl.Pictures.
func (p *pages) CopyPicture(_ context.Context, id, _, file string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, ok := p.kept[id]
	if !ok {
		return chat.ErrNotFound()
	}
	p.kept[file] = body
	return nil
}

// AddPicture implements unfurl.Pictures.
func (p *pages) AddPicture(ctx context.Context, file, kind string, body []byte) error {
	return p.KeepPicture(ctx, file, kind, body)
}

// Picture implements unfurl.Pages: the picture of the page at the same URL.
func (p *pages) Picture(ctx context.Context, url string, side int) (unfurl.Picture, error) {
	page, err := p.Unfurl(ctx, url)
	if err == nil && page.Picture == nil {
		err = chat.ErrNotFound()
	}
	if err != nil {
		return unfurl.Picture{}, err
	}
	drawn := *page.Picture
	drawn.Width = min(drawn.Width, side)
	return drawn, nil
}

// Unfurl implements unfurl.Pages.
func (p *pages) Unfurl(_ context.Context, url string) (unfurl.Page, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, url)
	if u, ok := p.says[url]; ok {
		return u, nil
	}
	if p.fails != nil {
		return unfurl.Page{}, p.fails
	}
	return unfurl.Page{}, errors.Join(chat.ErrNotFound(), errors.New("10.0.0.1 refused the connection"))
}

const travel = "https://example.com/travel"

func previewHouse(t *testing.T) *house {
	t.Helper()
	h := open(t, nil)
	h.web.says = map[string]unfurl.Page{travel: {Title: "Travel policy", Description: "Trains first."}}
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
	m, err := h.rules.EditMessage(t.Context(), mira, h.room, seq, chat.EditInput{Text: "Please read " + travel})
	if err != nil || m.Preview == nil {
		t.Errorf("with the link: %+v, %v", m.Preview, err)
	}
	m, err = h.rules.EditMessage(t.Context(), mira, h.room, seq, chat.EditInput{Text: "Never mind."})
	if err != nil || m.Preview != nil {
		t.Errorf("without the link: %+v, %v", m.Preview, err)
	}
	seq = h.post("mira", chat.PostInput{Text: travel, Preview: id})
	h.must(h.rules.DeleteMessage(t.Context(), mira, h.room, seq))
	if m, err = h.rules.Message(t.Context(), mira, h.room, seq); err != nil || m.Preview != nil {
		t.Errorf("deleted: %+v, %v", m.Preview, err)
	}
}

// pictured is a house where the page has a picture.
func pictured(t *testing.T) *house {
	h := previewHouse(t)
	h.web.says[travel] = unfurl.Page{
		Title: "Travel policy", Picture: &unfurl.Picture{Type: "image/png", Color: "#808080", Width: 3, Height: 4, Body: []byte("soup")},
	}
	return h
}

// preview asks for the preview of the page as somebody.
func (h *house) preview(who string) (string, chat.Preview) {
	h.t.Helper()
	id, p, err := h.rules.Preview(h.t.Context(), h.people[who], travel)
	h.must(err)
	return id, p
}

// TestPictureOfAPreview: each who asks for a preview gets a copy of the picture, which is a file of theirs. It becomes part of the message
// with the preview, is read by who may read that, and ends with it.
func TestPictureOfAPreview(t *testing.T) {
	h := pictured(t)
	ctx, mira, jonas, sam := t.Context(), h.people["mira"], h.people["jonas"], h.people["sam"]
	private, _, err := h.rules.AddRoom(ctx, jonas, chat.NewRoomInput{Kind: chat.Private, Name: "trips", Members: []string{mira.User.ID}})
	h.must(err)
	h.room = private.ID
	read := func(who chat.Actor, file, want string) {
		t.Helper()
		if _, err := h.rules.File(ctx, who, file); outcome(err) != want {
			t.Errorf("%s reads: %v, want %s", who.User.Handle, err, want)
		}
	}
	id, p := h.preview("mira")
	_, theirs := h.preview("jonas")
	f := p.Picture
	if f == nil || theirs.Picture == nil || f.ID == theirs.Picture.ID || len(h.web.asked) != 1 || string(h.web.kept[f.ID]) != "soup" {
		t.Fatalf("%+v, %+v, asked %v", f, theirs.Picture, h.web.asked)
	}
	if f.Kind != chat.PageFile || f.Type != "image/png" || f.Size != 4 || f.Width != 3 || f.Height != 4 || f.Color != "#808080" {
		t.Errorf("%+v", f)
	}
	read(mira, f.ID, "ok")
	read(jonas, f.ID, "404")
	_, _, err = h.rules.PostMessage(ctx, mira, h.room, chat.PostInput{Files: []string{f.ID}})
	is(t, "as a file", err, chat.NotFound, "files")
	if _, err := h.rules.FinishFile(ctx, mira, f.ID, finished); outcome(err) != "404" {
		t.Errorf("finished like an upload: %v", err)
	}
	seq := h.post("mira", chat.PostInput{Text: travel, Preview: id})
	read(mira, f.ID, "ok")
	read(jonas, f.ID, "ok")
	read(sam, f.ID, "404")
	if m, err := h.rules.Message(ctx, jonas, h.room, seq); err != nil || m.Preview == nil || m.Preview.Picture.ID != f.ID {
		t.Errorf("jonas sees %+v, %v", m.Preview, err)
	}
	if rows, _, err := h.rules.RoomFiles(ctx, jonas, h.room, chat.RoomFilesInput{}); err != nil || len(rows) > 0 {
		t.Errorf("the files of the room: %v, %v", rows, err)
	}
	for name, preview := range map[string]string{
		"again": id, "without its picture": id[:strings.Index(id, ".")],
		"with another's picture": id[:strings.Index(id, ".")+1] + theirs.Picture.ID,
	} {
		m, _, err := h.rules.PostMessage(ctx, mira, h.room, chat.PostInput{Text: travel, Preview: preview})
		if err != nil || m.Preview == nil || m.Preview.Picture != nil {
			t.Errorf("%s: %+v, %v", name, m.Preview, err)
		}
	}
	h.must(h.rules.DeleteMessage(ctx, mira, h.room, seq))
	read(mira, f.ID, "404")
}

// TestForgedPicture: nobody puts another picture beside what a page says, be it an upload of their own or the picture of another page.
func TestForgedPicture(t *testing.T) {
	h := pictured(t)
	id, p := h.preview("mira")
	other := "https://evil.example/"
	h.web.says[other] = unfurl.Page{Title: "Evil", Picture: &unfurl.Picture{Type: "image/png", Width: 3, Height: 4, Body: []byte("salad")}}
	_, evil, err := h.rules.Preview(t.Context(), h.people["mira"], other)
	h.must(err)
	same, f := h.upload("mira"), *p.Picture
	f.ID, f.Kind = same, chat.ImageFile
	h.must(h.store.FinishFile(t.Context(), chat.FinishFile{File: f, Due: h.clock().Add(chat.FileLife)}))
	for name, file := range map[string]string{
		"an upload": h.ready("mira"), "an upload of the same bytes": same, "another page's": evil.Picture.ID, "none": "../../etc/passwd",
	} {
		m, _, err := h.rules.PostMessage(t.Context(), h.people["mira"], h.room,
			chat.PostInput{Text: travel, Preview: id[:strings.Index(id, ".")+1] + file})
		if err != nil || m.Preview == nil || m.Preview.Picture != nil {
			t.Errorf("%s: %+v, %v", name, m.Preview, err)
		}
	}
}

// TestPictureCounts: the bytes of the copy count as an upload of who asks. Without room, for them or for all, the preview has no picture.
func TestPictureCounts(t *testing.T) {
	h := pictured(t)
	h.rules = h.with(h.store, limit.New(h.clock))
	add := func(size int64) error {
		_, err := h.rules.AddFile(t.Context(), h.people["mira"], chat.NewFileInput{Name: "a", Size: size}, roomFor)
		return err
	}
	for i := range chat.FileBytes / chat.DefaultMaxFile {
		size := int64(chat.DefaultMaxFile)
		if i == 0 {
			size -= 1000
		}
		h.must(add(size))
	}
	if _, p := h.preview("mira"); p.Picture == nil {
		t.Error("the last kilobyte of the day is enough for a picture of 4 bytes")
	}
	if _, p := h.preview("mira"); p.Title == "" || p.Picture != nil {
		t.Errorf("after that: %+v", p)
	}
	if _, p := h.preview("jonas"); p.Picture == nil {
		t.Error("another's day is not used up")
	}
	h.pass(48 * time.Hour)
	full := true
	h.full = func() bool { return full }
	h.rules = h.with(h.store, limit.None{})
	if _, p := h.preview("mira"); p.Title == "" || p.Picture != nil {
		t.Errorf("on a full disk: %+v", p)
	}
}

// TestPreviewByEdit: an edit can bring a preview for a link, another one, or none. What is over loses its picture.
func TestPreviewByEdit(t *testing.T) {
	h := pictured(t)
	ctx, mira := t.Context(), h.people["mira"]
	seq := h.post("mira", chat.PostInput{Text: "Lunch?"})
	edit := func(text string, preview *string, want string) {
		t.Helper()
		m, err := h.rules.EditMessage(ctx, mira, h.room, seq, chat.EditInput{Text: text, Preview: preview})
		got := ""
		if m.Preview != nil && m.Preview.Picture != nil {
			got = m.Preview.Picture.ID
		}
		if err != nil || got != want {
			t.Errorf("%q: picture %q, %v, want %q", text, got, err, want)
		}
	}
	gone := func(file string) {
		t.Helper()
		if _, err := h.rules.File(ctx, mira, file); outcome(err) != "404" {
			t.Errorf("the picture of before: %v", err)
		}
	}
	none := ""
	id, p := h.preview("mira")
	edit("No link", &id, "")
	edit("See "+travel, &id, p.Picture.ID)
	edit("See "+travel+" now", nil, p.Picture.ID)
	next, q := h.preview("mira")
	edit("See "+travel+" now", &next, q.Picture.ID)
	gone(p.Picture.ID)
	edit("See "+travel+" now", &none, "")
	gone(q.Picture.ID)
	before := len(h.heard)
	edit("See "+travel+" now", &none, "")
	if len(h.heard) != before {
		t.Errorf("nothing changed, and announced %+v", h.heard[before:])
	}
}

// TestTwoAskAtOnce: of two processes that asked a page at the same time, the one that is late gives the preview of the other.
func TestTwoAskAtOnce(t *testing.T) {
	h := pictured(t)
	id, _ := h.preview("mira")
	key, _, _ := strings.Cut(id, ".")
	late := pagecache.Record{
		Key: key[:32], ID: key[:32] + "late", Preview: &chat.Preview{Title: "late"}, At: h.clock(), Expires: h.clock().Add(time.Hour),
	}
	got, err := h.store.PutPreview(t.Context(), late)
	if err != nil || got.ID != key {
		t.Errorf("%+v, %v", got, err)
	}
	m, _, err := h.rules.PostMessage(t.Context(), h.people["mira"], h.room, chat.PostInput{Text: travel, Preview: id})
	if err != nil || m.Preview == nil {
		t.Errorf("%+v, %v", m.Preview, err)
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
