package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/canteen-chat/canteen/wire"
)

// serve makes a client of a server that gives the same answer to every request.
func serve(t *testing.T, status int, header map[string]string, body string) *Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return New(s.URL+"/", "")
}

// TestRefusals: every refusal, by Canteen or by a proxy, is an Error with status, code, Retry-After and a readable text.
func TestRefusals(t *testing.T) {
	const problem = "application/problem+json"
	for _, c := range []struct {
		name      string
		status    int
		header    map[string]string
		body      string
		code      string
		wait      time.Duration
		temporary bool
		says      string
	}{
		{
			"a field", 400, map[string]string{"Content-Type": problem},
			`{"code":"invalid","field":"text","detail":"Say something.","status":400}`, Invalid, 0, false,
			"400 invalid: text: Say something.",
		},
		{
			"not there", 404, map[string]string{"Content-Type": problem},
			`{"code":"not_found","detail":"There is nothing here.","status":404}`, NotFound, 0, false,
			"404 not_found: There is nothing here.",
		},
		{
			"too often", 429, map[string]string{"Content-Type": problem, "Retry-After": "7"},
			`{"code":"rate_limited","detail":"Wait.","status":429}`, RateLimited, 7 * time.Second, true, "429 rate_limited: Wait.",
		},
		{
			"with a charset", 503, map[string]string{"Content-Type": problem + "; charset=utf-8"},
			`{"code":"unavailable","detail":"Later.","status":503}`, Unavailable, 0, true, "503 unavailable: Later.",
		},
		{
			"a proxy", 502, map[string]string{"Content-Type": "text/html"}, "<h1>Bad Gateway</h1>", "", 0, true,
			"502 not by Canteen: 502 Bad Gateway",
		},
		{
			"malformed problem JSON", 500, map[string]string{"Content-Type": problem}, `{"code":`, "", 0, true,
			"500 not by Canteen: 500 Internal Server Error",
		},
		{
			"a redirect", 301, map[string]string{"Location": "https://elsewhere.example/"}, "", "", 0, false,
			"301 not by Canteen: 301 Moved Permanently, redirected to https://elsewhere.example/",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := serve(t, c.status, c.header, c.body).Post(t.Context(), "room", wire.PostMessage{Text: "hello"})
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("%v is not an Error", err)
			}
			if Status(err) != c.status || Code(err) != c.code || e.RetryAfter != c.wait || Temporary(err) != c.temporary ||
				err.Error() != c.says {
				t.Errorf("%d %q after %v, temporary %v: %s", Status(err), Code(err), e.RetryAfter, Temporary(err), err)
			}
		})
	}
	if Status(nil) != 0 || Code(io.EOF) != "" {
		t.Error("an error that is not a refusal has a status or code")
	}
}

// TestNoAnswer: without a complete answer the error is not an Error; it names the request.
func TestNoAnswer(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	if _, err := New(gone.URL, "").Me(t.Context()); Status(err) != 0 || !Temporary(err) || !strings.Contains(err.Error(), "/api/v1/me") {
		t.Errorf("nobody listens: %v", err)
	}
	if _, err := serve(t, 200, nil, `{"id":`).Me(t.Context()); err == nil || Temporary(err) ||
		!strings.Contains(err.Error(), "GET /me: decode") {
		t.Errorf("incomplete JSON in a complete answer: %v", err)
	}
	if _, err := serve(t, 200, map[string]string{"Content-Length": "100"}, `{"id":`).Me(t.Context()); !Temporary(err) {
		t.Errorf("an answer that is cut off: %v", err)
	}
	c := serve(t, 200, nil, strings.Repeat(" ", 101))
	c.most = 100
	if _, err := c.Me(t.Context()); err == nil || Temporary(err) || !strings.Contains(err.Error(), "more than 100 bytes") {
		t.Errorf("an answer that is too large: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Me(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}

// TestRetry: Retry waits as long as the server says, otherwise longer each time, and stops at refusals and at the deadline.
func TestRetry(t *testing.T) {
	busy := func(after time.Duration) error {
		return fmt.Errorf("wrapped: %w", &Error{Problem: wire.Problem{Status: 429}, RetryAfter: after})
	}
	for _, c := range []struct {
		name        string
		answers     []error
		least, most time.Duration
		calls       int32
		ends        error
	}{
		{"at once", []error{nil}, 0, 0, 1, nil},
		{"as asked", []error{busy(7 * time.Second), busy(time.Minute), nil}, 67 * time.Second, 67 * time.Second, 3, nil},
		{"with jitter", []error{busy(0), busy(0), busy(0), nil}, 1, 3500 * time.Millisecond, 4, nil},
		{"a refusal", []error{&Error{Problem: wire.Problem{Status: 403}}}, 0, 0, 1, &Error{}},
		{"another error", []error{io.ErrNoProgress}, 0, 0, 1, io.ErrNoProgress},
		{"the deadline", []error{busy(2 * time.Hour)}, time.Hour, time.Hour, 1, context.DeadlineExceeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				ctx, stop := context.WithTimeout(t.Context(), time.Hour)
				defer stop()
				var calls atomic.Int32
				err := Retry(ctx, func(context.Context) error { return c.answers[calls.Add(1)-1] })
				if took := time.Since(begun); took < c.least || took > c.most || calls.Load() != c.calls {
					t.Errorf("%d calls in %v", calls.Load(), took)
				}
				_, refused := c.ends.(*Error)
				if !refused && !errors.Is(err, c.ends) || refused && Status(err) != 403 {
					t.Errorf("ends with %v", err)
				}
			})
		})
	}
}

// TestRetryAfter: the header is seconds or a date (RFC 9110); anything else counts as 0.
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 41, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "-7": 0, "soon": 0, "99999999999999": 0,
		"Tue, 24 Nov 2026 09:42:30 GMT": 90 * time.Second, "Tue, 24 Nov 2026 09:40:00 GMT": 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

// TestNewClientID: each id is a new UUID of version 4.
func TestNewClientID(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		id := NewClientID()
		if !form.MatchString(id) || seen[id] {
			t.Fatalf("%q", id)
		}
		seen[id] = true
	}
}
