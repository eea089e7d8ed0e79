package rest

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCompressor(t *testing.T) {
	long := strings.Repeat("Lunch at 12:15? ", 200)
	answer := func(status int, kind string, parts ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			for _, part := range parts {
				_, _ = io.WriteString(w, part)
			}
		}
	}
	for _, c := range []struct {
		what    string
		handler http.HandlerFunc
		accept  string
		status  int
		body    string
		packed  bool
	}{
		{"short", answer(200, jsonType, `{}`), "gzip", 200, `{}`, false},
		{"long", answer(200, jsonType, long), "br, gzip", 200, long, true},
		{"in two parts", answer(200, jsonType, long, long), "gzip", 200, long + long, true},
		{"a long problem", answer(400, "application/problem+json; charset=utf-8", long), "gzip", 400, long, true},
		{"anything accepted", answer(200, jsonType, long), "*", 200, long, true},
		{"not accepted", answer(200, jsonType, long), "br", 200, long, false},
		{"refused", answer(200, jsonType, long), "gzip;q=0, *", 200, long, false},
		{"nothing accepted", answer(200, jsonType, long), "", 200, long, false},
		{"a page", answer(200, "text/html", long), "gzip", 200, long, false},
		{"no content", answer(204, jsonType), "gzip", 204, "", false},
		{"not modified", answer(304, jsonType), "gzip", 304, "", false},
		{"nothing said", func(http.ResponseWriter, *http.Request) {}, "gzip", 200, "", false},
	} {
		packs := newCompressor()
		server := httptest.NewServer(packs.wrap(c.handler))
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} { // the writer is used again
			req, err := http.NewRequest(method, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept-Encoding", c.accept)
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatalf("%s: %v", c.what, err)
			}
			body, packed := resp.Body, resp.Header.Get("Content-Encoding") == "gzip"
			if packed && method == http.MethodGet {
				if body, err = gzip.NewReader(resp.Body); err != nil {
					t.Fatalf("%s: %v", c.what, err)
				}
			}
			got, err := io.ReadAll(body)
			want := c.body
			if method == http.MethodHead {
				want = ""
			}
			if err != nil || resp.StatusCode != c.status || string(got) != want || packed != c.packed {
				t.Errorf("%s %s: %d, packed %v, %.40q, %v", method, c.what, resp.StatusCode, packed, got, err)
			}
			if packed && (resp.ContentLength <= 0 || resp.ContentLength >= int64(len(c.body))) {
				t.Errorf("%s %s: a length of %d", method, c.what, resp.ContentLength)
			}
			if resp.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s %s: Vary %q", method, c.what, resp.Header.Get("Vary"))
			}
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
		}
		server.Close()
	}
}
