package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	driver "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// killedAt runs the program and kills it after a while. ended says that it ended by itself before, without an error; another error is said.
func killedAt(t *testing.T, after time.Duration, program string, args ...string) (ended bool, text string) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(program, args...) // #nosec G204 -- what the test built
	cmd.Stdout, cmd.Stderr = &out, &out
	made(t, cmd.Start())
	kill := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	kill.Stop()
	return err == nil, out.String()
}

// moments are the times after which a program is killed: close together at first. No program takes as long as the last.
func moments(yield func(time.Duration) bool) {
	for after := 2 * time.Millisecond; after < 2*time.Minute; after += time.Millisecond + after/6 {
		if !yield(after) {
			return
		}
	}
}

// TestRestoreIsKilled: `canteen restore` is killed again and again in one directory, each time a little later. It leaves nothing that is
// taken for a whole data directory, until it ends: then all is there.
func TestRestoreIsKilled(t *testing.T) {
	program, dir := world.Program(t), t.TempDir()
	place := filepath.Join(dir, "shipped")
	w := world.OpenWith(t, world.Options{NoRates: true, Configure: func(c *server.Config) {
		c.Ship = func() (backup.Place, error) { return backup.OpenDirectory(place) }
	}})
	for n := range 30 {
		sayWithFile(t, w.As("mira"), w.General(), n)
	}
	archive := filepath.Join(dir, "backup.tar")
	if code, text := said(t, "backup", archive, "--data", w.Dir); code != 0 {
		t.Fatal(text)
	}
	w.Stop() // ships what is left
	for what, from := range map[string]string{"backup": archive, "shipped": place} {
		data, kills := filepath.Join(dir, "from-"+what), 0
		for after := range moments {
			ended, text := killedAt(t, after, program, "restore", from, "--data", data)
			_, marked := os.Lstat(filepath.Join(data, backup.Marker))
			_, found := os.Lstat(filepath.Join(data, "canteen.db"))
			if ended || found == nil && marked != nil { // somebody could serve it
				break
			}
			if text != "" {
				t.Fatalf("%s, %d kills: %s", what, kills, text)
			}
			code, text := said(t, "check", "--addr", "127.0.0.1:0", "--data", data)
			if marked == nil && (code != 1 || !strings.Contains(text, "run the same canteen restore")) {
				t.Errorf("%s is taken for whole: exit %d, %s", what, code, text)
			}
			kills++
		}
		if n := messages(t, data); n != 30 || kills < 5 {
			t.Errorf("%s: %d messages after %d kills", what, n, kills)
		}
		again := world.OpenWith(t, world.Options{Dir: data, Empty: true})
		files := world.Must[wire.RoomFiles](t)(client.New(again.URL, w.Token["mira"]).RoomFiles(t.Context(), general(t, w, again), "", 0)).Files
		for _, f := range files {
			var body bytes.Buffer
			made(t, client.New(again.URL, w.Token["mira"]).Download(t.Context(), f.File.ID, &body))
		}
		if len(files) == 0 {
			t.Error("there are no files")
		}
		t.Logf("%s: %d kills", what, kills)
	}
}

// TestBackupIsKilled: `canteen backup` is killed again and again, each time a little later. There is no file of the name until all of it is
// there, and the server goes on making backups.
func TestBackupIsKilled(t *testing.T) {
	program, w, dir := world.Program(t), world.OpenFast(t), t.TempDir()
	for n := range 30 {
		sayWithFile(t, w.As("mira"), w.General(), n)
	}
	file, kills := filepath.Join(dir, "backup.tar"), 0
	for after := range moments {
		ended, text := killedAt(t, after, program, "backup", file, "--data", w.Dir)
		if _, err := os.Lstat(file); ended || err == nil {
			break
		}
		if text != "" && !strings.Contains(text, "another backup of this workspace is being made") {
			t.Fatalf("%d kills: %s", kills, text)
		}
		kills++
	}
	if code, text := said(t, "verify", file); code != 0 || kills < 5 {
		t.Errorf("after %d kills: exit %d, %s", kills, code, text)
	}
	t.Logf("%d kills", kills)
}

func sayWithFile(t *testing.T, c *client.Client, room string, n int) wire.Message {
	t.Helper()
	body := bytes.Repeat([]byte{byte(n)}, 40_000)
	f := world.Must[wire.File](t)(c.UploadFile(t.Context(), fmt.Sprint(n, ".bin"), "", bytes.NewReader(body), int64(len(body))))
	in := wire.PostMessage{ClientID: world.UUID(n), Text: "soup", Files: []string{f.ID}}
	return world.Must[wire.Message](t)(c.Post(t.Context(), room, in))
}

// messages is the number of messages in a data directory that nobody serves.
func messages(t *testing.T, dir string) (n int) {
	t.Helper()
	c := world.Must[*driver.Conn](t)(driver.OpenConn(filepath.Join(dir, "canteen.db"), driver.OpenReadWrite))
	made(t, sqlitex.ExecuteTransient(c, "SELECT count(*) FROM message", &sqlitex.ExecOptions{ResultFunc: func(s *driver.Stmt) error {
		n = s.ColumnInt(0)
		return nil
	}}), c.Close())
	return n
}

// killer passes requests on to a bucket, and kills a server at one of them.
type killer struct {
	to   http.Handler
	mu   sync.Mutex
	at   *regexp.Regexp // method, path and query of the request; nil: none any more
	late bool           // after the bucket has done what is asked, instead of before
	kill func()
	last time.Time // see completed
	hit  chan struct{}
}

func (k *killer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began, what := time.Now(), r.Method+" "+r.URL.RequestURI()
	k.mu.Lock()
	hit, late := k.at != nil && k.at.MatchString(what), k.late
	if hit {
		k.at = nil
	}
	k.mu.Unlock()
	if !hit || late {
		k.to.ServeHTTP(w, r)
		if r.Method == http.MethodPut && completes.MatchString(what) {
			k.mu.Lock()
			k.last = began
			k.mu.Unlock()
		}
	}
	if hit {
		k.kill()
		close(k.hit)
	}
}

// arm makes it kill at the next request that matches. The channel is closed when it has.
func (k *killer) arm(step string, late bool, kill func()) <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at, k.late, k.kill, k.hit = regexp.MustCompile("^"+step), late, kill, make(chan struct{})
	return k.hit
}

// completed is when the last request began that completed what can be restored.
func (k *killer) completed() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.last
}

// completes is what is in the last request of a generation, and of each segment after the first.
var completes = regexp.MustCompile(`generation\.json|[^1]\.segment`)

// acked are messages that a server has acknowledged, with the time.
type acked struct {
	mu  sync.Mutex
	n   int
	all []time.Time // of the messages from 1 on
}

// post posts until the server no longer answers; every third message has a file. Then the channel is closed.
func (a *acked) post(c *client.Client) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		rooms, err := c.Rooms(context.Background())
		for err == nil {
			if err = a.one(c, rooms[0].ID); err == nil {
				time.Sleep(5 * time.Millisecond)
			}
		}
	}()
	return done
}

func (a *acked) one(c *client.Client, room string) error {
	a.n++
	ctx, in := context.Background(), wire.PostMessage{ClientID: world.UUID(a.n), Text: fmt.Sprint("message ", a.n)}
	if a.n%3 == 0 {
		f, err := c.UploadFile(ctx, "a.bin", "", strings.NewReader(in.Text), int64(len(in.Text)))
		if err != nil {
			return err
		}
		in.Files = []string{f.ID}
	}
	m, err := c.Post(ctx, room, in)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for int64(len(a.all)) < m.Seq { // one without an answer may have been stored before
		a.all = append(a.all, time.Now())
	}
	return nil
}

// before is how many messages were acknowledged before a moment.
func (a *acked) before(t time.Time) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	for n, at := range a.all {
		if !at.Before(t) {
			return n
		}
	}
	return len(a.all)
}

// TestServerIsKilledWhileItShips: a server is killed at each kind of request to the bucket that it ships to. What is there is restored,
// with all that was acknowledged a second before; and the server starts again and goes on.
func TestServerIsKilledWhileItShips(t *testing.T) {
	program, place := world.Program(t), bucket(t)
	endpoint := world.Must[*url.URL](t)(url.Parse(os.Getenv("AWS_ENDPOINT_URL")))
	k := &killer{to: httputil.NewSingleHostReverseProxy(endpoint)}
	server := httptest.NewServer(k)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	token, a, addr := world.FirstRun(t, program, data), &acked{}, world.Address(t)
	for n, c := range []struct {
		step string
		late bool
	}{
		{"PUT .*canteen.db", false}, {"PUT .*01.segment", true}, {"PUT .*generation.json", true}, {"PUT .*generation.json", false},
		{"DELETE .*generation.json", false}, {"POST .*delete", false}, {"POST .*delete", true}, {"PUT .*.bodies", false},
		{"PUT .*.bodies", true}, {"PUT .*[^1].segment", false}, {"PUT .*[^1].segment", true}, {"PUT .*/files/", true},
	} {
		t.Setenv("AWS_ENDPOINT_URL", server.URL)
		started := make(chan world.Process, 1)
		hit := k.arm(c.step, c.late, func() { (<-started).Kill(t) })
		p := world.Serve(t, program, data, addr, "--ship", place)
		started <- p
		posted := a.post(client.New(p.URL, token))
		select {
		case <-hit:
		case <-time.After(30 * time.Second):
			t.Fatalf("there is no request %q", c.step)
		}
		<-posted
		t.Setenv("AWS_ENDPOINT_URL", endpoint.String())
		last := k.completed()
		if last.IsZero() {
			continue // nothing is whole yet
		}
		restored := filepath.Join(dir, fmt.Sprint(n))
		if code, text := said(t, "restore", place, "--data", restored); code != 0 {
			t.Errorf("%s, late %v: exit %d, %s", c.step, c.late, code, text)
		} else if got, least := messages(t, restored), a.before(last.Add(-time.Second)); got < least {
			t.Errorf("%s, late %v: %d messages are restored, want %d", c.step, c.late, got, least)
		}
	}
	if code, text := said(t, "verify", place); code != 0 {
		t.Errorf("exit %d, %s", code, text)
	}
	t.Logf("%d messages were acknowledged", len(a.all))
}
