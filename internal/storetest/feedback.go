package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// feedback checks chat.FeedbackStore: the order of both lists, their pages, and that a deleted message is in none.
func feedback(t *testing.T, open Open) {
	s, h := furnished(t, open)
	fs, ok := s.Store.(chat.FeedbackStore)
	if !ok {
		t.Fatalf("%T lists no feedback", s.Store)
	}
	ctx := context.Background()
	var want, own []string // newest first, and of one moment by seq
	add := func(n, seconds int, author string, about *chat.Feedback) string {
		t.Helper()
		m, _, err := s.PostMessage(ctx, chat.PostMessage{
			Room: general, Author: author, ClientID: fmt.Sprint("feedback", n), Text: fmt.Sprint(n),
			At: began.Add(time.Duration(seconds) * time.Second), Parts: chat.Parts{Feedback: about},
		})
		if err != nil {
			t.Fatal(err)
		}
		return m.FeedbackPlace().String()
	}
	about := &chat.Feedback{Page: "/inbox", Version: "v1", Server: "v2"}
	// A stranger's is at the end: only the author of a piece needs to be somebody, not a member of the room.
	for n, author := range []string{"uada", "ustranger", "umira", "uada", "uada", "ustranger"} {
		place := add(n, 10*(n/3), author, about)
		at := 0
		if n < 3 {
			at = len(want)
		} else {
			at = n - 3
		}
		want = append(want[:at], append([]string{place}, want[at:]...)...)
		if author == "uada" {
			own = append(own, place)
		}
	}
	own = []string{own[1], own[2], own[0]}
	add(6, 30, "uada", nil)
	for limit := 1; limit <= 7; limit++ {
		for author, want := range map[string][]string{"": want, "uada": own, "ujonas": nil} {
			if got := feedbackPages(ctx, t, fs, author, limit); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("of %q, %d at once: %v, want %v", author, limit, got, want)
			}
		}
	}
	ms, _, err := fs.Feedback(ctx, chat.FeedbackQuery{Limit: 1})
	if err != nil || len(ms) != 1 || ms[0].Feedback == nil || *ms[0].Feedback != *about || ms[0].Text != "3" {
		t.Fatalf("the newest: %+v, %v", ms, err)
	}
	if err := s.DeleteMessage(ctx, chat.DeleteMessage{Room: general, Seq: ms[0].Seq, At: began}); err != nil {
		t.Fatal(err)
	}
	if got := feedbackPages(ctx, t, fs, "", 2); fmt.Sprint(got) != fmt.Sprint(want[1:]) {
		t.Errorf("after a deletion: %v, want %v", got, want[1:])
	}
	if got := feedbackPages(ctx, t, fs, "uada", 2); fmt.Sprint(got) != fmt.Sprint(own[1:]) {
		t.Errorf("one's own after a deletion: %v, want %v", got, own[1:])
	}
	for _, a := range h.take() {
		if _, ok := a.Event.(chat.MessageChanged); !ok {
			t.Errorf("%T was announced", a.Event)
		}
	}
}

// feedbackPages gives the places of a list, read page by page.
func feedbackPages(ctx context.Context, t *testing.T, s chat.FeedbackStore, author string, limit int) (out []string) {
	t.Helper()
	q := chat.FeedbackQuery{Author: author, Limit: limit}
	for {
		ms, more, err := s.Feedback(ctx, q)
		if err == nil && (len(ms) > limit || more && len(ms) < limit) {
			err = errors.New("the page has another size")
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ms {
			out = append(out, m.FeedbackPlace().String())
		}
		if !more {
			return out
		}
		q.After = new(ms[len(ms)-1].FeedbackPlace())
	}
}
