package storetest

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// previews checks chat.PreviewStore.
func previews(t *testing.T, open Open) {
	s, h := furnished(t, open)
	ps, ok := s.Store.(chat.PreviewStore)
	if !ok {
		t.Fatalf("%T keeps no previews", s.Store)
	}
	ctx := context.Background()
	if _, err := ps.Preview(ctx, "none"); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("an unknown one: %v", err)
	}
	record := func(key string, p *chat.Preview, at time.Time) chat.PreviewRecord {
		return chat.PreviewRecord{Key: key, ID: key + at.String(), Preview: p, At: at, Expires: at.Add(time.Hour)}
	}
	page := &chat.Preview{
		URL: "https://example.com/" + strings.Repeat("ä", 900), Title: "A \"title\"", Description: strings.Repeat("🙂", 300),
	}
	first := record("first", page, began)
	for _, r := range []chat.PreviewRecord{
		first, record("said nothing", nil, began), record("replaced", page, began),
		record("replaced", &chat.Preview{Title: "B"}, began.Add(time.Second)),
		record("replaced by nothing", page, began), record("replaced by nothing", nil, began.Add(time.Second)),
	} {
		if err := ps.PutPreview(ctx, r); err != nil {
			t.Fatal(err)
		}
		if got, err := ps.Preview(ctx, r.Key); err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%s: %+v, %v, want %+v", r.Key, got, err, r)
		}
	}
	if got, err := ps.Preview(ctx, "first"); err != nil || !reflect.DeepEqual(got, first) {
		t.Errorf("after others: %+v, %v", got, err)
	}
	if as := h.take(); len(as) > 0 {
		t.Errorf("previews were announced: %v", as)
	}
	previewsOfEdits(t, s.Store, page)
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
