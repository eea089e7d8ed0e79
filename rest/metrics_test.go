package rest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// answered keeps what a Meter is told.
type answered struct {
	noMeter
	status int
}

func (a *answered) Answered(_, _ string, status int, _ time.Duration) { a.status = status }

// TestWhoHangsUpCausesNoError: a request that fails because its client is gone counts as the client's, and another one as the server's.
func TestWhoHangsUpCausesNoError(t *testing.T) {
	for gone, want := range map[bool]int{true: clientGone, false: http.StatusServiceUnavailable} {
		meter := &answered{}
		h, _ := failingHandler(func() error { return chat.ErrUnavailable(errCause) })
		h.o.Meter = meter
		ctx, leave := context.WithCancel(t.Context())
		if gone {
			leave()
		}
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/v1/beside", nil).WithContext(ctx))
		if leave(); meter.status != want {
			t.Errorf("gone %v: counted as %d, want %d", gone, meter.status, want)
		}
	}
}

// TestLocalRequests: a request of this machine comes from it, names it, and was forwarded by nobody.
func TestLocalRequests(t *testing.T) {
	for _, c := range []struct {
		peer, host, header string
		want               bool
	}{
		{"127.0.0.1:4000", "127.0.0.1:8080", "", true},
		{"[::1]:4000", "localhost", "", true},
		{"[::ffff:127.0.0.1]:4000", "[::1]:8080", "", true},
		{"192.0.2.7:4000", "127.0.0.1:8080", "", false},
		{"127.0.0.1:4000", "chat.example.com", "", false},
		{"127.0.0.1:4000", "127.0.0.1.example.com", "", false},
		{"127.0.0.1:4000", "localhost", "X-Forwarded-For", false},
		{"127.0.0.1:4000", "localhost", "X-Forwarded-Host", false},
		{"127.0.0.1:4000", "localhost", "X-Forwarded-Proto", false},
		{"127.0.0.1:4000", "localhost", "X-Real-Ip", false},
		{"127.0.0.1:4000", "localhost", "Forwarded", false},
		{"127.0.0.1:4000", "localhost", "Via", false},
		{"@", "localhost", "", false},
	} {
		r := &http.Request{RemoteAddr: c.peer, Host: c.host, Header: http.Header{"Accept": {"*/*"}}}
		if c.header != "" {
			r.Header.Set(c.header, "")
		}
		if got := isLocal(r); got != c.want {
			t.Errorf("from %s to %s with %q: %v, want %v", c.peer, c.host, c.header, got, c.want)
		}
	}
}
