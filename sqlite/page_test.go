package sqlite

import (
	"context"
	"fmt"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// Paging through changes returns each message once, in the page that contains its current rev.
func TestChangesPaging(t *testing.T) {
	s, _, _ := testStore(t)
	ctx := context.Background()
	for i := range 10 {
		_, err := post(s, "mira", i, "x")
		must(t, err)
	}
	for i := range 5 {
		_, err := s.EditMessage(ctx, chat.EditMessage{Room: "general", Seq: int64(i + 1), By: "mira", Text: fmt.Sprint("y", i), At: noon})
		must(t, err)
	}
	seen := map[int64]int64{}
	since := int64(0)
	for n := 0; ; n++ {
		c, err := s.Changes(ctx, "general", since, chat.Bound{Limit: 3, Bytes: chat.PageBytes}, "mira")
		must(t, err)
		for _, m := range c.Messages {
			if _, twice := seen[m.Seq]; twice || m.Rev <= since || m.Rev > c.Next {
				t.Errorf("page from %d to %d: seq %d rev %d", since, c.Next, m.Seq, m.Rev)
			}
			seen[m.Seq] = m.Rev
		}
		since = c.Next
		if !c.More {
			if c.Next != c.Head {
				t.Error("the last next is not the head")
			}
			break
		}
		if n > 20 {
			t.Fatal("the pages do not end")
		}
	}
	if len(seen) != 10 {
		t.Errorf("%d messages, want 10", len(seen))
	}
	if _, err := s.Changes(ctx, "general", 16, chat.Bound{Limit: 3, Bytes: chat.PageBytes}, "mira"); chat.ErrorCode(err) != chat.Gone {
		t.Error(err)
	}
}

func TestPagesNearTheEdges(t *testing.T) {
	s, _, _ := testStore(t)
	ctx := context.Background()
	for i := range 20 {
		_, err := post(s, "mira", i, "x")
		must(t, err)
	}
	at := func(n int64) *int64 { return &n }
	for _, c := range []struct {
		name     string
		q        chat.PageQuery
		from, to int64
		mb, ma   bool
	}{
		{"latest", chat.PageQuery{Bound: chat.Bound{Limit: 5, Bytes: chat.PageBytes}}, 16, 20, true, false},
		{"before", chat.PageQuery{Before: at(6), Bound: chat.Bound{Limit: 5, Bytes: chat.PageBytes}}, 1, 5, false, true},
		{"before the first", chat.PageQuery{Before: at(1), Bound: chat.Bound{Limit: 5, Bytes: chat.PageBytes}}, 0, 0, false, true},
		{"before far beyond", chat.PageQuery{Before: at(1000), Bound: chat.Bound{Limit: 5, Bytes: chat.PageBytes}}, 16, 20, true, false},
		{"after", chat.PageQuery{After: at(15), Bound: chat.Bound{Limit: 5, Bytes: chat.PageBytes}}, 16, 20, true, false},
		{"after 0", chat.PageQuery{After: at(0), Bound: chat.Bound{Limit: 5, Bytes: chat.PageBytes}}, 1, 5, false, true},
		{"after the last", chat.PageQuery{After: at(20), Bound: chat.Bound{Limit: 5, Bytes: chat.PageBytes}}, 0, 0, true, false},
		{"around", chat.PageQuery{Around: at(10), Bound: chat.Bound{Limit: 4, Bytes: chat.PageBytes}}, 8, 11, true, true},
		{"around, limit 1", chat.PageQuery{Around: at(10), Bound: chat.Bound{Limit: 1, Bytes: chat.PageBytes}}, 10, 10, true, true},
		{"around the first", chat.PageQuery{Around: at(1), Bound: chat.Bound{Limit: 4, Bytes: chat.PageBytes}}, 1, 4, false, true},
		{"around the last", chat.PageQuery{Around: at(20), Bound: chat.Bound{Limit: 4, Bytes: chat.PageBytes}}, 17, 20, true, false},
		{"around beyond", chat.PageQuery{Around: at(99), Bound: chat.Bound{Limit: 1, Bytes: chat.PageBytes}}, 20, 20, true, false},
		{"all", chat.PageQuery{Bound: chat.Bound{Limit: 200, Bytes: chat.PageBytes}}, 1, 20, false, false},
	} {
		c.q.Room, c.q.Viewer = "general", "mira"
		p, err := s.Page(ctx, c.q)
		must(t, err)
		var from, to int64
		if n := len(p.Messages); n > 0 {
			from, to = p.Messages[0].Seq, p.Messages[n-1].Seq
		}
		if from != c.from || to != c.to || p.MoreBefore != c.mb || p.MoreAfter != c.ma {
			t.Errorf("%s: %d…%d %v %v, want %d…%d %v %v", c.name, from, to, p.MoreBefore, p.MoreAfter, c.from, c.to, c.mb, c.ma)
		}
	}
}
