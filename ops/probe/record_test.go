package probe_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/ops/probe"
)

const every = 10 * time.Second

// noon is a time in the middle of a day.
func noon() time.Time { return time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC) }

func open(t *testing.T, path string) *probe.Record {
	t.Helper()
	r, err := probe.Open(path, every)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func add(t *testing.T, r *probe.Record, at time.Time, results ...probe.Result) time.Time {
	t.Helper()
	for _, one := range results {
		at = at.Add(every)
		if err := r.Add(at, one, 3*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	return at
}

// TestRecord: each result counts on its day, and the time since when the server is as it is begins when that changes.
func TestRecord(t *testing.T) {
	r := open(t, filepath.Join(t.TempDir(), "uptime.json"))
	if got := r.Report(); got.Up || !got.Since.IsZero() || len(got.Days) != 0 {
		t.Errorf("before the first probe: %+v", got)
	}
	midnight := noon().Add(12 * time.Hour)
	at := add(t, r, midnight.Add(-3*every), probe.OK, probe.OK, probe.Hear, probe.Post, probe.OK, probe.OK)
	want := []probe.Day{{Day: "2026-11-30", OK: 2}, {Day: "2026-12-01", OK: 2, Failed: 2}}
	got := r.Report()
	if !slices.Equal(got.Days, want) {
		t.Errorf("%+v, want %+v", got.Days, want)
	}
	if !got.Up || !got.Since.Equal(at.Add(-every)) || !got.Last.Equal(at) || got.Latency != 3*time.Millisecond || got.Result != probe.OK {
		t.Errorf("%+v", got)
	}
	at = add(t, r, at, probe.Connect)
	if got := r.Report(); got.Up || !got.Since.Equal(at) || got.Latency != 3*time.Millisecond || got.Result != probe.Connect {
		t.Errorf("after a failure: %+v", got)
	}
}

// TestTimeWithoutProbesIsDown: probes that were due while the server did not run count as down, each on its day, also after a kill. A
// restart within two intervals counts as none, and neither does a time for which probes were turned off.
func TestTimeWithoutProbesIsDown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "uptime.json")
	at := add(t, open(t, path), noon(), probe.OK) // the first result is saved at once
	r := open(t, path)
	at = add(t, r, at.Add(every), probe.OK) // 20 s after the last
	if got := r.Report(); got.Days[0] != (probe.Day{Day: "2026-11-30", OK: 2}) || !got.Since.Equal(noon().Add(every)) {
		t.Errorf("a quick restart: %+v", got)
	}
	if err := r.Save(at); err != nil {
		t.Fatal(err)
	}
	r = open(t, path)
	at = add(t, r, at.Add(time.Hour-every), probe.OK)
	if got := r.Report(); got.Days[0] != (probe.Day{Day: "2026-11-30", OK: 3, Down: 359}) || !got.Since.Equal(at) {
		t.Errorf("an hour without a server: %+v", got)
	}
	at = add(t, r, at.Add(24*time.Hour), probe.OK)
	if got := r.Report().Days; len(got) != 2 || got[0].Down+got[1].Down != 359+8640 || got[1].Down < 4500 {
		t.Errorf("a day without a server: %+v", got)
	}
	if err := probe.Pause(path, at); err != nil {
		t.Fatal(err)
	}
	r = open(t, path)
	add(t, r, at.Add(24*time.Hour), probe.OK)
	if got := r.Report().Days; len(got) != 3 || got[2] != (probe.Day{Day: got[2].Day, OK: 1}) {
		t.Errorf("a day without probes: %+v", got)
	}
	if err := probe.Pause(filepath.Join(t.TempDir(), "none"), at); err != nil {
		t.Errorf("a pause without a record: %v", err)
	}
}

// TestRecordIsBounded: it keeps 90 days in some kilobytes, whatever the clock does, and is written once a minute.
func TestRecordIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "uptime.json")
	r, at := open(t, path), noon()
	for range 100 {
		at = add(t, r, at.Add(24*time.Hour-every), probe.OK)
	}
	if n := len(r.Report().Days); n != probe.MaxDays {
		t.Errorf("%d days", n)
	}
	add(t, r, at.AddDate(5, 0, 0), probe.OK)
	add(t, r, at.AddDate(-1, 0, 0), probe.OK)
	got := r.Report().Days
	if n := len(got); n != probe.MaxDays || !slices.IsSortedFunc(got, func(a, b probe.Day) int { return strings.Compare(a.Day, b.Day) }) {
		t.Errorf("%d days after the clock went to and fro: %+v", n, got)
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 8<<10 || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	path = filepath.Join(t.TempDir(), "uptime.json")
	r, at = open(t, path), noon()
	writes, was := 0, time.Time{}
	for range 60 {
		at = add(t, r, at, probe.OK)
		if again := open(t, path).Report().Last; !again.Equal(was) {
			writes, was = writes+1, again
		}
	}
	if writes != 10 {
		t.Errorf("%d writes in ten minutes", writes)
	}
}

// TestDamagedRecord begins anew. One that cannot be written is tried again with the next result.
func TestDamagedRecord(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	path := filepath.Join(dir, "uptime.json")
	r := open(t, path)
	if err := r.Add(noon(), probe.OK, 0); err == nil {
		t.Error("a record without a directory was written")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	add(t, r, noon(), probe.OK)
	if got := open(t, path).Report().Days; len(got) != 1 || got[0].OK != 2 {
		t.Errorf("%+v", got)
	}
	if err := os.WriteFile(path, []byte(`{"days":[`), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := probe.Open(path, every)
	if err == nil {
		t.Error("a damaged file was read")
	}
	add(t, r, noon(), probe.OK)
	if got := open(t, path).Report().Days; len(got) != 1 || got[0].OK != 1 {
		t.Errorf("%+v", got)
	}
}
