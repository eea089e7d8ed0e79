package dynamodb

import (
	"errors"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// TestPageOfACommitSeenInPart checks that a page is refused if it lacks a change of the room's last commit within its range.
func TestPageOfACommitSeenInPart(t *testing.T) {
	seq := func(n int64) *int64 { return &n }
	page := func(more bool, ms ...chat.Message) chat.Page {
		return chat.Page{Messages: ms, MoreAfter: more}
	}
	m := func(seq, rev int64) chat.Message { return chat.Message{Seq: seq, Rev: rev} }
	posted := trace{Rev: 9, Seq: 5, Posted: true, InTimeline: true}
	for name, c := range map[string]struct {
		trace []trace
		q     chat.PageQuery
		p     chat.Page
		torn  bool
	}{
		"a post that is there":               {[]trace{posted}, chat.PageQuery{}, page(false, m(4, 7), m(5, 9)), false},
		"a post that is missing":             {[]trace{posted}, chat.PageQuery{}, page(false, m(4, 7)), true},
		"the first post that is missing":     {[]trace{posted}, chat.PageQuery{}, page(false), true},
		"a page that ends before":            {[]trace{posted}, chat.PageQuery{}, page(true, m(4, 7)), false},
		"a page before it was asked for":     {[]trace{posted}, chat.PageQuery{Before: seq(5)}, page(false, m(4, 7)), false},
		"a page after it was asked for":      {[]trace{posted}, chat.PageQuery{After: seq(5)}, page(false), false},
		"an edit that is there":              {[]trace{{Rev: 9, Seq: 4, InTimeline: true}}, chat.PageQuery{}, page(false, m(4, 9)), false},
		"an edit that is missing":            {[]trace{{Rev: 9, Seq: 4, InTimeline: true}}, chat.PageQuery{}, page(false, m(4, 7)), true},
		"an edit of what another page holds": {[]trace{{Rev: 9, Seq: 1, InTimeline: true}}, chat.PageQuery{}, page(false, m(4, 7)), false},
		"a later state":                      {[]trace{posted}, chat.PageQuery{}, page(false, m(5, 11)), false},
		"a reply, in the timeline": {[]trace{{Rev: 9, Seq: 5, Thread: 1, Posted: true}}, chat.PageQuery{}, page(false, m(4, 7)),
			false},
		"a reply that its thread lacks": {[]trace{{Rev: 9, Seq: 5, Thread: 1, Posted: true}}, chat.PageQuery{Thread: 1},
			page(false, m(3, 6)), true},
		"a reply of another thread": {[]trace{{Rev: 9, Seq: 5, Thread: 1, Posted: true}}, chat.PageQuery{Thread: 2},
			page(false, m(3, 6)), false},
		"the root of a reply in an old state": {[]trace{{Rev: 9, Seq: 5, Thread: 1, Posted: true}, {Rev: 10, Seq: 1, InTimeline: true}},
			chat.PageQuery{}, page(false, m(1, 2)), true},
	} {
		if err := (room{Trace: c.trace}).checkPage(c.q, c.p); errors.Is(err, table.ErrPartialCommit) != c.torn {
			t.Errorf("%s: %v", name, err)
		}
	}
}
