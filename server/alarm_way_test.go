package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/ops/alarm"
	"github.com/canteen-chat/canteen/outbound"
)

// TestReason: what is shown of an error has no URL, is one line, and is not too long.
func TestReason(t *testing.T) {
	err := fmt.Errorf("send: %w", &url.Error{Op: "Post", URL: "https://x/secret", Err: errors.New("connection\nrefused")})
	if s := reason(err); s != "connection refused" {
		t.Errorf("%q", s)
	}
	if s := reason(errors.New(strings.Repeat("ü", 200))); len(s) > mostReason+len("…") || !strings.HasSuffix(s, "ü…") {
		t.Errorf("%q", s)
	}
}

// TestDeadMan: the URL is requested each minute while the server can save, and not while it cannot. Some services answer with 202.
func TestDeadMan(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(http.StatusAccepted)
	}))
	defer s.Close()
	w := deadMan(outbound.New(outbound.Options{Check: outbound.CheckNamed}), s.URL)
	watch, at := alarm.New(alarm.Kept{}), time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for i := range 30 { // five minutes, of which the server is ready in the first, second and last
		p := alarm.Point{At: at.Add(time.Duration(i) * 10 * time.Second), Ready: i < 12 || i >= 24}
		do, done := w.next(watch, p)
		if do == nil {
			continue
		}
		if err := do(context.Background()); err != nil {
			t.Fatal(err)
		}
		done()
	}
	if asked != 3 {
		t.Errorf("requested %d times, want 3", asked)
	}
}
