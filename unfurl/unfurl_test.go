package unfurl_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/outbound"
	"github.com/canteen-chat/canteen/picture"
	"github.com/canteen-chat/canteen/unfurl"
)

// web is a host on this machine. Each path answers with a type and a body.
type web map[string]struct{ kind, body string }

func (w web) open(t *testing.T) (u *unfurl.Unfurler, address string, asked func() []string) {
	t.Helper()
	var paths []string
	s := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		a, ok := w[r.URL.Path]
		if !ok {
			http.NotFound(out, r)
			return
		}
		out.Header().Set("Content-Type", a.kind)
		if _, err := out.Write([]byte(a.body)); err != nil {
			t.Log(err)
		}
	}))
	t.Cleanup(s.Close)
	c := outbound.New(outbound.Options{Check: func(netip.AddrPort) error { return nil }})
	return unfurl.New(c, picture.NewDecoder()), s.URL, func() []string { s.Close(); return paths }
}

// TestPages holds what is read of a page.
func TestPages(t *testing.T) {
	long := strings.Repeat("ä", 400)
	for name, c := range map[string]struct{ kind, body, title, description string }{
		"nothing but a title": {"text/html", "<title>Travel\n policy</title>", "Travel policy", ""},
		"Open Graph": {"text/html; charset=utf-8",
			`<head><title>x</title><meta property="og:title" content="Travel &amp; policy"><meta name="description" content="y">` +
				`<meta property="og:description" content="Trains first.">`,
			"Travel & policy", "Trains first."},
		"Twitter": {"text/html",
			`<meta name="twitter:title" content="A"><meta name="twitter:description" content="B">`, "A", "B"},
		"the first of a name": {"text/html",
			`<meta property="og:title" content="A"><meta property="og:title" content="B">`, "A", ""},
		"an empty one does not count":   {"text/html", `<meta property="og:title" content=" "><title>A</title>`, "A", ""},
		"attributes in the other order": {"text/html", `<META CONTENT='A' PROPERTY='OG:TITLE'>`, "A", ""},
		"markup is text": {"text/html",
			`<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>`, "<script>alert(1)</script>", ""},
		"a script that looks like meta": {"text/html",
			`<script>"<meta property='og:title' content='B'>"</script><title>A</title>`, "A", ""},
		"a comment": {"text/html", `<!-- <title>B</title> --><title>A</title>`, "A", ""},
		"the body is not read": {"text/html",
			`<title>A</title><body><meta name="description" content="from a comment below">`, "A", ""},
		"Latin 1 in the header":    {"text/html; charset=iso-8859-1", "<title>Caf\xe9</title>", "Café", ""},
		"Windows 1252 in the page": {"text/html", "<meta charset=windows-1252><title>\x80 5</title>", "€ 5", ""},
		"UTF-16":                   {"text/html", "\xff\xfe<\x00t\x00i\x00t\x00l\x00e\x00>\x00A\x00", "A", ""},
		"an unknown charset":       {"text/html; charset=x-none", "<title>A</title>", "A", ""},
		"broken UTF-8":             {"text/html; charset=utf-8", "<title>A\xffB</title>", "AB", ""},
		"XHTML":                    {"application/xhtml+xml", `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>A</title>`, "A", ""},
		"long texts": {"text/html", "<title>" + long + `</title><meta name=description content="` + long + `">`,
			strings.Repeat("ä", 199) + "…", strings.Repeat("ä", 299) + "…"},
		"what does not show": {"text/html", "<title>\u202eA\u0000B\u200b\u2028C\ufeff\u2066</title>", "AB C", ""},
	} {
		path := "/page.png"
		u, address, _ := web{path: {c.kind, c.body}}.open(t)
		got, err := u.Unfurl(t.Context(), address+path)
		if err != nil || got.Title != c.title || got.Description != c.description {
			t.Errorf("%s: %q, %q, %v", name, got.Title, got.Description, err)
		}
	}
}

func TestPagesWithoutAPreview(t *testing.T) {
	pages := web{
		"/empty": {"text/html", ""}, "/untitled": {"text/html", "<p>Hello"}, "/blank": {"text/html", "<title> \u200b\n</title>"},
		"/png": {"image/png", "\x89PNG"}, "/pdf": {"application/pdf", "%PDF"}, "/json": {"application/json", `{"title":"A"}`},
		"/svg":     {"image/svg+xml", "<svg><title>A</title>"},
		"/untyped": {"", "<title>A</title>"}, "/big": {"image/png", strings.Repeat("x", 1<<20+1)},
	}
	u, address, _ := pages.open(t)
	for _, path := range []string{"/empty", "/untitled", "/blank", "/pdf", "/json", "/svg", "/png", "/big", "/missing"} {
		if got, err := u.Unfurl(t.Context(), address+path); chat.ErrorCode(err) != chat.NotFound {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
	guarded := unfurl.New(outbound.New(outbound.Options{}), picture.NewDecoder())
	if _, err := guarded.Unfurl(t.Context(), address+"/empty"); chat.ErrorCode(err) != chat.NotFound ||
		!errors.Is(err, outbound.ErrForbidden) {
		t.Errorf("behind the guard: %v", err)
	}
}

// TestHostilePages reads pages that are made to cost time or memory.
func TestHostilePages(t *testing.T) {
	for name, body := range map[string]string{
		"a title without an end":  "<title>" + strings.Repeat("x", 1<<20),
		"a million tags":          strings.Repeat("<b>", 1<<20/3) + "<title>A</title>",
		"many meta elements":      strings.Repeat(`<meta name="a" content="b">`, 30_000),
		"an attribute of 1 MB":    `<meta property="og:title" content="` + strings.Repeat("&amp;", 1<<20/5),
		"many attributes":         "<meta " + strings.Repeat("a=b ", 1<<18) + ">",
		"open comments":           strings.Repeat("<!--", 1<<18),
		"a cluster without end":   "<title>e" + strings.Repeat("\u0301", 100_000) + "</title>",
		"zero width in the title": "<title>" + strings.Repeat("\u200b", 100_000) + "A</title>",
	} {
		u, address, _ := web{"/": {"text/html; charset=utf-8", body}}.open(t)
		began := time.Now()
		got, err := u.Unfurl(t.Context(), address+"/")
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		if utf8.RuneCountInString(got.Title) > chat.PreviewTitleLength {
			t.Errorf("%s: a title of %d characters, %v", name, utf8.RuneCountInString(got.Title), err)
		}
	}
}

// TestHostThatNeverAnswers checks that a host costs its bounded time, and that the time of the caller is not blamed on the page.
func TestHostThatNeverAnswers(t *testing.T) {
	stop := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer s.Close()
	defer close(stop)
	u := unfurl.New(outbound.New(outbound.Options{Check: func(netip.AddrPort) error { return nil }}), picture.NewDecoder())
	began := time.Now()
	_, err := u.Unfurl(t.Context(), s.URL)
	if took := time.Since(began); chat.ErrorCode(err) != chat.NotFound || took > 7*time.Second {
		t.Errorf("%v after %v", err, took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := u.Unfurl(ctx, s.URL); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller is gone: %v", err)
	}
}
