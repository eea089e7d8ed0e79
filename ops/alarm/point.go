package alarm

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Histogram counts values by size since the process started. Count[i] are the values up to Upper[i], those of smaller bounds included; the
// last bound is infinite. The zero value has no values.
type Histogram struct {
	Upper []float64
	Count []uint64
}

// Point is what was measured at one moment. Counters start with the process.
type Point struct {
	At time.Time
	Up time.Duration // since the start of the process, by a clock that nobody can set

	Requests, FailedRequests, ServerErrors  float64
	Overflows, GapFetches, Deliveries       float64
	CommitFailures, SignInFailures          float64
	MailsFailed                             float64
	Requested, Delivered, Synced            Histogram // how long it took, in seconds
	Ready                                   bool
	FollowerLag                             time.Duration // of the one that is furthest behind
	DiskFree, DiskSize                      float64       // bytes; a size of 0 is not known
	Starts                                  []time.Time   // of the program, the latest last
	Backup, Shipped, CertificateEnds        time.Time     // of the last whole backup, of what was shipped last, of ours; zero: there is none
	Probed, ProbeWorks, MailUsed, ShipsUsed bool          // what there is to look at
	FailingWays                             int           // ways of telling that fail
}

const (
	fine     = 10 * time.Minute // how long all points are kept
	coarse   = time.Minute      // distance of older ones
	keepOver = 6*time.Hour + coarse
)

// window are the points of the last hours, the latest last.
type window []Point

// add appends a point, and drops those that no rule needs any more.
func (w window) add(p Point) window {
	w = append(w, p)
	var kept time.Duration
	first := true
	return slices.DeleteFunc(w, func(q Point) bool {
		age := p.Up - q.Up
		if age <= fine {
			return false
		}
		if age > keepOver || !first && q.Up-kept < coarse {
			return true
		}
		first, kept = false, q.Up
		return false
	})
}

// last is the latest point. There must be one.
func (w window) last() Point { return w[len(w)-1] }

// over gives the first and the last point of a time up to now. ok is false while there is only one.
func (w window) over(d time.Duration) (from, to Point, ok bool) {
	if len(w) < 2 {
		return from, to, false
	}
	to = w.last()
	i, _ := slices.BinarySearchFunc(w, to.Up-d, func(p Point, up time.Duration) int { return cmp.Compare(p.Up, up) })
	if i == len(w)-1 { // the point before is older: it is the only one to compare with
		i--
	}
	return w[i], to, true
}

// increase is by how much a counter has grown in a time up to now.
func (w window) increase(d time.Duration, of func(Point) float64) (float64, bool) {
	from, to, ok := w.over(d)
	return of(to) - of(from), ok
}

// share is what part of a counter's increase another counter has; 0 while the whole has grown by no more than least.
func (w window) share(d time.Duration, part, whole func(Point) float64, least float64) (float64, bool) {
	all, ok := w.increase(d, whole)
	some, _ := w.increase(d, part)
	if all <= least || all <= 0 {
		return 0, ok
	}
	return some / all, ok
}

// quantile estimates below which value the share q of those in a time up to now was, as Prometheus's histogram_quantile does; 0 without
// values.
func (w window) quantile(q float64, d time.Duration, of func(Point) Histogram) (float64, bool) {
	from, to, ok := w.over(d)
	if !ok {
		return 0, false
	}
	before, now := of(from), of(to)
	count := func(i int) float64 {
		if i < len(before.Count) {
			return float64(now.Count[i] - before.Count[i])
		}
		return float64(now.Count[i])
	}
	last := len(now.Count) - 1
	if last < 0 || count(last) == 0 {
		return 0, true
	}
	rank := q * count(last)
	i := 0
	for count(i) < rank {
		i++
	}
	if math.IsInf(now.Upper[i], 1) {
		return now.Upper[max(0, i-1)], true
	}
	low, below := 0.0, 0.0
	if i > 0 {
		low, below = now.Upper[i-1], count(i-1)
	}
	return low + (now.Upper[i]-low)*(rank-below)/(count(i)-below), true
}

// trend fits a line through the values of a time up to now, by least squares. It gives the slope in units a second, and the value now by
// that line. ok is false while the points span less than least.
func (w window) trend(d, least time.Duration, of func(Point) float64) (slope, now float64, ok bool) {
	from, to, ok := w.over(d)
	if !ok || to.Up-from.Up < least {
		return 0, 0, false
	}
	var n, sx, sy, sxx, sxy float64
	for _, p := range w {
		if p.Up < from.Up {
			continue
		}
		x, y := (p.Up - to.Up).Seconds(), of(p)
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	slope = (n*sxy - sx*sy) / (n*sxx - sx*sx)
	return slope, (sy - slope*sx) / n, true
}

// jump is by how much the clock was moved at most between two points of a time up to now.
func (w window) jump(d time.Duration) (most time.Duration, ok bool) {
	for i := len(w) - 1; i > 0 && w.last().Up-w[i].Up <= d; i-- {
		moved := w[i].At.Sub(w[i-1].At) - (w[i].Up - w[i-1].Up)
		most, ok = max(most, moved.Abs()), true
	}
	return most, ok
}
