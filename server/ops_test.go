package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/world"
	opshistory "github.com/canteen-chat/canteen/ops/history"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// watched is a server whose time and samples a test controls.
type watched struct {
	*world.World
	t      *testing.T
	ticks  chan time.Time
	mu     sync.Mutex
	now    time.Time
	config func(*server.Config)
}

// watch starts a server at a time, with the data of dir if that is not "".
func watch(t *testing.T, at time.Time, dir string, config func(*server.Config)) *watched {
	t.Helper()
	w := &watched{t: t, ticks: make(chan time.Time), now: at, config: config}
	w.World = world.OpenWith(t, world.Options{Dir: dir, NoRates: true, Empty: dir != "", Configure: func(c *server.Config) {
		c.Samples = w.ticks
		c.Clock = chat.Clock(func() time.Time {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.now
		})
		if config != nil {
			config(c)
		}
	}})
	return w
}

// sample lets 10 s pass and takes a sample, n times.
func (w *watched) sample(n int) {
	for range n {
		w.pass(10 * time.Second)
		w.ticks <- w.now
		w.ticks <- w.now // received when the first is recorded; the second tells of no time
	}
}

func (w *watched) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// asked reads an answer as JSON.
func asked[T any](w *watched, handle, path string) (out T) {
	w.t.Helper()
	status, body := w.Raw(handle, http.MethodGet, "/api/v1"+path, "")
	if status != http.StatusOK {
		w.t.Fatalf("%s: %d %s", path, status, body)
	}
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// TestLimitsOfSeries: what the description of the API states is what the history answers.
func TestLimitsOfSeries(t *testing.T) {
	if wire.MaxSeriesValues != opshistory.MaxPoints {
		t.Errorf("%d and %d", wire.MaxSeriesValues, opshistory.MaxPoints)
	}
}

// monday is the beginning of a week.
var monday = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// TestSeries: what people do is in the series, also after a restart, with a gap in between.
func TestSeries(t *testing.T) {
	w := watch(t, monday, "", nil)
	room := w.General()
	w.sample(1)
	w.Post("mira", room, 1)
	w.Post("mira", room, 2)
	w.sample(1)
	w.Stop()
	again := watch(t, w.now.Add(20*time.Second), w.Dir, nil)
	again.Token = w.Token
	again.sample(1)
	got := asked[wire.OpsSeries](again, "ada", "/ops/series?name=posts,ready&from="+monday.Format(time.RFC3339)+"&step=10")
	if len(got.Series) != 2 || got.Series[0].Name != "posts" || got.Series[0].Unit != "per_second" || got.Series[1].Unit != "share" {
		t.Fatalf("%+v", got)
	}
	want := []string{"0", "0.2", "null", "null", "0"} // who was added by the command line posted nothing
	for i, v := range got.Series[0].Values {
		b := world.Must[[]byte](t)(json.Marshal(v))
		if s := strings.TrimRight(string(b[:min(len(b), 4)]), "0"); s != strings.TrimRight(want[i], "0") {
			t.Errorf("value %d is %s, want %s", i, b, want[i])
		}
	}
	if len(got.Series[0].Values) != len(want) || got.Step != 10 || !got.From.Equal(monday) || !got.To.Equal(again.now) {
		t.Errorf("%+v", got)
	}
	hour := asked[wire.OpsSeries](again, "ada", "/ops/series?name=posts")
	if n := len(hour.Series[0].Values); hour.Step != 10 || n != 360 {
		t.Errorf("without a time: %d values in steps of %d s", n, hour.Step)
	}
}

// TestOps: what runs, what is stored, who is there, the slowest routes and the jobs.
func TestOps(t *testing.T) {
	shipped := func() (backup.Place, error) { return backup.OpenDirectory(filepath.Join(t.TempDir(), "shipped")) }
	w := watch(t, monday.Add(time.Hour), "", func(c *server.Config) { c.Ship = shipped })
	live := w.Live("jonas")
	w.Post("mira", w.General(), 1)
	world.UpTo(t, live, "message", "")
	w.sample(1)
	got := asked[wire.Ops](w, "ada", "/ops")
	began := monday.Add(time.Hour)
	if got.Home != "server" || got.Healthy == nil || !*got.Healthy || !got.Since.Equal(began) || !got.StartedAt.Equal(began) {
		t.Errorf("%+v", got)
	}
	if got.Version.Server == "" || !strings.HasPrefix(got.Version.Go, "go") || got.Version.Schema < 27 {
		t.Errorf("versions: %+v", got.Version)
	}
	if s := got.Storage; s.Database <= 0 || s.WAL <= 0 || s.Free <= 0 || s.Size < s.Free || s.History <= 0 || s.FullAt != nil {
		t.Errorf("storage: %+v", s)
	}
	if p := got.People; p.Online != 1 || p.Sockets != 1 || p.All == nil {
		t.Errorf("people: %+v", p)
	}
	routes, jobs := map[string]int64{}, map[string]bool{}
	for _, r := range got.Slowest {
		routes[r.Method+" "+r.Route] = r.Count
	}
	for _, j := range got.Jobs {
		jobs[j.Name] = true
	}
	delete(jobs, "files")
	if routes["POST /api/v1/rooms/{room}/messages"] != 1 || !jobs["alerts"] || !jobs["ship"] || !jobs["backup"] || len(jobs) != 3 {
		t.Errorf("routes %v, jobs %v", routes, jobs)
	}
	if info := world.Must[os.FileInfo](t)(os.Stat(filepath.Join(w.Dir, "history.ring"))); info.Mode().Perm() != 0o600 {
		t.Errorf("the history can be read by others: %v", info.Mode())
	}
}

// TestFailuresAreShown: an answer with 500 is among the last errors with its request id, and the server is not healthy for a while.
func TestFailuresAreShown(t *testing.T) {
	w := watch(t, monday, "", func(c *server.Config) { c.AlarmsEvery = 10 * time.Millisecond })
	path := "/api/v1/rooms/" + w.General() + "/messages?limit=1"
	w.sample(1)
	var r world.Response
	world.Break(t, w.Dir, func() { r = w.Send("GET", path, "", http.Header{"Authorization": {"Bearer " + w.Token["mira"]}}) })
	var p wire.Problem
	if err := json.Unmarshal([]byte(r.Body), &p); err != nil || r.StatusCode != 500 {
		t.Fatalf("%d %s", r.StatusCode, r.Body)
	}
	w.pass(time.Second) // an alarm is decided once at a time
	var got wire.Ops
	world.Eventually(t, "the server is not healthy", func() bool {
		got = asked[wire.Ops](w, "ada", "/ops")
		return !*got.Healthy
	})
	if len(got.Errors) != 1 || !got.Since.Equal(w.now) {
		t.Fatalf("after an error: %+v", got)
	}
	if e := got.Errors[0]; e.Route != "/api/v1/rooms/{room}/messages" || e.Method != "GET" || e.Status != 500 || e.Request != p.RequestID {
		t.Errorf("the error is %+v, the answer was %+v", e, p)
	}
	world.Eventually(t, "the server is healthy again", func() bool {
		w.pass(time.Minute)
		got = asked[wire.Ops](w, "ada", "/ops")
		return *got.Healthy
	})
	if !got.Since.After(monday.Add(time.Minute)) || len(got.Errors) != 1 {
		t.Errorf("later: %+v", got)
	}
}

// TestAdoption: how many people, messages and rooms there were, by week, from what was recorded.
func TestAdoption(t *testing.T) {
	w := watch(t, monday, "", nil)
	room := w.General()
	w.SignIn("mira")
	for i := range 5 {
		m := w.Post("mira", room, 10+i)
		world.Must[wire.Message](t)(w.As("jonas").React(context.Background(), room, m.Seq, "🍲", true))
	}
	w.sample(6)
	w.pass(8 * 24 * time.Hour)
	w.sample(1)
	w.Post("mira", room, 20)
	w.sample(1)
	got := asked[wire.Ops](w, "ada", "/ops").Adoption
	if got.Messages != 1 || got.Reactions != 0 || len(got.Weeks) != 1 {
		t.Fatalf("%+v", got)
	}
	if first := got.Weeks[0]; first.Messages != 5 || first.Reactions != 5 || !first.From.Equal(monday) {
		t.Errorf("the first week: %+v", first)
	}
}
