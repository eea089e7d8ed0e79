package rest_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
)

const metricsToken = "a-token-of-sixteen-characters"

func withMetricsToken(c *server.Config) { c.MetricsToken = metricsToken }

// askMetrics asks a server for its metrics, with headers. Host is a header too.
func askMetrics(t *testing.T, url string, headers map[string]string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	req.Host = headers["Host"]
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, string(world.Must[[]byte](t)(io.ReadAll(resp.Body)))
}

// publicServer is the address of a server whose public URL is that of a proxy.
func publicServer(t *testing.T) string {
	t.Helper()
	s := world.Must[*server.Server](t)(server.Start(context.Background(), server.Config{
		Addr: "127.0.0.1:0", Data: t.TempDir(), URL: "https://chat.example.com",
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	}, slog.New(slog.DiscardHandler)))
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return "http://" + s.Listens()
}

// TestMetricsDoor: without a token, only programs on this machine get the metrics, and nobody else learns that they exist. With one, who
// has it.
func TestMetricsDoor(t *testing.T) {
	open := world.Open(t).URL
	public := publicServer(t)
	closed := world.OpenWith(t, world.Options{Proxied: true, Configure: withMetricsToken}).URL
	bearer := "Bearer " + metricsToken
	for _, c := range []struct {
		name, url string
		headers   map[string]string
		status    int
	}{
		{"this machine", open, nil, 200},
		{"this machine by name", open, map[string]string{"Host": "localhost:8080"}, 200},
		{"a proxy forwards", open, map[string]string{"X-Forwarded-For": "203.0.113.7"}, 404},
		{"a proxy forwards from this machine", open, map[string]string{"X-Forwarded-For": "127.0.0.1"}, 404},
		{"a proxy forwards an empty header", open, map[string]string{"X-Forwarded-For": ""}, 404},
		{"a proxy forwards by the standard", open, map[string]string{"Forwarded": "for=127.0.0.1"}, 404},
		{"a proxy forwards by nginx's habit", open, map[string]string{"X-Real-IP": "127.0.0.1"}, 404},
		{"a page whose name leads here", open, map[string]string{"Host": "evil.example"}, 404},
		{"a silent proxy of a public server", public, map[string]string{"Host": "chat.example.com"}, 404},
		{"this machine, of a public server", public, nil, 200},
		{"no token", closed, nil, 401},
		{"a wrong token", closed, map[string]string{"Authorization": bearer + "x"}, 401},
		{"the token as another scheme", closed, map[string]string{"Authorization": "Basic " + bearer[7:]}, 401},
		{"the token", closed, map[string]string{"Authorization": bearer}, 200},
		{"the token, through a proxy", closed, map[string]string{"Authorization": bearer, "X-Forwarded-For": "203.0.113.7"}, 200},
	} {
		status, body := askMetrics(t, c.url, c.headers)
		if status != c.status {
			t.Errorf("%s: status %d, want %d", c.name, status, c.status)
		}
		if there := strings.Contains(body, "canteen_"); there != (c.status == 200) {
			t.Errorf("%s: metrics in the answer: %v", c.name, there)
		}
	}
}

// TestMetricsTokensAreNotGuessed: whoever sends many wrong tokens is refused, and the right one still works from another address.
func TestMetricsTokensAreNotGuessed(t *testing.T) {
	w := world.OpenWith(t, world.Options{Proxied: true, Configure: withMetricsToken})
	last := 0
	for range 400 {
		last, _ = askMetrics(t, w.URL, map[string]string{"Authorization": "Bearer x", "X-Forwarded-For": "203.0.113.7"})
		if last == http.StatusTooManyRequests {
			break
		}
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the 400th wrong token is answered with %d", last)
	}
	right := map[string]string{"Authorization": "Bearer " + metricsToken, "X-Forwarded-For": "203.0.113.8"}
	if status, _ := askMetrics(t, w.URL, right); status != 200 {
		t.Errorf("the right one with %d", status)
	}
}
