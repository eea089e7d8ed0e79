package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/unfurl"
)

// TestCallsOfPreviews counts like TestCalls: a preview of a link while its sender writes, with its picture; and the message that shows it.
// Of S3 it counts how often a picture is kept and copied.
func TestCallsOfPreviews(t *testing.T) {
	w, ctx, bill, web := start(t), t.Context(), stack.MeasuredCounts(), &oneSite{}
	w.options.Files = w.store
	w.options.Previews = unfurl.NewCache(unfurl.CacheOptions{
		Pages: web, Store: w.store, Pictures: web, Clock: w.clock, Log: slog.New(slog.DiscardHandler),
	})
	w.rules = chat.New(w.options)
	const link = "https://example.com/travel"
	id := ""
	ask := func() {
		var err error
		id, _, err = w.rules.Preview(ctx, w.me(t), link)
		must(t, err)
	}
	seq := int64(0)
	post := func() {
		w.ids++
		m, _, err := w.rules.PostMessage(ctx, w.me(t), w.room, chat.PostInput{
			ClientID: fmt.Sprintf("00000000-0000-4000-8000-%012d", w.ids), Text: "look: " + link, Preview: id,
		})
		must(t, err)
		if m.Preview == nil || m.Preview.Picture == nil {
			t.Errorf("the message shows %+v", m.Preview)
		}
		seq = m.Seq
	}
	w.hold(t, []operation{
		{"preview of a new link", 7, bill.Preview, 0, ask},
		{"post with a preview", 7, bill.Linked, 0, post},
		{"preview of a known link", 5, stack.Calls{}, 0, ask},
		{"delete a message with one", 8, stack.Calls{}, 0, func() { must(t, w.rules.DeleteMessage(ctx, w.me(t), w.room, seq)) }},
	})
	if web.asked != 1 || web.kept != 1 || web.copied != 2 {
		t.Errorf("asked %d times, kept %d pictures, copied %d", web.asked, web.kept, web.copied)
	}
}

// oneSite is a web whose pages all have the same preview, and the home of its pictures.
type oneSite struct{ asked, kept, copied int }

func (s *oneSite) Unfurl(context.Context, string) (unfurl.Page, error) {
	s.asked++
	return unfurl.Page{Title: "Travel policy", Description: "What changes for trains.", Picture: &unfurl.Picture{
		Type: "image/jpeg", Color: "#123456", Width: 360, Height: 189, Body: []byte("a picture"),
	}}, nil
}

func (s *oneSite) Picture(context.Context, string, int) (unfurl.Picture, error) {
	return unfurl.Picture{}, errors.ErrUnsupported
}

func (s *oneSite) AddPicture(context.Context, string, string, []byte) error {
	return errors.ErrUnsupported
}

func (s *oneSite) KeepPicture(context.Context, string, string, []byte) error {
	s.kept++
	return nil
}

func (s *oneSite) CopyPicture(context.Context, string, string, string) error {
	s.copied++
	return nil
}
