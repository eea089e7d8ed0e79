package rest

import (
	"net/http"
	"testing"
)

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
