package server_test

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
)

// TestLogLevelChangesWhileItRuns: an administration command changes what the running server logs; without one, it says so.
func TestLogLevelChangesWhileItRuns(t *testing.T) {
	ctx, said, level := context.Background(), &world.Log{}, &slog.LevelVar{}
	w := world.OpenWith(t, world.Options{
		Log:       slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: level})),
		Configure: func(c *server.Config) { c.LogLevel = level },
	})
	set := func(dir, to string) (string, error) {
		a, done, err := server.OpenAdmin(ctx, dir, false, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		was, err := a.SetLogLevel(ctx, to)
		if err := done(); err != nil {
			t.Error(err)
		}
		return was, err
	}
	logs := func() bool {
		said.Take("")
		w.Raw("mira", http.MethodGet, "/api/v1/me", "")
		return len(said.Take("msg=request ")) == 1
	}
	if logs() {
		t.Error("requests are logged from the start")
	}
	if was, err := set(w.Dir, "debug"); was != "info" || err != nil || !logs() {
		t.Errorf("after debug, requests are not logged: %q, %v", was, err)
	}
	if was, err := set(w.Dir, "warn"); was != "debug" || err != nil || logs() {
		t.Errorf("after warn, requests are logged: %q, %v", was, err)
	}
	if _, err := set(w.Dir, "loud"); err == nil || !strings.Contains(err.Error(), "debug, info, warn or error") {
		t.Errorf("a level that is none: %v", err)
	}
	stopped := t.TempDir()
	world.FirstRun(t, world.Program(t), stopped)
	if _, err := set(stopped, "debug"); err == nil || !strings.Contains(err.Error(), "No server") {
		t.Errorf("without a server: %v", err)
	}
}

// TestLinesNameTheirRequest: a line that any package logs while it handles a request has the id that the answer has too.
func TestLinesNameTheirRequest(t *testing.T) {
	said := &world.Log{}
	w := world.OpenWith(t, world.Options{Log: slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	said.Take("")
	answer := w.Send(http.MethodPost, "/api/v1/session", `{"email":"mira@example.com","password":"not this one at all"}`, nil)
	id := regexp.MustCompile(`"request_id":"(\w+)"`).FindStringSubmatch(answer.Body)
	if answer.StatusCode != http.StatusUnauthorized || id == nil {
		t.Fatalf("%d %s", answer.StatusCode, answer.Body)
	}
	lines := said.Take("")
	audit := 0
	for _, line := range lines {
		if strings.Count(line, " request="+id[1]) != 1 {
			t.Errorf("the line does not name the request %s once: %s", id[1], line)
		}
		if strings.Contains(line, "msg=audit") {
			audit++
		}
	}
	if audit != 1 || len(lines) < 2 {
		t.Errorf("%d lines of the audit trail in %q", audit, lines)
	}
}

// TestProfilesAreForThisMachine: profiles are served nowhere unless an address of this machine says where, and not to pages of others.
func TestProfilesAreForThisMachine(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:6060": true, "[::1]:0": true, "": true,
		"0.0.0.0:6060": false, ":6060": false, "192.0.2.1:6060": false, "localhost": false,
	} {
		if err := (server.Config{Addr: "127.0.0.1:0", Data: "d", Pprof: addr}).Validate(); (err == nil) != ok {
			t.Errorf("--pprof %q: %v", addr, err)
		}
	}
	said := &world.Log{}
	w := world.OpenWith(t, world.Options{
		Log: slog.New(slog.NewTextHandler(said, nil)), Configure: func(c *server.Config) { c.Pprof = "127.0.0.1:0" },
	})
	at := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(said.String())
	if status, body := request(t, at, "/debug/pprof/goroutine?debug=1", "GET", nil); status != 200 || !strings.Contains(body, "goroutine") {
		t.Errorf("profiles are not served: %d %.100s", status, body)
	}
	if status, _ := request(t, at, "/debug/pprof/", "GET", map[string]string{"Host": "evil.example:6060"}); status != 421 {
		t.Errorf("a page whose name leads here gets %d", status)
	}
	if _, body := request(t, w.URL, "/debug/pprof/goroutine?debug=1", "GET", nil); strings.Contains(body, "goroutine profile") {
		t.Error("the server itself serves profiles")
	}
}
