package history

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/ops/catalogue"
	"github.com/canteen-chat/canteen/ops/metrics"
)

// start is a full hour.
var start = time.Date(2026, 11, 30, 14, 0, 0, 0, time.UTC)

// machine is a process that is measured, on a clock of its own.
type machine struct {
	t    testing.TB
	path string
	now  time.Time
	file *File

	meter    *metrics.Meter
	recorder *Recorder
	sockets  float64
	each     int
	log      strings.Builder
}

func newMachine(t testing.TB, at time.Time) *machine {
	t.Helper()
	m := &machine{t: t, path: filepath.Join(t.TempDir(), "history.ring"), now: at}
	m.begin()
	t.Cleanup(func() { m.must(m.file.Close()) })
	return m
}

func (m *machine) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// begin starts a process. The one before was killed: its file is not closed.
func (m *machine) begin() {
	m.t.Helper()
	var err error
	log := slog.New(slog.NewTextHandler(&m.log, nil))
	m.file, err = Open(m.path, func() time.Time { return m.now }, log)
	m.must(err)
	m.meter = metrics.New()
	m.meter.Gauge(catalogue.Sockets, func() float64 { return m.sockets })
	m.recorder = NewRecorder(Options{
		File: m.file, Read: m.meter.Snapshot, Clock: func() time.Time { return m.now }, Started: m.now, Log: log,
		Each: func(time.Time, []metrics.Sample) { m.each++ },
	})
}

// tick records n samples, and does something before each.
func (m *machine) tick(n int, do func()) {
	for range n {
		do()
		m.now = m.now.Add(Finest)
		m.recorder.Record()
	}
}

func (m *machine) post() { m.meter.Counter(catalogue.Posts).Inc() }

func (m *machine) answer(method string, took time.Duration) {
	m.meter.Began()
	m.meter.Answered("/api/v1/me", method, 200, took)
}

// values are those of a series from a time on.
func (m *machine) values(name string, from time.Time, step time.Duration) []float64 {
	m.t.Helper()
	a, err := m.file.Query(Query{Names: []string{name}, From: from, To: m.now, Step: step})
	m.must(err)
	if !a.From.Equal(from) || a.Step != step {
		m.t.Fatalf("%s from %v in steps of %v, want %v and %v", name, a.From, a.Step, from, step)
	}
	return a.Series[0].Values
}

// near says whether two values are the same, as far as a file keeps them.
func near(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-5*max(1, math.Abs(b))
}

func (m *machine) want(what string, got []float64, want ...float64) {
	m.t.Helper()
	if len(got) != len(want) {
		m.t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range got {
		if !near(got[i], want[i]) {
			m.t.Errorf("%s: %v, want %v", what, got, want)
			return
		}
	}
}

// TestWhatIsKept: counters are kept as rates, gauges as they are, and percentiles follow from the buckets.
func TestWhatIsKept(t *testing.T) {
	m := newMachine(t, start)
	m.sockets = 3
	m.tick(2, func() {
		m.post()
		for range 99 {
			m.answer("GET", 3*time.Millisecond)
		}
		m.answer("GET", 400*time.Millisecond)
		m.answer("PUT", 8*time.Second) // a part of a file, which is no latency
	})
	m.sockets = 5
	m.tick(1, func() {})
	m.want("posts", m.values("posts", start, Finest), 0.1, 0.1, 0)
	m.want("sockets", m.values("sockets", start, Finest), 3, 3, 5)
	m.want("requests", m.values("requests", start, Finest), 10.1, 10.1, 0)
	m.want("half are within 2.5 to 5 ms", m.values("latency_p50", start, Finest), 0.0025+0.0025*50/99, 0.0025+0.0025*50/99, math.NaN())
	m.want("95 % are within 5 ms", m.values("latency_p95", start, Finest), 0.0025+0.0025*95/99, 0.0025+0.0025*95/99, math.NaN())
	m.want("in the minute", m.values("sockets", start, time.Minute), 11.0/3)
	m.want("in the minute", m.values("posts", start, time.Minute), 2.0/30)
	m.want("in the hour", m.values("latency_p95", start, time.Hour), 0.0025+0.0025*95/99)
	m.want("what nobody reports", m.values("people_online", start, Finest), math.NaN(), math.NaN(), math.NaN())
	if m.each != 3 {
		t.Errorf("%d samples were told of, want 3", m.each)
	}
	_, err := m.file.Query(Query{Names: []string{"posts", "nonsense"}, From: start, To: m.now})
	if err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("of an unknown series: %v", err)
	}
}

// TestGaps: while nobody measures, nothing is known, in all tiers. What a killed process wrote is there, and the first rate of the next one
// is of its own time alone. The sum of all rates is what happened.
func TestGaps(t *testing.T) {
	m := newMachine(t, start.Add(7*time.Second))
	posts := 0
	post := func() { m.post(); posts++ }
	for range 3 {
		post()
	}
	m.now = start.Add(10 * time.Second)
	m.recorder.Record()
	m.want("3 posts in 3 seconds", m.values("posts", start, Finest), 1)
	m.tick(5, post)
	m.now = start.Add(3 * time.Minute)
	m.begin()
	m.tick(6, post)
	nan := math.NaN()
	m.want("in steps of a minute", m.values("posts", start, time.Minute), (3.0+5)/53, nan, nan, 0.1)
	for i, v := range m.values("posts", start, Finest) {
		if known := i < 6 || i >= 18; math.IsNaN(v) == known {
			t.Errorf("slot %d is %v", i, v)
		}
	}
	p, err := m.file.Periods("posts", start, 1, 2)
	m.must(err)
	if p[0].Times() != int64(posts) || p[0].Covered.Round(time.Second) != 113*time.Second || p[1].Covered != 0 || !math.IsNaN(p[1].Mean) {
		t.Errorf("%d posts, the periods are %+v", posts, p)
	}
}

// TestDamage: a slot that is torn is a gap, and so is what is left of an older round of the ring. The rest stays.
func TestDamage(t *testing.T) {
	m := newMachine(t, start)
	m.tick(3, m.post)
	torn := bytes.Repeat([]byte{0, 0, 128, 63}, len(m.file.Columns)/2) // ones, in place of what follows the first number
	_, err := m.file.file.WriteAt(torn, m.file.place(0, start.Add(Finest).Unix())+12)
	m.must(err)
	m.want("with a torn slot", m.values("posts", start, Finest), 0.1, math.NaN(), 0.1)
	m.now = m.now.Add(24*time.Hour + Finest)
	m.recorder.Record()
	for i, v := range m.values("posts", start.Add(24*time.Hour), Finest) {
		if known := i == 3; math.IsNaN(v) == known {
			t.Errorf("a day later slot %d is %v", i, v)
		}
	}
	m.must(os.Truncate(m.path, m.file.place(0, start.Unix())+10))
	m.want("of a file that was cut off", m.values("sockets", start.Add(24*time.Hour), time.Hour), math.NaN())
}

// TestBrokenHeader: a file that cannot be read is set aside, and the history begins anew.
func TestBrokenHeader(t *testing.T) {
	for what, damage := range map[string]func(f *os.File) error{
		"another byte": func(f *os.File) error { _, err := f.WriteAt([]byte("X"), 60); return err },
		"empty":        func(f *os.File) error { return f.Truncate(0) },
	} {
		m := newMachine(t, start)
		m.tick(1, m.post)
		m.must(damage(m.file.file))
		m.begin()
		m.tick(1, m.post)
		m.want(what, m.values("posts", start, Finest), math.NaN(), 0.1)
		if _, err := os.Stat(m.path + suffix); err != nil || !strings.Contains(m.log.String(), "begins anew") {
			t.Errorf("%s: %v, the log says %q", what, err, m.log.String())
		}
	}
}

// TestAnotherTable: when the table of series is another one, what both have stays.
func TestAnotherTable(t *testing.T) {
	path, now := filepath.Join(t.TempDir(), "history.ring"), func() time.Time { return start.Add(time.Minute) }
	old, err := create(path, header{Tiers: tiers()[1:], Columns: []string{covered, "gone", "posts"}}, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, path: path, now: now()}
	m.must(old.write(0, start.Unix(), []float64{1, 7, 0.5}))
	m.must(old.write(1, start.Unix(), []float64{1, 7, 0.25}))
	m.begin()
	m.want("posts of the minute", m.values("posts", start, time.Minute), 0.5)
	m.want("posts of the hour", m.values("posts", start, time.Hour), 0.25)
	m.want("what was not there", m.values("sockets", start, time.Minute), math.NaN())
	left, err := filepath.Glob(path + ".*")
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left (%v)", left, err)
	}
	m.must(m.file.Close())
	m.begin()
	m.want("after the next start", m.values("posts", start, time.Minute), 0.5)
}

// TestFileOfAnEarlierRelease: a file that the release before wrote goes on, with what it has in all tiers and with the new series.
// testdata/before-probes.ring.bz2 was written by that release: 90 minutes from start on, with one post and one request of 3 ms in each 10 s
// and three sockets.
func TestFileOfAnEarlierRelease(t *testing.T) {
	packed, err := os.Open("testdata/before-probes.ring.bz2")
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, path: filepath.Join(t.TempDir(), "history.ring"), now: start.Add(90 * time.Minute), sockets: 3}
	old, err := io.ReadAll(bzip2.NewReader(packed))
	m.must(errors.Join(err, packed.Close(), os.WriteFile(m.path, old, 0o600)))
	m.begin()
	m.meter.Gauge(catalogue.ProbeUp, func() float64 { return 1 })
	reports := m.meter.Histogram(catalogue.BrowserFirstRender)
	m.tick(60, func() { reports.Observe(0.4); m.post() })
	for name, value := range map[string]float64{"posts": 0.1, "sockets": 3, "requests": 0.1, "latency_p50": 0.00375} {
		for i, v := range m.values(name, start, time.Minute) {
			want := value
			if i >= 90 && name == "requests" {
				want = 0
			} else if i >= 90 && name == "latency_p50" {
				want = math.NaN()
			}
			if !near(v, want) {
				t.Fatalf("%s in minute %d: %v, want %v", name, i, v, want)
			}
		}
		m.want(name+" of the first hour", m.values(name, start, time.Hour)[:1], value)
	}
	for name, value := range map[string]float64{"probe_up": 1, "first_render_p50": 0.375} {
		for i, v := range m.values(name, start, 10*time.Minute) {
			if want := value; i < 9 && !math.IsNaN(v) || i >= 9 && !near(v, want) {
				t.Errorf("%s in step %d: %v", name, i, v)
			}
		}
	}
	if m.log.Len() > 0 {
		t.Errorf("the log says %s", m.log.String())
	}
}

// TestPlan: which tier answers, and in which steps.
func TestPlan(t *testing.T) {
	m := newMachine(t, start)
	const s, h, d = time.Second, time.Hour, 24 * time.Hour
	for _, c := range []struct {
		back, step time.Duration
		tier       int
		want       time.Duration
	}{
		{h, 0, 0, 10 * s}, {h, 10 * s, 0, 10 * s}, {h, 15 * s, 0, 20 * s}, {h, s, 0, 10 * s}, {h, 60 * s, 1, 60 * s}, {h, 2 * h, 2, 2 * h},
		{4 * h, 0, 0, 10 * s}, {5 * h, 0, 0, 20 * s}, {d, 0, 1, 60 * s}, {2 * d, 10 * s, 1, 120 * s}, {30 * d, 0, 1, 30 * 60 * s},
		{30 * d, h, 2, h}, {31 * d, 0, 2, h}, {365 * d, 0, 2, 6 * h}, {365 * d, d, 2, d}, {5000 * d, 0, 2, d},
	} {
		tier, _, step := m.file.plan(Query{From: start.Add(-c.back), To: start, Step: c.step})
		if got := time.Duration(step) * time.Second; tier != c.tier || got != c.want {
			t.Errorf("%v in steps of %v: tier %d in steps of %v, want %d and %v", c.back, c.step, tier, got, c.tier, c.want)
		}
	}
	for _, q := range []Query{
		{From: time.Unix(0, 0), To: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, {From: start.Add(1000 * h), To: start.Add(2000 * h)},
		{From: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), To: start}, {From: start, To: start.Add(-h)},
		{From: start.Add(-800 * d), To: start, Step: math.MaxInt64},
	} {
		q.Names = []string{"posts"}
		if a, err := m.file.Query(q); err != nil || len(a.Series[0].Values) > MaxPoints {
			t.Errorf("from %v to %v: %d values (%v)", q.From, q.To, len(a.Series[0].Values), err)
		}
	}
}

// TestClockSetBack: the time that passed is not known then, so that nothing is written. It goes on from there.
func TestClockSetBack(t *testing.T) {
	m := newMachine(t, start)
	m.tick(2, m.post)
	m.now = start.Add(-time.Minute)
	m.recorder.Record()
	m.tick(1, m.post)
	m.want("around the jump", m.values("posts", start.Add(-70*time.Second), Finest), math.NaN(), 0.1)
	m.now = start.Add(2 * Finest)
	m.want("later", m.values("posts", start, Finest), 0.1, 0.1)
}

// TestUntilNext: samples are taken at the end of a slot, and never two for one.
func TestUntilNext(t *testing.T) {
	for after, want := range map[time.Duration]time.Duration{
		0: 10 * time.Second, time.Second: 9 * time.Second, 5 * time.Second: 5 * time.Second, 6 * time.Second: 14 * time.Second,
		10*time.Second - 1: 10*time.Second + 1,
	} {
		if got := untilNext(start.Add(after)); got != want {
			t.Errorf("%v after the beginning of a slot: %v, want %v", after, got, want)
		}
	}
}

// TestFailuresAreSaidOnce: the log says when the history cannot be written, and when it is written again.
func TestFailuresAreSaidOnce(t *testing.T) {
	m := newMachine(t, start)
	whole := m.file
	broken, err := os.Open(m.path) // cannot be written
	m.must(err)
	m.recorder.o.File = &File{header: whole.header, file: broken, now: whole.now}
	m.tick(3, m.post)
	m.recorder.o.File = whole
	m.tick(2, m.post)
	m.must(broken.Close())
	if said := m.log.String(); strings.Count(said, "gaps") != 1 || strings.Count(said, "again") != 1 {
		t.Errorf("the log says %s", said)
	}
	nan := math.NaN()
	m.want("with gaps", m.values("posts", start, Finest), nan, nan, nan, 0.1, 0.1)
}

// TestQuantile: as Prometheus's histogram_quantile.
func TestQuantile(t *testing.T) {
	bounds := []float64{1, 2, 4}
	for _, c := range []struct {
		q      float64
		counts []float64
		want   float64
	}{
		{0.5, []float64{0, 0, 0, 0}, math.NaN()}, {0.5, []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}, math.NaN()},
		{0.5, []float64{4, 0, 0, 0}, 0.5}, {0.5, []float64{1, 2, 1, 0}, 1.5}, {0.99, []float64{0, 0, 100, 0}, 3.98},
		{0.99, []float64{1, 0, 0, 99}, 4}, {0.25, []float64{1, 0, 3, 0}, 1}, {0.5, []float64{0, 0, 0, 1}, 4},
	} {
		if got := Quantile(c.q, bounds, c.counts); !near(got, c.want) {
			t.Errorf("%v of %v is %v, want %v", c.q, c.counts, got, c.want)
		}
	}
}

// TestReachesZero: a straight line through what is known.
func TestReachesZero(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		values []float64
		want   time.Duration // 0: never
	}{
		{[]float64{100, 99, 98, 97, 96, 95}, 100 * time.Hour}, {[]float64{100, nan, 98, 97, nan, 95, 94, 93}, 100 * time.Hour},
		{[]float64{100, 99, 98, 97, 96}, 0}, {[]float64{95, 96, 97, 98, 99, 100}, 0}, {[]float64{5, 5, 5, 5, 5, 5}, 0},
		{[]float64{1e9, 1e9 - 1, 1e9 - 2, 1e9 - 3, 1e9 - 4, 1e9 - 5}, 0}, {nil, 0}, {[]float64{nan, nan, nan, nan, nan, nan, nan}, 0},
	} {
		at, ok := ReachesZero(c.values, start, time.Hour)
		if got := at.Sub(start); ok != (c.want > 0) || ok && (got-c.want).Abs() > time.Minute {
			t.Errorf("%v: %v after the first, %v, want %v", c.values, got, ok, c.want)
		}
	}
}

// TestSlowest: the slowest routes of the last hour, not of the hours before.
func TestSlowest(t *testing.T) {
	m := newMachine(t, start)
	var r Routes
	m.recorder.o.Each = r.Add
	answer := func(route string, took time.Duration) func() {
		return func() { m.meter.Began(); m.meter.Answered("GET "+route, "GET", 200, took) }
	}
	if got := r.Slowest(3); len(got) != 0 {
		t.Errorf("before the first sample: %v", got)
	}
	m.tick(1, answer("/old", 5*time.Second))
	if got := r.Slowest(3); len(got) != 1 || got[0].Route != "/old" || got[0].Count != 1 || got[0].P99 <= 2.5 {
		t.Errorf("after the first sample: %+v", got)
	}
	m.tick(420, answer("/slow", time.Second))
	m.tick(1, answer("/fast", time.Millisecond))
	got := r.Slowest(3)
	if len(got) != 2 || got[0].Route != "/slow" || got[0].Method != "GET" || got[0].Count < 330 || got[0].Count > 392 ||
		got[1].Route != "/fast" {
		t.Errorf("after 70 minutes: %+v", got)
	}
	if got := r.Slowest(1); len(got) != 1 || got[0].Route != "/slow" {
		t.Errorf("the slowest is %+v", got)
	}
}

// TestYear simulates a year, with a sample an hour and in the last 30 days every 10 minutes, so that each block of the ring is written. The
// file stays within its bound, and the year can be asked for.
func TestYear(t *testing.T) {
	m := newMachine(t, start)
	answers := 0.0
	m.recorder.o.Read = func() ([]metrics.Sample, error) {
		return []metrics.Sample{{Name: catalogue.Requests, Kind: catalogue.Counter, Value: answers}}, nil
	}
	for m.now.Before(start.Add(365 * 24 * time.Hour)) {
		step := time.Hour
		if m.now.After(start.Add(335 * 24 * time.Hour)) {
			step = 10 * time.Minute
		}
		answers += step.Minutes()
		m.now = m.now.Add(step)
		m.recorder.Record()
	}
	size, err := m.file.Bytes()
	m.must(err)
	t.Logf("%d bytes on the disk", size)
	slots := int64(0)
	for _, tier := range m.file.Tiers {
		slots += tier.Slots
	}
	if whole := headerSize + slots*m.file.slotSize(); whole > 39_000_000 || size > whole+1_000_000 || size < 15_000_000 {
		t.Errorf("%d bytes on the disk", size)
	}
	a, err := m.file.Query(Query{Names: []string{"requests"}, From: m.now.Add(-365 * 24 * time.Hour), To: m.now})
	m.must(err)
	for i, v := range a.Series[0].Values {
		if !near(v, 1.0/60) {
			t.Fatalf("value %d of %d is %v", i, len(a.Series[0].Values), v)
		}
	}
}

// TestCost: a sample of a server whose routes were all used takes at most a hundredth of the time until the next one.
func TestCost(t *testing.T) {
	m := newMachine(t, start)
	m.useRoutes()
	before := cpuTime(t)
	const samples = 100
	m.tick(samples, m.post)
	each := (cpuTime(t) - before) / samples
	t.Logf("a sample takes %v of a processor", each)
	if each > Finest/100 {
		t.Errorf("a sample takes %v of a processor", each)
	}
}

// cpuTime is how long this process has used processors.
func cpuTime(t *testing.T) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func (m *machine) useRoutes() {
	for i := range 120 {
		m.meter.Began()
		m.meter.Answered("/api/v1/route/"+string(rune('a'+i%26))+string(rune('a'+i/26)), "GET", 200, time.Millisecond)
	}
}

// BenchmarkRecord is what a server does every 10 s.
func BenchmarkRecord(b *testing.B) {
	m := newMachine(b, start)
	m.useRoutes()
	for b.Loop() {
		m.tick(1, m.post)
	}
}

// TestFill: a past that is filled in is in all tiers, as far back as each goes, and what is measured later follows it.
func TestFill(t *testing.T) {
	m := newMachine(t, start)
	began, now := start.Add(-40*24*time.Hour-30*time.Minute), start.Add(25*time.Minute)
	m.now = now
	m.must(m.file.Fill(began, now, func(name string, bucket int, from time.Time, took time.Duration) float64 {
		switch {
		case name == "posts":
			return float64(took/time.Second) / 10
		case name == "sockets":
			return float64(from.Unix() - began.Unix())
		case name == "latency" && bucket == 3: // 2.5 to 5 ms
			return 1
		}
		return 0
	}))
	since := func(at time.Time) float64 { return float64(at.Unix() - began.Unix()) }
	m.want("the last minute", m.values("sockets", now.Add(-time.Minute), Finest)[5:], since(now.Add(-Finest)))
	m.want("posts", m.values("posts", now.Add(-20*time.Second), Finest), 1, 1)
	m.want("minutes", m.values("posts", now.Add(-2*time.Minute), time.Minute), 6, 6)
	m.want("a percentile", m.values("latency_p50", now.Add(-Finest), Finest), 0.00375)
	hours := m.values("sockets", began.Truncate(time.Hour), time.Hour)
	m.want("the first hour, and the last one", []float64{hours[0], hours[len(hours)-1]}, 0, since(start))
	p, err := m.file.Periods("sockets", began.Add(-time.Hour), 60, 1)
	if m.must(err); p[0].Covered.Round(time.Minute) != now.Sub(began) {
		t.Errorf("%v are covered, want %v", p[0].Covered, now.Sub(began))
	}
	m.begin()
	m.sockets = 7
	m.tick(1, func() {})
	m.want("what was measured then", m.values("sockets", now.Add(-Finest), Finest), since(now.Add(-Finest)), 7)
}
