package metrics_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/ops/catalogue"
	"github.com/canteen-chat/canteen/ops/metrics"
)

func snapshot(t *testing.T, m *metrics.Meter) map[string]metrics.Sample {
	t.Helper()
	all, err := m.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]metrics.Sample{}
	for _, s := range all {
		out[s.Key()] = s
	}
	return out
}

// TestCatalogue: names follow Prometheus's conventions, each is there once, and each has a help text that is a sentence.
func TestCatalogue(t *testing.T) {
	name, seen := regexp.MustCompile(`^canteen(_[a-z]+)+$`), map[string]bool{}
	for _, d := range catalogue.All() {
		suffix := strings.HasSuffix(d.Name, "_total")
		unit := strings.TrimSuffix(d.Name, "_total")
		switch {
		case seen[d.Name]:
			t.Errorf("%s is there twice", d.Name)
		case !name.MatchString(d.Name):
			t.Errorf("%s is no name", d.Name)
		case suffix != (d.Kind == catalogue.Counter):
			t.Errorf("%s: counters, and nothing else, end with _total", d.Name)
		case d.Unit != catalogue.Count && !strings.HasSuffix(unit, "_"+string(d.Unit)):
			t.Errorf("%s does not name its unit, %s", d.Name, d.Unit)
		case d.Unit == catalogue.Count && (strings.Contains(unit, "_seconds") || strings.Contains(unit, "_bytes")):
			t.Errorf("%s names a unit that it does not have", d.Name)
		case (d.Kind == catalogue.Histogram) != (len(d.Buckets) > 0) || !slices.IsSorted(d.Buckets):
			t.Errorf("%s has the buckets %v", d.Name, d.Buckets)
		case d.By == "" || !strings.HasSuffix(d.Help, "."):
			t.Errorf("%s has no help, or nobody who reports it", d.Name)
		}
		seen[d.Name] = true
	}
	if len(seen) < 30 {
		t.Errorf("the catalogue has only %d metrics", len(seen))
	}
}

// TestSeriesStartAtZero: counters and histograms without labels are there before anything happens, so that a rate is 0 and not unknown.
func TestSeriesStartAtZero(t *testing.T) {
	got := snapshot(t, metrics.New())
	for _, d := range catalogue.All() {
		if s, ok := got[d.Name]; d.Kind != catalogue.Gauge && len(d.Labels) == 0 &&
			(!ok || s.Value != 0 || s.Count != 0 || s.Kind != d.Kind) {
			t.Errorf("%s is %+v, there %v", d.Name, s, ok)
		}
	}
	for _, name := range []string{"go_goroutines", "process_start_time_seconds"} {
		if got[name].Value == 0 {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestRequestsAreCounted(t *testing.T) {
	m := metrics.New()
	for range 3 {
		m.Began()
	}
	m.Answered("GET /api/v1/rooms/{room}/changes", "GET", 200, 30*time.Millisecond)
	m.Answered("POST /api/v1/session", "POST", 401, time.Second)
	m.Refused("/ws", "GET", 429)
	m.Refused("/ws", "GET", 503)
	m.Refused("/ws", "GET", 500)
	m.Began()
	m.Answered("GET /api/v1/me", "GET", 503, time.Second)
	got := snapshot(t, m)
	for key, want := range map[string]float64{
		`canteen_http_requests_total{method="GET",route="/api/v1/rooms/{room}/changes",status="2xx"}`: 1,
		`canteen_http_requests_total{method="POST",route="/api/v1/session",status="4xx"}`:             1,
		`canteen_http_requests_total{method="GET",route="/ws",status="4xx"}`:                          1,
		`canteen_rate_limited_total{route="/ws"}`:                                                     1,
		// The 503 of a socket says that the server restarts.
		`canteen_http_server_errors_total`: 2,
		`canteen_gap_fetches_total`:        1,
		`canteen_sign_in_failures_total`:   1,
		`canteen_http_requests_in_flight`:  1,
	} {
		if s, ok := got[key]; !ok || s.Value != want {
			t.Errorf("%s is %v, there %v; want %v", key, s.Value, ok, want)
		}
	}
	h := got[`canteen_http_request_duration_seconds{method="GET",route="/api/v1/rooms/{room}/changes"}`]
	at := slices.IndexFunc(h.Buckets, func(b metrics.Bucket) bool { return b.Count > 0 })
	if h.Count != 1 || h.Sum != 0.03 || at < 0 || h.Buckets[at].Upper != 0.05 {
		t.Errorf("the duration is %+v", h)
	}
}

// TestLabelsAreBounded: what a client invents makes no series of its own.
func TestLabelsAreBounded(t *testing.T) {
	m := metrics.New()
	s := m.Sockets()
	record := func(i int) {
		m.Began()
		m.Answered("", fmt.Sprintf("INVENTED%d", i), 400+i, time.Millisecond)
		m.Refused("/ws", fmt.Sprintf("INVENTED%d", i), 429)
		s.Closed(4100 + i)
		s.Command(fmt.Sprint("invented", i))
		s.Overflowed(fmt.Sprint("invented", i))
	}
	for _, i := range []int{0, 100, 1000} { // statuses of all classes that record has
		record(i)
	}
	before := len(snapshot(t, m))
	for i := range 1000 {
		record(1000 + i)
	}
	if after := len(snapshot(t, m)); after != before {
		t.Errorf("%d series became %d", before, after)
	}
}

// TestHandler: the answer is what Prometheus reads, and is made at most once a second.
func TestHandler(t *testing.T) {
	m, now := metrics.New(), time.Unix(1000, 0)
	read := 0
	m.Gauge(catalogue.StoreQueue, func() float64 { read++; return 7 })
	h := m.Handler(func() time.Time { return now }, slog.New(slog.DiscardHandler))
	ask := func() string {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		if w.Code != 200 {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		return w.Body.String()
	}
	text := ask()
	for _, line := range []string{"# TYPE canteen_store_queue_commands gauge", "canteen_store_queue_commands 7", "canteen_posts_total 0"} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %q in:\n%s", line, text)
		}
	}
	now = now.Add(999 * time.Millisecond)
	if ask(); read != 1 {
		t.Errorf("read %d times within a second", read)
	}
	now = now.Add(time.Millisecond)
	if ask(); read != 2 {
		t.Errorf("read %d times in more than a second", read)
	}
}

func BenchmarkRecord(b *testing.B) {
	m := metrics.New()
	s, delay := m.Sockets(), m.Histogram(catalogue.SyncDuration)
	posts := m.Counter(catalogue.Posts)
	for name, f := range map[string]func(){
		"counter":   posts.Inc,
		"histogram": func() { delay.Observe(0.0034) },
		"delivered": func() { s.Delivered(1000) },
		"written":   func() { s.Written(time.Millisecond) },
		"command":   func() { s.Command("ping") },
		"request":   func() { m.Began(); m.Answered("GET /api/v1/rooms/{room}", "GET", 200, time.Millisecond) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
}
