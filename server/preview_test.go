package server_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// page is a web page on this machine, which counts its visits.
func page(t *testing.T, body string) (address string, visits *atomic.Int32) {
	t.Helper()
	visits = &atomic.Int32{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visits.Add(1)
		for _, h := range []string{"Cookie", "Authorization", "Referer", "X-Forwarded-For", "Origin"} {
			if r.Header.Get(h) != "" {
				t.Errorf("the page got a header %s", h)
			}
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if _, err := io.WriteString(w, body); err != nil {
			t.Log(err)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, visits
}

func previewing(t *testing.T, log io.Writer, reach func(netip.AddrPort) error) *world.World {
	return world.OpenWith(t, world.Options{Log: slog.New(slog.NewTextHandler(log, nil)), Configure: func(c *server.Config) {
		c.Previews, c.Reach = true, reach
	}})
}

// TestPreview takes a preview from a page through the real server to another member of the room.
func TestPreview(t *testing.T) {
	address, visits := page(t, `<title>Travel &lt;b&gt;policy&lt;/b&gt;</title><meta name="description" content="Trains first.">`)
	w := previewing(t, io.Discard, func(netip.AddrPort) error { return nil })
	ctx := t.Context()
	me, err := w.As("mira").Me(ctx)
	if err != nil || !me.Workspace.Previews {
		t.Fatalf("previews are %v, %v", me.Workspace.Previews, err)
	}
	made, err := w.As("mira").Preview(ctx, address)
	want := wire.Preview{URL: address, Title: "Travel <b>policy</b>", Description: "Trains first."}
	if err != nil || made.Preview != want {
		t.Fatalf("%+v, %v", made, err)
	}
	room := w.General()
	posted, err := w.As("mira").Post(ctx, room, wire.PostMessage{Text: "Read " + address, Preview: made.ID})
	if err != nil || posted.Preview == nil || *posted.Preview != want {
		t.Fatalf("posted: %+v, %v", posted.Preview, err)
	}
	if _, err := w.As("mira").Post(ctx, room, wire.PostMessage{Text: "Read " + address}); err != nil {
		t.Fatal(err)
	}
	seen, err := w.As("jonas").Page(ctx, room, nil)
	if n := len(seen.Messages); err != nil || n < 2 || seen.Messages[n-2].Preview == nil || *seen.Messages[n-2].Preview != want ||
		seen.Messages[n-1].Preview != nil {
		t.Errorf("the page is %+v, %v", seen, err)
	}
	if visits.Load() != 1 {
		t.Errorf("the page was asked %d times", visits.Load())
	}
	// Nobody forges a preview: fields that are not of a post are refused.
	forged := `{"text":"` + address + `","preview":{"url":"` + address + `","title":"Your bank"}}`
	if status, _ := w.Raw("mira", http.MethodPost, "/api/v1/rooms/"+room+"/messages", forged); status != http.StatusBadRequest {
		t.Errorf("a forged preview: %d", status)
	}
}

// TestPreviewBehindTheGuard asks for a page on this machine without what tests may: nothing is asked, and neither the answer nor its log
// says why.
func TestPreviewBehindTheGuard(t *testing.T) {
	address, visits := page(t, "<title>secret</title>")
	var log bytes.Buffer
	w := previewing(t, &log, nil)
	for _, link := range []string{
		address, "http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/", "http://localhost:22/",
	} {
		_, err := w.As("mira").Preview(t.Context(), link)
		if e, ok := errors.AsType[*client.Error](err); !ok || e.Status != http.StatusNotFound || e.Detail != "This link has no preview." {
			t.Errorf("%s: %v", link, err)
		}
	}
	if visits.Load() > 0 || strings.Contains(log.String(), "169.254") {
		t.Errorf("%d visits, log: %s", visits.Load(), log.String())
	}
}

func TestPreviewsAreOff(t *testing.T) {
	address, visits := page(t, "<title>A</title>")
	w := world.Open(t)
	me, err := w.As("mira").Me(t.Context())
	if err != nil || me.Workspace.Previews {
		t.Errorf("previews are %v, %v", me.Workspace.Previews, err)
	}
	if _, err := w.As("mira").Preview(t.Context(), address); err == nil || visits.Load() > 0 {
		t.Errorf("%v, %d visits", err, visits.Load())
	}
}

// TestPreviewPicture takes the picture of a page to another member of the room, who reads it from this server. The page hears of one visit.
func TestPreviewPicture(t *testing.T) {
	var visits atomic.Int32
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 720, 360))); err != nil {
		t.Fatal(err)
	}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visits.Add(1)
		body := drawn.Bytes()
		if r.URL.Path == "/page" {
			w.Header().Set("Content-Type", "text/html")
			body = []byte(`<title>A</title><meta property="og:image" content="/a.png">`)
		}
		if _, err := w.Write(body); err != nil {
			t.Log(err)
		}
	}))
	defer host.Close()
	w := previewing(t, io.Discard, func(netip.AddrPort) error { return nil })
	ctx, link := t.Context(), host.URL+"/page"
	made, err := w.As("mira").Preview(ctx, link)
	if err != nil || made.Preview.Picture == nil || made.Preview.Picture.Width != 360 || made.Preview.Picture.Height != 180 {
		t.Fatalf("%+v, %v", made, err)
	}
	path := "/api/v1/files/" + made.Preview.Picture.ID
	reads := func(who string, want int) {
		t.Helper()
		status, body := w.Raw(who, http.MethodGet, path, "")
		if status != want || status == http.StatusOK && (len(body) < 100 || strings.HasPrefix(body, "\x89PNG")) {
			t.Errorf("%s: %d, %d bytes", who, status, len(body))
		}
	}
	reads("mira", http.StatusOK)
	reads("jonas", http.StatusNotFound)
	posted, err := w.As("mira").Post(ctx, w.General(), wire.PostMessage{Text: link, Preview: made.ID})
	if err != nil || posted.Preview == nil || posted.Preview.Picture == nil || posted.Preview.Picture.ID != made.Preview.Picture.ID {
		t.Fatalf("posted: %+v, %v", posted.Preview, err)
	}
	reads("jonas", http.StatusOK)
	if visits.Load() != 2 {
		t.Errorf("the host was asked %d times", visits.Load())
	}
	none := ""
	edited, err := w.As("mira").EditMessage(ctx, w.General(), posted.Seq, wire.EditMessage{Text: link, Preview: &none})
	if err != nil || edited.Preview != nil {
		t.Errorf("edited: %+v, %v", edited.Preview, err)
	}
	reads("jonas", http.StatusNotFound)
	reads("mira", http.StatusNotFound)
}
