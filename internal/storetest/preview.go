package storetest

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/pagecache"
)

// previews checks pagecache.Store.
func previews(t *testing.T, open Open) {
	s, h := furnished(t, open)
	ps, ok := s.Store.(pagecache.Store)
	if !ok {
		t.Fatalf("%T keeps no previews", s.Store)
	}
	ctx := context.Background()
	if _, err := ps.Preview(ctx, "none"); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("an unknown one: %v", err)
	}
	record := func(key string, p *chat.Preview, at time.Time) pagecache.Record {
		return pagecache.Record{Key: key, ID: key + at.String(), Preview: p, At: at, Expires: at.Add(time.Hour)}
	}
	page := &chat.Preview{
		URL: "https://example.com/" + strings.Repeat("ä", 900), Title: "A \"title\"", Description: strings.Repeat("🙂", 300),
	}
	pictured := *page
	pictured.Picture = &chat.File{
		ID: "p", Kind: chat.PageFile, Type: "image/png", Size: 7, Width: 3, Height: 4, Color: "#808080", SHA256: "00",
	}
	first := record("first", page, began)
	for _, r := range []pagecache.Record{
		first, record("said nothing", nil, began), record("replaced", page, began), record("pictured", &pictured, began),
		record("replaced", &chat.Preview{Title: "B"}, began.Add(time.Hour)),
		record("replaced by nothing", page, began), record("replaced by nothing", nil, began.Add(time.Hour)),
		record("says something then", nil, began), record("says something then", page, began.Add(time.Second)),
	} {
		if got, err := ps.PutPreview(ctx, r); err != nil || !reflect.DeepEqual(got, r) {
			t.Fatalf("put %+v: %+v, %v", r, got, err)
		}
		if got, err := ps.Preview(ctx, r.Key); err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%s: %+v, %v, want %+v", r.Key, got, err, r)
		}
	}
	for _, p := range []*chat.Preview{{Title: "of another process"}, nil} {
		late := record("first", p, began.Add(time.Hour-time.Second))
		if got, err := ps.PutPreview(ctx, late); err != nil || !reflect.DeepEqual(got, first) {
			t.Errorf("put by two: %+v, %v", got, err)
		}
	}
	if got, err := ps.Preview(ctx, "first"); err != nil || !reflect.DeepEqual(got, first) {
		t.Errorf("after others: %+v, %v", got, err)
	}
	if as := h.take(); len(as) > 0 {
		t.Errorf("previews were announced: %v", as)
	}
	previewsOfEdits(t, s.Store, page)
	previewPictures(t, s.Store)
}

// previewPictures checks that the picture of a preview becomes part of a message with it and ends with it, and that no list of files
// has it.
func previewPictures(t *testing.T, s chat.Store) {
	ctx := context.Background()
	fs, ok := s.(chat.FileStore)
	if !ok {
		t.Fatalf("%T keeps no files", s)
	}
	preview := func(id string) *chat.Preview {
		f := image(id)
		f.Kind = chat.PageFile
		return &chat.Preview{URL: "https://a.example", Title: "A", Picture: &f}
	}
	for _, id := range []string{"p1", "p2", "p3"} {
		row := chat.FileRow{File: *preview(id).Picture, State: chat.FileReady, Owner: "umira", At: began, Due: began.Add(time.Hour)}
		if err := fs.AddFile(ctx, chat.AddFile{Row: row}); err != nil {
			t.Fatal(err)
		}
	}
	is := func(when string, seq int64, want string) {
		t.Helper()
		rows, err := fs.Files(ctx, []string{"p1", "p2", "p3"})
		got := ""
		for _, r := range rows {
			if r.State == chat.FileAttached && (r.Seq != seq || r.Room != general) {
				t.Errorf("%s: %s is in message %d of %s", when, r.ID, r.Seq, r.Room)
			}
			got += " " + string(r.State)
		}
		if err != nil || got != want {
			t.Errorf("%s:%s, %v, want%s", when, got, err, want)
		}
		if rows, err := fs.RoomFiles(ctx, general, "", chat.MaxSeq, 10); err != nil || len(rows) > 0 {
			t.Errorf("%s, the list has %v, %v", when, rows, err)
		}
	}
	post := chat.PostMessage{Room: general, Author: "umira", ClientID: "p", Text: "https://a.example", At: began}
	post.Preview = preview("p1")
	m, _, err := s.PostMessage(ctx, post)
	if err != nil || !reflect.DeepEqual(m.Preview, post.Preview) {
		t.Fatalf("posted: %+v, %v", m.Preview, err)
	}
	is("posted", m.Seq, " attached ready ready")
	post.ClientID = "p again"
	if _, _, err := s.PostMessage(ctx, post); !errors.Is(err, chat.ErrStale) {
		t.Errorf("posted twice: %v", err)
	}
	edit := func(text string, set bool, p *chat.Preview) error {
		_, err := s.EditMessage(ctx, chat.EditMessage{
			Room: general, Seq: m.Seq, By: "umira", Text: text, SetPreview: set, Preview: p, At: began,
		})
		return err
	}
	for _, c := range []struct {
		text string
		set  bool
		p    *chat.Preview
		want string
	}{
		{"See https://a.example", false, nil, " attached ready ready"},
		{"See https://a.example", true, preview("p2"), " dead attached ready"}, // the same text
		{"Never mind", false, nil, " dead dead ready"},
		{"https://a.example", true, preview("p3"), " dead dead attached"},
		{"https://a.example", true, nil, " dead dead dead"},
	} {
		if err := edit(c.text, c.set, c.p); err != nil {
			t.Fatal(err)
		}
		is("edited to "+c.text, m.Seq, c.want)
	}
	if err := edit("https://a.example", true, preview("p3")); !errors.Is(err, chat.ErrStale) {
		t.Errorf("edited, with a dead picture: %v", err)
	}
	is("after that", m.Seq, " dead dead dead")
}

// previewsOfEdits checks that an edit keeps the preview of a message while the text has its link.
func previewsOfEdits(t *testing.T, s chat.Store, p *chat.Preview) {
	ctx := context.Background()
	cmd := chat.PostMessage{Room: general, Author: "umira", ClientID: "1", Text: p.URL, Parts: chat.Parts{Preview: p}, At: began}
	posted, _, err := s.PostMessage(ctx, cmd)
	if err != nil || !reflect.DeepEqual(posted.Preview, p) {
		t.Fatalf("posted: %+v, %v", posted.Preview, err)
	}
	for _, c := range []struct {
		text string
		want *chat.Preview
	}{{"Read " + p.URL, p}, {"Never mind", nil}, {p.URL, nil}} {
		_, err := s.EditMessage(ctx, chat.EditMessage{Room: general, Seq: posted.Seq, By: "umira", Text: c.text, At: began})
		if err != nil {
			t.Fatal(err)
		}
		if m, err := s.Message(ctx, general, posted.Seq, "umira"); err != nil || !reflect.DeepEqual(m.Preview, c.want) {
			t.Errorf("edited to %.20q: %+v, %v", c.text, m.Preview, err)
		}
	}
}
