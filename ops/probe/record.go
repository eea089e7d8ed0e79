package probe

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// MaxDays is how many days a Record keeps.
const MaxDays = 90

// Day is how a day (UTC) went, counted in probes. Down are those that were due while the server did not run.
type Day struct {
	Day    string `json:"day"` // such as 2026-11-30
	OK     int    `json:"ok"`
	Failed int    `json:"failed"`
	Down   int    `json:"down"`
}

// Report is what a Record knows.
type Report struct {
	Up      bool          // the last probe succeeded
	Since   time.Time     // since when that is so; zero: no probe has run
	Last    time.Time     // when the last probe ended
	Latency time.Duration // of the last probe that succeeded
	Result  Result        // of the last probe
	Days    []Day         // the oldest first; days without a probe that was due are missing
}

// Record keeps the results of probes in a file. It is safe for concurrent use.
type Record struct {
	path  string
	every time.Duration // the time between two probes

	mu      sync.Mutex
	kept    kept
	latency time.Duration
	result  Result
	saved   time.Time
}

// kept is the content of the file.
type kept struct {
	Up    bool      `json:"up"`
	Since time.Time `json:"since"`
	Last  time.Time `json:"last"`
	Days  []Day     `json:"days"`
}

const (
	saveEvery = time.Minute
	dayOf     = time.DateOnly
)

// Open reads the record in the file at path, for probes at an interval. With an error, the record begins anew: it is damaged or cannot be
// read.
func Open(path string, every time.Duration) (*Record, error) {
	r := &Record{path: path, every: every}
	b, err := os.ReadFile(path) // #nosec G304 -- in the data directory
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &r.kept)
	}
	if err != nil {
		r.kept = kept{}
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Pause tells the record in the file at path that no probes run, so that the time until the next one does not count as down.
func Pause(path string, now time.Time) error {
	r, err := Open(path, 0)
	if err != nil || r.kept.Last.IsZero() {
		return err
	}
	r.kept.Last = time.Time{}
	return r.save(now)
}

// Add adds the result of a probe that ended now. Probes that were due since the last one and did not run count as down. From time to time,
// and when the state is another one, Add writes the file; with an error, the next Add tries again.
func (r *Record) Add(now time.Time, result Result, took time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	up, changed := result == OK, false
	if missed := r.missed(now); missed > 0 || r.kept.Since.IsZero() || up != r.kept.Up {
		r.kept.Up, r.kept.Since, changed = up, now, true
	}
	day := r.day(now)
	if r.result = result; up {
		day.OK++
		r.latency = took
	} else {
		day.Failed++
	}
	r.kept.Last = now
	if !changed && now.Sub(r.saved) < saveEvery && !now.Before(r.saved) {
		return nil
	}
	return r.save(now)
}

// missed counts the probes that were due before now, each on its day, and says how many there are. Two intervals without one are no gap:
// a probe may end late. A clock that was set back makes no gap either.
func (r *Record) missed(now time.Time) (n int) {
	last := r.kept.Last
	if oldest := now.AddDate(0, 0, -MaxDays); last.Before(oldest) && !last.IsZero() {
		last = oldest
	}
	if last.IsZero() || now.Sub(last) <= 2*r.every {
		return 0
	}
	for at := last.Add(r.every); now.Sub(at) > r.every/2; at = at.Add(r.every) {
		r.day(at).Down++
		n++
	}
	return n
}

// day is the day of a time. It drops the oldest ones when there are too many. A clock that was set back adds to the last day.
func (r *Record) day(at time.Time) *Day {
	name := at.UTC().Format(dayOf)
	if n := len(r.kept.Days); n == 0 || r.kept.Days[n-1].Day < name {
		r.kept.Days = append(r.kept.Days, Day{Day: name})
	}
	oldest := at.UTC().AddDate(0, 0, 1-MaxDays).Format(dayOf)
	for r.kept.Days[0].Day < oldest && len(r.kept.Days) > 1 {
		r.kept.Days = r.kept.Days[1:]
	}
	return &r.kept.Days[len(r.kept.Days)-1]
}

// Report is what the record knows.
func (r *Record) Report() Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Report{r.kept.Up, r.kept.Since, r.kept.Last, r.latency, r.result, append([]Day(nil), r.kept.Days...)}
}

// Save writes the file.
func (r *Record) Save(now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.save(now)
}

// save writes another file and gives it the name, so that a crash leaves one of both. The caller holds the lock.
func (r *Record) save(now time.Time) (err error) {
	b, err := json.Marshal(r.kept)
	if err != nil {
		return err
	}
	next := r.path + ".new"
	f, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // #nosec G304 -- in the data directory
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(next, r.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next))
	}
	r.saved = now
	return nil
}
