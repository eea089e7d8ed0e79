package server

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/ops/probe"
)

// lockedLog is a log that many goroutines write and a test reads.
type lockedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *lockedLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// probing starts a server that tries itself often. change changes its configuration.
func probing(t *testing.T, log *lockedLog, change func(*Config)) *Server {
	t.Helper()
	cfg := Config{
		Addr: "127.0.0.1:0", Data: filepath.Join(t.TempDir(), "data"), RateLimits: true, Probe: true, ProbeEvery: 200 * time.Millisecond,
		Disk: func() (free, total uint64, err error) { return 50 << 30, 100 << 30, nil },
	}
	if change != nil {
		change(&cfg)
	}
	s, err := Start(t.Context(), cfg, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	stop := sync.OnceFunc(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return s
}

// await waits for a report of the probes.
func await(t *testing.T, s *Server, what string, is func(probe.Report) bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		r, on := s.Uptime()
		if on && is(r) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %+v", what, r)
		}
	}
}

func up(r probe.Report) bool   { return r.Up && r.Result == probe.OK }
func down(r probe.Report) bool { return !r.Up && r.Result == probe.Post }

// TestSelfProbe: probes notice a writer that is stuck, a disk that is full and a database that cannot be written, and that all is well
// again. The log says both once.
func TestSelfProbe(t *testing.T) {
	log := &lockedLog{}
	s := probing(t, log, nil)
	s.data.space.stop() // the test says what is full
	await(t, s, "a server that works", up)
	said := func(step string) {
		t.Helper()
		now, err := s.ops.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a := now.Availability
		if a == nil || a.Latency == nil {
			t.Fatalf("administrators are told %+v", a)
		}
		good, failed := 0, 0
		for _, d := range a.Days { // two around midnight
			good, failed = good+d.OK, failed+d.Failed
		}
		if a.Up != (step == "ok") || a.Step != step || a.Last.Before(a.Since.Time) || *a.Latency > 5 || good == 0 || (failed > 0) == a.Up {
			t.Errorf("administrators are told %+v, with a latency of %g s", a, *a.Latency)
		}
	}
	said("ok")

	c, err := sqlite.OpenConn(filepath.Join(s.data.dir, databaseFile), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(sqlitex.ExecuteTransient(c, "BEGIN IMMEDIATE", nil)) // the writer waits for it
	await(t, s, "a writer that is stuck", down)
	said("post")
	must(sqlitex.ExecuteTransient(c, "ROLLBACK", nil))
	await(t, s, "a writer that goes on", up)

	s.data.space.full.Store(true)
	await(t, s, "a disk that is full", down)
	s.data.space.full.Store(false)
	await(t, s, "a disk with room", up)

	logged := log.String()
	if n := strings.Count(logged, "the server cannot be used, as its probe sees it"); n != 2 {
		t.Errorf("the log says %d times that something is wrong:\n%s", n, logged)
	}
	if n := strings.Count(logged, "the server can be used again"); n != 2 {
		t.Errorf("the log says %d times that all is well:\n%s", n, logged)
	}
}

// TestProbesAreNobody: they add no user, room, message, file or socket, no request and no delivery to what is counted, and nothing to
// what is shipped.
func TestProbesAreNobody(t *testing.T) {
	log, ship := &lockedLog{}, t.TempDir()
	s := probing(t, log, func(c *Config) {
		c.Ship = func() (backup.Place, error) { return backup.OpenDirectory(ship) }
	})
	await(t, s, "a server that works", up)
	time.Sleep(2 * time.Second) // shipping has settled
	before, shipped := counted(t, s), bytesIn(t, ship)
	first, _ := s.Uptime()
	await(t, s, "ten more probes", func(r probe.Report) bool { return ok(r) >= ok(first)+10 })
	time.Sleep(1500 * time.Millisecond) // and ships every second
	for name, now := range counted(t, s) {
		if now != before[name] {
			t.Errorf("%s was %v and is %v", name, before[name], now)
		}
	}
	if now := bytesIn(t, ship); now != shipped {
		t.Errorf("%d bytes were shipped, and now %d", shipped, now)
	}
	if sockets, users := s.data.hub.Open(); sockets != 0 || users != 0 {
		t.Errorf("%d sockets of %d users", sockets, users)
	}
}

func ok(r probe.Report) (n int) {
	for _, d := range r.Days {
		n += d.OK
	}
	return n
}

// counted are the metrics and the rows that probes must leave alone.
func counted(t *testing.T, s *Server) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	samples, err := s.data.meter.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range samples {
		for _, prefix := range []string{"canteen_http_", "canteen_sockets", "canteen_people", "canteen_deliver", "canteen_posts",
			"canteen_socket_"} {
			if strings.HasPrefix(one.Name, prefix) {
				out[one.Key()] = one.Value + float64(one.Count)
			}
		}
	}
	c, err := sqlite.OpenConn(filepath.Join(s.data.dir, databaseFile), sqlite.OpenReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, table := range []string{"user", "room", "member", "message"} {
		err := sqlitex.ExecuteTransient(c, "SELECT count(*) FROM "+table, &sqlitex.ExecOptions{ResultFunc: func(r *sqlite.Stmt) error {
			out[table] = r.ColumnFloat(0)
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(out) < 12 {
		t.Fatalf("only %v", out)
	}
	return out
}

func bytesIn(t *testing.T, dir string) (n int64) {
	t.Helper()
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestStrangersCannotProbe: without the secret of the process there is no such address, no event and no socket. With it, a socket only
// listens.
func TestStrangersCannotProbe(t *testing.T) {
	s := probing(t, &lockedLog{}, nil)
	for _, value := range []string{"", "secret", "." + strings.Repeat("A", 26), strings.Repeat("A", 26) + "." + strings.Repeat("A", 26)} {
		for path, want := range map[string]int{"/probe": http.StatusMethodNotAllowed, "/ws": http.StatusUnauthorized} {
			method := map[string]string{"/probe": http.MethodPost, "/ws": http.MethodGet}[path]
			req, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.Listens()+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-Canteen-Probe", value)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if err := resp.Body.Close(); err != nil || resp.StatusCode != want {
				t.Errorf("%s with %q: %d, want %d (%v)", path, value, resp.StatusCode, want, err)
			}
		}
	}
}

// TestProbesThatAreOff: there are none, and the time until they are on again is not down.
func TestProbesThatAreOff(t *testing.T) {
	dir, ahead, began := filepath.Join(t.TempDir(), "data"), time.Duration(0), time.Now()
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) // no hour of the test is in another day
	now := func() time.Time { return noon.Add(ahead + time.Since(began)) }
	run := func(on bool, wait func(*Server)) {
		t.Helper()
		s, err := Start(context.Background(), Config{
			Addr: "127.0.0.1:0", Data: dir, Probe: on, ProbeEvery: 200 * time.Millisecond, Clock: now,
		}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		wait(s)
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}
	run(true, func(s *Server) { await(t, s, "a server that works", up) })
	run(false, func(s *Server) {
		if _, on := s.Uptime(); on {
			t.Error("a server probes although that is off")
		}
	})
	ahead = time.Hour
	run(true, func(s *Server) {
		first, _ := s.Uptime()
		await(t, s, "another probe", func(r probe.Report) bool { return ok(r) > ok(first) })
		if r, _ := s.Uptime(); r.Days[len(r.Days)-1].Down != 0 {
			t.Errorf("%+v", r.Days)
		}
	})
	ahead = 2 * time.Hour
	run(true, func(s *Server) {
		first, _ := s.Uptime()
		await(t, s, "another probe", func(r probe.Report) bool { return ok(r) > ok(first) })
		if r, _ := s.Uptime(); r.Days[len(r.Days)-1].Down < 15_000 {
			t.Errorf("an hour without a server: %+v", r.Days)
		}
	})
}
