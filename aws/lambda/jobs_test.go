package lambda

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/canteen-chat/canteen/origin"
)

// TestProbe: a workspace is healthy if its API is ready, sockets are refused to strangers, and a socket hears an event. One event may be
// lost.
func TestProbe(t *testing.T) {
	for what, c := range map[string]struct {
		ready, foreign, own int
		lost                int // events before the first that is heard
		secret              string
		healthy             int
	}{
		"healthy":                 {200, 403, 401, 0, "secret", 1},
		"a lost event":            {200, 403, 401, 1, "secret", 1},
		"not ready":               {503, 403, 401, 0, "secret", 0},
		"sockets for everybody":   {200, 101, 101, 0, "secret", 0},
		"refusals of the gateway": {200, 500, 403, 0, "secret", 1},
		"another secret":          {200, 403, 401, 0, "another", 0},
		"sockets that are silent": {200, 403, 401, pushTries, "secret", 0},
	} {
		t.Run(what, func(t *testing.T) {
			announced := make(chan string, pushTries)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/readyz" {
					w.WriteHeader(c.ready)
					return
				}
				if user, ok := door(t, "secret").probes(r); ok {
					serveProbe(t, w, r, announced, user)
					return
				}
				socket := map[string]int{"https://probe.invalid": c.foreign, "http://" + r.Host: c.own}[r.Header.Get("Origin")]
				if r.URL.Path != "/ws" || !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") || socket == 0 {
					t.Errorf("asked for %s with %v", r.URL, r.Header)
				}
				w.Header().Set("Connection", "Upgrade")
				w.Header().Set("Upgrade", "websocket")
				w.WriteHeader(socket)
			}))
			defer server.Close()
			lines, lost := &bytes.Buffer{}, c.lost
			jobs := &Jobs{
				URL: server.URL, Client: server.Client(), Door: door(t, c.secret), Metrics: NewMetrics(lines, "Canteen", "canteen", time.Now),
				Log: slog.New(slog.DiscardHandler), patience: 100 * time.Millisecond,
				Announce: func(_ context.Context, user string) error {
					if lost--; lost < 0 {
						announced <- user
					}
					return nil
				},
			}
			answer, err := jobs.Invoke(t.Context(), []byte(`{"source":"aws.events"}`))
			if err != nil || (string(answer) == "{}") != (c.healthy == 1) {
				t.Fatalf("answered %s, %v", answer, err)
			}
			if strings.Contains(lines.String(), `"Probe":1,`) != (c.healthy == 1) || strings.Contains(lines.String(), `"Probe":0`) ||
				!strings.Contains(lines.String(), "ProbeLatency") {
				t.Error(lines)
			}
		})
	}
}

// TestSweep: the rule for sweeps deletes files and probes nothing, and once a day looks at all bodies.
func TestSweep(t *testing.T) {
	var now time.Time
	var all []bool
	lines := &bytes.Buffer{}
	jobs := &Jobs{
		Clock: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(lines, nil)),
		Sweep: func(_ context.Context, every bool) error {
			if all = append(all, every); len(all) == 4 {
				return errors.New("no network")
			}
			return nil
		},
	}
	for _, now = range []time.Time{
		time.Date(2026, 11, 30, 2, 59, 9, 0, time.UTC), time.Date(2026, 11, 30, 4, 0, 9, 0, time.FixedZone("CET", 3600)),
		time.Date(2026, 11, 30, 3, 1, 9, 0, time.UTC), time.Date(2026, 11, 30, 9, 0, 9, 0, time.UTC),
	} {
		if answer, err := jobs.Invoke(t.Context(), []byte(`{"job":"sweep"}`)); err != nil || string(answer) != "{}" {
			t.Errorf("answered %s, %v", answer, err)
		}
	}
	if !slices.Equal(all, []bool{false, true, false, false}) || !strings.Contains(lines.String(), "no network") {
		t.Errorf("sweeps of all: %v; log: %s", all, lines)
	}
}

// serveProbe sends the announced events of user.
func serveProbe(t *testing.T, w http.ResponseWriter, r *http.Request, announced <-chan string, user string) {
	conn, _, _, err := ws.UpgradeHTTP(r, w)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	for {
		select {
		case other := <-announced:
			if other != user {
				t.Errorf("announced for %q and not %q", other, user)
			}
			_ = wsutil.WriteServerText(conn, []byte(`{"type":"left","room":"`+user+`"}`)) // the probe may be over
		case <-time.After(2 * time.Second):
			return
		}
	}
}

func door(t *testing.T, secret string) *Door {
	t.Helper()
	public, err := origin.Parse("https://chat.example.com")
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDoor(public, secret)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
