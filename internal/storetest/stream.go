package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// streams checks messages that are being written: no text of them but the last is kept, mentions anybody, or is told to a thread; and of
// texts that rest on the same one, one is stored.
func streams(t *testing.T, open Open) {
	ctx := context.Background()
	s, h := furnished(t, open)
	root := chat.PostMessage{Room: general, Author: "umira", ClientID: "root", Text: "Root", At: began}
	if _, _, err := s.PostMessage(ctx, root); err != nil {
		t.Fatal(err)
	}
	at := began
	post := chat.PostMessage{Room: general, Author: "umira", ClientID: "s", Text: "", Thread: 1, At: at, Mentions: []string{"ujonas"}}
	post.StreamingAt = new(at) // a store may keep it
	m, _, err := s.PostMessage(ctx, post)
	if err != nil || m.StreamingAt == nil || !m.StreamingAt.Equal(at) {
		t.Fatalf("%+v, %v", m, err)
	}
	h.take()
	next := func(what, text string, last time.Time, done bool, events ...string) {
		t.Helper()
		at = at.Add(time.Second)
		now, err := s.EditMessage(ctx, chat.EditMessage{
			Room: general, Seq: m.Seq, By: "umira", Text: text, Mentions: []string{"uada"}, At: at, Stream: &chat.Stream{Last: last, Done: done},
		})
		var got []string
		for _, a := range h.take() {
			got = append(got, fmt.Sprintf("%T", a.Event))
		}
		if !slices.Equal(got, events) {
			t.Errorf("%s announces %v, want %v", what, got, events)
		}
		if err != nil {
			if len(events) > 0 || !errors.Is(err, chat.ErrStale) {
				t.Errorf("%s: %v", what, err)
			}
			return
		}
		stored, err := s.Message(ctx, general, m.Seq, "umira")
		if err != nil || now.Text != text || stored.Text != text || stored.Rev != now.Rev || stored.Edits != 0 || stored.EditedAt != nil {
			t.Errorf("%s: %+v, stored %+v, %v", what, now, stored, err)
		}
		if done != (stored.StreamingAt == nil) || !done && !stored.StreamingAt.Equal(at) {
			t.Errorf("%s: streaming at %v, want %v", what, stored.StreamingAt, at)
		}
		mentions := "ujonas"
		if done {
			mentions = "uada"
		}
		if !slices.Equal(stored.Mentions, []string{mentions}) {
			t.Errorf("%s mentions %v", what, stored.Mentions)
		}
	}
	const message, thread = "chat.MessageChanged", "chat.ThreadChanged"
	next("a text", "So", began, false, message)
	next("one that rests on an earlier one", "Sou", began, false)
	next("the next", "Sou", at.Add(-time.Second), false, message)
	next("the last, of the same text", "Sou", at, true, message, thread)
	next("one after the last", "Soup", at, false)
	if vs, err := s.Versions(ctx, chat.VersionQuery{Room: general, Seq: m.Seq, Bytes: chat.PageBytes}); err != nil || len(vs.Versions) != 1 ||
		vs.Versions[0].Text != "Sou" || vs.Versions[0].N != 0 {
		t.Errorf("versions %+v, %v", vs, err)
	}
	edited, err := s.EditMessage(ctx, chat.EditMessage{Room: general, Seq: m.Seq, By: "umira", Text: "Salad", At: at})
	if err != nil || edited.Edits != 1 || edited.EditedAt == nil {
		t.Errorf("an edit after it: %+v, %v", edited, err)
	}
	streamsTogether(t, s)
}

// streamsTogether has many texts of one message rest on the same one.
func streamsTogether(t *testing.T, s chat.Store) {
	ctx, at := context.Background(), began
	post := chat.PostMessage{Room: general, Author: "umira", ClientID: "together", Text: "0", At: at}
	post.StreamingAt = &at
	m, _, err := s.PostMessage(ctx, post)
	if err != nil {
		t.Fatal(err)
	}
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			_, errs[i] = s.EditMessage(ctx, chat.EditMessage{
				Room: general, Seq: m.Seq, By: "umira", Text: fmt.Sprint(i + 1), At: at.Add(time.Second), Stream: &chat.Stream{Last: at},
			})
		})
	}
	all.Wait()
	stored := 0
	for _, err := range errs {
		if err == nil {
			stored++
		} else if !errors.Is(err, chat.ErrStale) {
			t.Error(err)
		}
	}
	now, err := s.Message(ctx, general, m.Seq, "umira")
	if err != nil || stored != 1 || now.Rev != m.Rev+1 {
		t.Errorf("%d texts are stored, revision %d after %d, %v", stored, now.Rev, m.Rev, err)
	}
	if err := s.DeleteMessage(ctx, chat.DeleteMessage{Room: general, Seq: m.Seq, At: at}); err != nil {
		t.Fatal(err)
	}
	_, err = s.EditMessage(ctx, chat.EditMessage{
		Room: general, Seq: m.Seq, By: "umira", Text: "late", At: at, Stream: &chat.Stream{Last: at.Add(time.Second)},
	})
	if chat.ErrorCode(err) != chat.Gone {
		t.Errorf("a text of a tombstone: %v", err)
	}
}
