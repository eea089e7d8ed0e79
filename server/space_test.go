package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/unfurl"
)

// TestSpace: the log says once that the disk fills up, that it is nearly full, and that it has room again.
func TestSpace(t *testing.T) {
	const mega = 1 << 20
	var log bytes.Buffer
	var free, total uint64
	var broken error
	s := &space{log: slog.New(slog.NewTextHandler(&log, nil)), disk: func() (uint64, uint64, error) { return free, total, broken }}
	for _, c := range []struct {
		what        string
		free, total uint64
		err         error
		full        bool
		said        string // "" for no line
	}{
		{"half empty", 50_000 * mega, 100_000 * mega, nil, false, ""},
		{"a gigabyte left", 1024 * mega, 100_000 * mega, nil, false, ""},
		{"less", 1023 * mega, 100_000 * mega, nil, false, "level=WARN msg=\"the disk is filling up\" free_megabytes=1023"},
		{"less still", 500 * mega, 100_000 * mega, nil, false, ""},
		{"unknown", 0, 0, errors.New("no such disk"), false, "cannot see how much room"},
		{"unknown still", 0, 0, errors.New("no such disk"), false, ""},
		{"as much as must be left", 128 * mega, 100_000 * mega, nil, false, ""},
		{"too little", 127 * mega, 100_000 * mega, nil, true, "level=WARN msg=\"the disk is nearly full: no posts, edits or reactions"},
		{"nothing", 0, 100_000 * mega, nil, true, ""},
		{"unknown while full", 0, 0, errors.New("no such disk"), true, "cannot see how much room"},
		{"a little", 200 * mega, 100_000 * mega, nil, false, "a little room again"},
		{"much", 5000 * mega, 100_000 * mega, nil, false, "the disk has room again"},
		{"a small disk", 150 * mega, 1000 * mega, nil, false, ""},
		{"a small disk, low", 50 * mega, 1000 * mega, nil, false, "filling up"},
		{"a small disk, full", 19 * mega, 1000 * mega, nil, true, "nearly full"},
	} {
		log.Reset()
		free, total, broken = c.free, c.total, c.err
		s.look()
		if said := log.String(); s.full.Load() != c.full || (said == "") != (c.said == "") || !strings.Contains(said, c.said) {
			t.Errorf("%s: full %v, the log says %q; want %v, %q", c.what, s.full.Load(), said, c.full, c.said)
		}
	}
}

// pictured is a web on which each page has a picture.
type pictured struct{}

func (pictured) Unfurl(context.Context, string) (unfurl.Page, error) {
	return unfurl.Page{Title: "A", Picture: &unfurl.Picture{Type: "image/png", Width: 20, Height: 20, Body: []byte("soup")}}, nil
}

func (p pictured) Picture(ctx context.Context, url string, _ int) (unfurl.Picture, error) {
	page, err := p.Unfurl(ctx, url)
	return *page.Picture, err
}

// pagePictures is how many pictures of pages a data directory keeps.
func pagePictures(t *testing.T, h *dataDir) (n int) {
	t.Helper()
	stored, err := h.bodies.List(t.Context(), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stored {
		if strings.HasPrefix(s.Key, "p.") {
			n++
		}
	}
	return n
}

// TestNearlyFullDisk: a server whose disk is nearly full refuses posts, and takes them again once there is room. It reads all the while.
// Previews are made, but their pictures take no room.
func TestNearlyFullDisk(t *testing.T) {
	ctx := context.Background()
	h, err := open(ctx, t.TempDir(), openOptions{limits: true, unfurler: pictured{}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.close(ctx); err != nil {
			t.Error(err)
		}
	})
	const password = "a quiet place to eat"
	if _, err := h.rules.AdminAddUser(ctx, chat.CommandLineUser{
		Email: "mira@example.com", Name: "Mira", Handle: "mira", Role: chat.Owner, Password: password,
	}); err != nil {
		t.Fatal(err)
	}
	in, err := h.rules.SignIn(ctx, chat.Visitor("192.0.2.1"), chat.SignInInput{Email: "mira@example.com", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	list, err := h.rules.Rooms(ctx, in.Actor)
	if err != nil {
		t.Fatal(err)
	}
	h.space.stop() // the test looks itself
	real := h.space.disk
	for n, c := range []struct {
		disk func() (uint64, uint64, error)
		want chat.Code
	}{
		{real, ""}, {func() (uint64, uint64, error) { return 1 << 20, 1 << 40, nil }, chat.Unavailable}, {real, ""},
	} {
		h.space.disk = c.disk
		h.space.look()
		_, _, err := h.rules.PostMessage(ctx, in.Actor, list.Rooms[0].ID, chat.PostInput{
			ClientID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n), Text: "hello",
		})
		if code := chat.ErrorCode(err); err == nil && c.want != "" || err != nil && code != c.want {
			t.Errorf("a post: %v, want %q", err, c.want)
		}
		if _, err := h.rules.Messages(ctx, in.Actor, list.Rooms[0].ID, chat.PageInput{}); err != nil {
			t.Errorf("reading: %v", err)
		}
		before := pagePictures(t, h)
		if _, _, err := h.rules.Preview(ctx, in.Actor, fmt.Sprintf("https://example.com/%d", n)); err != nil {
			t.Errorf("a preview: %v", err)
		}
		if added := pagePictures(t, h) - before; (added == 1) != (c.want == "") {
			t.Errorf("%d pictures of pages were kept, while a post gets %q", added, c.want)
		}
	}
}
