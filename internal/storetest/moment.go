package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// momentsAreFound checks that the first message of the timeline since a moment is found among replies and tombstones, and the last one
// when nothing came since.
func momentsAreFound(t *testing.T, open Open) {
	ctx := context.Background()
	s, _ := furnished(t, open)
	const messages = 20
	for n := range int64(messages) { // message n+1 is posted n minutes after began
		at := began.Add(time.Duration(n) * time.Minute)
		post := chat.PostMessage{Room: general, Author: "umira", ClientID: fmt.Sprint("c", n), Text: "hello", At: at}
		if n >= 10 && n < 15 {
			post.Thread = 1
		}
		if _, _, err := s.PostMessage(ctx, post); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DeleteMessage(ctx, chat.DeleteMessage{Room: general, Seq: 8, At: began.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what   string
		since  time.Duration
		thread int64
		want   int64
	}{
		{"long before", -1000 * time.Hour, 0, 1}, {"at the first", 0, 0, 1}, {"between two", 90 * time.Second, 0, 3},
		{"at a tombstone", 7 * time.Minute, 0, 8}, {"after a tombstone", 7*time.Minute + time.Nanosecond, 0, 9},
		{"at a reply", 10 * time.Minute, 0, 16}, {"at the last", 19 * time.Minute, 0, 20}, {"later", 20 * time.Minute, 0, 20},
		{"in a thread", 0, 1, 11}, {"in the middle of a thread", 12 * time.Minute, 1, 13}, {"after a thread", 15 * time.Minute, 1, 15},
	} {
		at := began.Add(c.since)
		q := chat.PageQuery{Room: general, Thread: c.thread, At: &at, Bound: chat.Bound{Limit: 1, Bytes: chat.PageBytes}, Viewer: "umira"}
		p, err := s.Page(ctx, q)
		if err != nil || len(p.Messages) != 1 || p.Messages[0].Seq != c.want {
			t.Errorf("%s: %+v, want message %d: %v", c.what, p.Messages, c.want, err)
		}
	}
}
