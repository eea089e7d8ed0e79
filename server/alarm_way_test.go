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

// TestMoment: a clock that is set is seen, and a pause in looking is not taken for one.
func TestMoment(t *testing.T) {
	a := &alarms{clock: time.Now, began: time.Now()}
	at, up := a.moment()
	if strings.Contains(at.String(), " m=") {
		t.Errorf("the difference of %v to another time does not tell of a clock that was set", at)
	}
	if up < 0 || up > time.Minute {
		t.Errorf("up for %v", up)
	}
	slow, pause := at, time.Duration(0)
	a.clock = func() time.Time { pause += 10 * time.Second; slow = slow.Add(pause); return slow }
	a.began = a.clock()
	first, upFirst := a.moment()
	second, upSecond := a.moment()
	if moved := second.Sub(first) - (upSecond - upFirst); moved != 0 {
		t.Errorf("the clock was moved by %v", moved)
	}
}
