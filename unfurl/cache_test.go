package unfurl_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/unfurl"
)

// said is what pages say by address, and keeps their pictures.
type said struct {
	pages map[string]unfurl.Page
	fails error // of the other pages
	kept  map[string]string
	full  bool
	asked []string
}

func (s *said) Unfurl(_ context.Context, url string) (unfurl.Page, error) {
	s.asked = append(s.asked, url)
	if p, ok := s.pages[url]; ok {
		return p, nil
	}
	return unfurl.Page{}, s.fails
}

func (s *said) KeepPicture(_ context.Context, id, _ string, body []byte) error {
	if s.full {
		return chat.ErrUnavailable(errors.New("the disk is full"))
	}
	s.kept[id] = string(body)
	return nil
}

func (s *said) AddPicture(ctx context.Context, file, kind string, body []byte) error {
	return s.KeepPicture(ctx, file, kind, body)
}

func (s *said) Picture(ctx context.Context, url string, _ int) (unfurl.Picture, error) {
	p, err := s.Unfurl(ctx, url)
	if err == nil && p.Picture != nil {
		return *p.Picture, nil
	}
	return unfurl.Picture{}, errors.Join(chat.ErrNotFound(), err)
}

func (s *said) CopyPicture(_ context.Context, id, _, file string) error {
	s.kept[file] = s.kept[id]
	return nil
}

// TestFetchPicture: a picture of a card becomes the body of a file. Whatever is wrong with it, there is none.
func TestFetchPicture(t *testing.T) {
	s := &said{kept: map[string]string{}, pages: map[string]unfurl.Page{
		"a": {Picture: &unfurl.Picture{Type: "image/png", Width: 3, Height: 4, Color: "#808080", Body: []byte("soup")}},
	}}
	c := unfurl.NewCache(unfurl.CacheOptions{Pages: s, Pictures: s, Log: slog.New(slog.DiscardHandler)})
	f, err := c.FetchPicture(t.Context(), "a", "f", 800)
	if err != nil || f.ID != "f" || f.Kind != chat.PageFile || f.Size != 4 || f.Width != 3 || len(f.SHA256) != 64 || s.kept["f"] != "soup" {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := c.FetchPicture(t.Context(), "b", "g", 800); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("none: %v", err)
	}
	s.full = true
	if _, err := c.FetchPicture(t.Context(), "a", "h", 800); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("a full disk: %v", err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := c.FetchPicture(gone, "b", "i", 800); !errors.Is(err, context.Canceled) {
		t.Errorf("who asked is gone: %v", err)
	}
}

// TestCache: a page is asked once a day, or once an hour if it said nothing. Trouble of the server says nothing about a page.
func TestCache(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	s := &said{fails: chat.ErrNotFound(), kept: map[string]string{}, pages: map[string]unfurl.Page{
		"a": {Title: "A", Description: "B", Picture: &unfurl.Picture{
			Type: "image/png", Width: 3, Height: 4, Color: "#808080", Body: []byte("soup"),
		}},
	}}
	c := unfurl.NewCache(unfurl.CacheOptions{
		Pages: s, Store: model.New(func([]chat.Announcement) {}), Pictures: s,
		Clock: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})
	ask := func(url, asked string, want chat.Code) (string, chat.Preview) {
		t.Helper()
		id, p, err := c.Ask(t.Context(), url)
		if (err != nil) != (want != "") || err != nil && chat.ErrorCode(err) != want || fmt.Sprint(s.asked) != asked {
			t.Errorf("%s: %v, asked %v, want %s", url, err, s.asked, asked)
		}
		return id, p
	}
	first, p := ask("a", "[a]", "")
	if p.URL != "a" || p.Title != "A" || p.Description != "B" || p.Picture == nil || s.kept[p.Picture.ID] != "soup" ||
		p.Picture.Kind != chat.PageFile || p.Picture.Size != 4 || len(p.Picture.SHA256) != 64 {
		t.Errorf("%+v", p)
	}
	if again, _ := ask("a", "[a]", ""); again != first {
		t.Errorf("%s, then %s", first, again)
	}
	for range 2 {
		ask("b", "[a b]", chat.NotFound)
	}
	named := func(id string, want chat.Code) {
		t.Helper()
		if _, err := c.Named(t.Context(), id); (err != nil) != (want != "") || err != nil && chat.ErrorCode(err) != want {
			t.Errorf("%q: %v", id, err)
		}
	}
	named(first, "")
	for _, id := range []string{"", first[:32], first[:8], first[:len(first)-1] + "_"} {
		named(id, chat.NotFound)
	}
	now = now.Add(time.Hour)
	ask("b", "[a b b]", chat.NotFound)
	ask("a", "[a b b]", "")
	now = now.Add(23 * time.Hour)
	s.full = true
	if id, p := ask("a", "[a b b a]", ""); id == first || p.Picture != nil || p.Title != "A" {
		t.Errorf("without room: %+v", p)
	}
	named(first, chat.NotFound)
	s.fails = chat.ErrUnavailable(errors.New("too many at once"))
	for i := range 2 {
		ask("c", map[int]string{0: "[a b b a c]", 1: "[a b b a c c]"}[i], chat.Unavailable)
	}
}
