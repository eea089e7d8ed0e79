package server_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
)

// TestURLSpellings: whatever the spelling of the public URL, a browser that opens it can sign in, gets a cookie of the right kind, and
// can open a socket; or the server does not start and says what to write.
func TestURLSpellings(t *testing.T) {
	for _, c := range []struct{ spelling, origin, host, refusal string }{
		{"https://chat.example.com/", "https://chat.example.com", "chat.example.com", ""},
		{"HTTPS://Chat.Example.com:443/", "https://chat.example.com", "chat.example.com", ""},
		{"https://München.example", "https://xn--mnchen-3ya.example", "xn--mnchen-3ya.example", ""},
		{"https://[2001:DB8::0001]:8443", "https://[2001:db8::1]:8443", "[2001:db8::1]:8443", ""},
		{"Http://Localhost:8080", "http://localhost:8080", "localhost:8080", ""},
		{"http://localhost:80/", "http://localhost", "localhost", ""},
		{"http://localhost", "http://127.0.0.1", "127.0.0.1", ""}, // another name of this machine
		{"http://[0:0:0:0:0:0:0:1]:8080", "http://[::1]:8080", "[::1]:8080", ""},
		{"https://chat.example.com.", "", "", "write chat.example.com"},
		{"chat.example.com", "", "", "write https://chat.example.com"},
		{"https://chat.example.com/canteen", "", "", "as https://chat.example.com"},
		{"http://127.1:8080", "", "", "such as 127.0.0.1"},
		{"HTTP://Chat.Example.com", "", "", "--insecure-http"},
	} {
		cfg := server.Config{Addr: "127.0.0.1:0", Data: filepath.Join(t.TempDir(), "data"), URL: c.spelling}
		if err := cfg.Validate(); c.refusal != "" {
			if err == nil || !strings.Contains(err.Error(), c.refusal) {
				t.Errorf("%s: %v, want %s", c.spelling, err, c.refusal)
			}
			continue
		}
		browse(t, cfg, c.origin, c.host)
	}
}

// browse sets the workspace up and opens a socket, with the headers that a browser sends whose page is of an origin.
func browse(t *testing.T, cfg server.Config, origin, host string) {
	t.Helper()
	addr := world.Address(t)
	cfg.Addr = addr
	s, err := server.Start(context.Background(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}()
	var open []io.Closer
	defer func() {
		for _, body := range open {
			_ = body.Close()
		}
	}()
	send := func(method, path, body string, header http.Header) *http.Response {
		req, err := http.NewRequest(method, "http://"+addr+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header, req.Host = header, host
		req.Header.Set("Origin", origin)
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, resp.Body)
		return resp
	}
	link, _, err := s.SetupLink(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(link, "/setup#")
	form, err := json.Marshal(map[string]string{
		"token": token, "workspace": "Acme", "name": "Mira", "handle": "mira", "email": "mira@example.com", "password": world.Password,
	})
	if err != nil {
		t.Fatal(err)
	}
	resp := send(http.MethodPost, "/api/v1/setup", string(form), http.Header{"Content-Type": {"application/json"}})
	if resp.StatusCode/100 != 2 || len(resp.Cookies()) == 0 {
		b, err := io.ReadAll(resp.Body)
		t.Fatalf("%s: setup from %s: %s %s %v", cfg.URL, origin, resp.Status, b, err)
	}
	secure := strings.HasPrefix(origin, "https:")
	cookie := resp.Cookies()[0]
	if cookie.Secure != secure || strings.HasPrefix(cookie.Name, "__Host-") != secure {
		t.Errorf("%s: cookie of %s: %s", cfg.URL, origin, cookie)
	}
	resp = send(http.MethodGet, "/ws", "", http.Header{
		"Cookie": {cookie.Name + "=" + cookie.Value}, "Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {"Y2FudGVlbiBpcyB3ZWxsLg=="},
	})
	if resp.StatusCode != http.StatusSwitchingProtocols {
		t.Errorf("%s: socket from %s: %s", cfg.URL, origin, resp.Status)
	}
}
