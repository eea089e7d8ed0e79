package alarm

import (
	"math"
	"testing"
	"time"
)

// noon is when the series of the tests begin.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const every = 10 * time.Second

// healthy is a point of a server that nothing is wrong with.
func healthy(up time.Duration) Point {
	return Point{At: noon.Add(up), Up: up, Ready: true, DiskFree: 50e9, DiskSize: 100e9, Starts: []time.Time{noon}}
}

// play gives a Watch the points of a healthy server, each changed by change, and calls after behind each.
func play(w *Watch, from, lasts time.Duration, change func(up time.Duration, p *Point), after func()) {
	for up := from; up <= from+lasts; up += every {
		p := healthy(up)
		if change != nil {
			change(up, &p)
		}
		w.Look(p)
		if after != nil {
			after()
		}
	}
}

// took is a histogram of durations: fast ones, and slow ones up to a bound.
func took(fast, slow uint64, bound float64) Histogram {
	return Histogram{Upper: []float64{0.01, bound / 2, bound, math.Inf(1)}, Count: []uint64{fast, fast, fast + slow, fast + slow}}
}

// n is a counter that grows by each in every step.
func n(up time.Duration, each float64) float64 { return each * float64(up/every) }

// step is 1 from a moment on.
func step(up, from time.Duration) float64 { return one(up >= from) }

type row struct {
	rule, what string
	on         bool
	lasts      time.Duration
	change     func(up time.Duration, p *Point)
}

func requestRows() []row {
	return []row{
		{"server-errors", "one answer with 5xx", true, time.Minute, func(up time.Duration, p *Point) {
			p.ServerErrors = step(up, 30*time.Second)
		}},
		{"server-errors", "the first answer of all", true, 10 * time.Second, func(up time.Duration, p *Point) {
			p.ServerErrors = step(up, 10*time.Second)
		}},
		{"server-errors", "errors before the program began to look", false, time.Hour, func(_ time.Duration, p *Point) { p.ServerErrors = 7 }},
		{"server-errors", "answers with 4xx", false, time.Hour, func(up time.Duration, p *Point) { p.Requests = n(up, 100) }},
		{"error-rate", "2 %", true, 10 * time.Minute, func(up time.Duration, p *Point) { p.Requests, p.FailedRequests = n(up, 100), n(up, 2) }},
		{"error-rate", "1 %", false, time.Hour, func(up time.Duration, p *Point) { p.Requests, p.FailedRequests = n(up, 100), n(up, 1) }},
		{"error-rate", "all of 20 requests in 5 minutes", false, time.Hour, func(up time.Duration, p *Point) {
			p.Requests, p.FailedRequests = 20*step(up, time.Minute), 20*step(up, time.Minute)
		}},
		{"error-rate", "all of 21 requests in 5 minutes", true, time.Hour, func(up time.Duration, p *Point) {
			p.Requests, p.FailedRequests = 21*step(up, time.Minute), 21*step(up, time.Minute)
		}},
		{"error-budget", "1.5 %", true, time.Hour, func(up time.Duration, p *Point) { p.Requests, p.FailedRequests = n(up, 200), n(up, 3) }},
		{"error-budget", "1.4 %", false, 2 * time.Hour, func(up time.Duration, p *Point) {
			p.Requests, p.FailedRequests = n(up, 1000), n(up, 14)
		}},
		{"error-budget", "many, but long ago", false, time.Hour, func(up time.Duration, p *Point) {
			p.FailedRequests = 50 * step(up, every)
			p.Requests = p.FailedRequests + n(max(0, up-7*time.Minute), 1)
		}},
		{"error-budget", "all of 100 requests in an hour", false, 55 * time.Minute, func(up time.Duration, p *Point) {
			p.Requests, p.FailedRequests = 100*step(up, time.Minute), 100*step(up, time.Minute)
		}},
		{"slow", "2 % above 2 s", true, 15 * time.Minute, func(up time.Duration, p *Point) {
			p.Requested = took(uint64(n(up, 98)), uint64(n(up, 2)), 4)
		}},
		{"slow", "2 % below 1.5 s", false, time.Hour, func(up time.Duration, p *Point) {
			p.Requested = took(uint64(n(up, 98)), uint64(n(up, 2)), 1.5)
		}},
		{"slow", "2 % above 2 s, for a moment", false, time.Hour, func(up time.Duration, p *Point) {
			p.Requested = took(uint64(n(up, 1000)), uint64(20*step(up, every)), 4)
		}},
		{"slow", "nobody asks", false, time.Hour, nil},
		{"sign-in-failures", "51 in 5 minutes", true, 6 * time.Minute, func(up time.Duration, p *Point) {
			p.SignInFailures = 51 * step(up, time.Minute)
		}},
		{"sign-in-failures", "50 in 5 minutes", false, time.Hour, func(up time.Duration, p *Point) {
			p.SignInFailures = 50 * step(up, time.Minute)
		}},
	}
}

func deliveryRows() []row {
	return []row{
		{"delivery-slow", "2 % above a second", true, 15 * time.Minute, func(up time.Duration, p *Point) {
			p.Delivered = took(uint64(n(up, 98)), uint64(n(up, 2)), 4)
		}},
		{"delivery-slow", "2 % up to a second", false, time.Hour, func(up time.Duration, p *Point) {
			p.Delivered = took(uint64(n(up, 98)), uint64(n(up, 2)), 1)
		}},
		{"queue-overflow", "one", true, time.Minute, func(up time.Duration, p *Point) { p.Overflows = step(up, 30*time.Second) }},
		{"queue-overflow", "none", false, time.Hour, nil},
		{"gap-fetches", "3 % of the events", true, time.Hour, func(up time.Duration, p *Point) {
			p.Deliveries, p.GapFetches = n(up, 100), n(up, 3)
		}},
		{"gap-fetches", "2 % of the events", false, 2 * time.Hour, func(up time.Duration, p *Point) {
			p.Deliveries, p.GapFetches = n(up, 100), n(up, 2)
		}},
		{"gap-fetches", "100 fetches, and no events", false, 2 * time.Hour, func(up time.Duration, p *Point) {
			p.GapFetches = 100 * step(up, time.Minute)
		}},
		{"gap-fetches", "101 fetches, and no events", true, 2 * time.Hour, func(up time.Duration, p *Point) {
			p.GapFetches = 101 * step(up, time.Minute)
		}},
		{"gap-fetches", "many for 9 minutes", false, 9 * time.Minute, func(up time.Duration, p *Point) { p.GapFetches = n(up, 200) }},
		{"mail-fails", "one", true, time.Minute, func(up time.Duration, p *Point) {
			p.MailUsed, p.MailsFailed = true, step(up, 30*time.Second)
		}},
		{"mail-fails", "none", false, time.Hour, func(_ time.Duration, p *Point) { p.MailUsed = true }},
		{"delivery-fails", "a way", true, 2 * time.Minute, func(_ time.Duration, p *Point) { p.FailingWays = 1 }},
		{"delivery-fails", "a way, for less than a minute", false, 50 * time.Second, func(_ time.Duration, p *Point) { p.FailingWays = 1 }},
	}
}

func storeRows() []row {
	return []row{
		{"not-ready", "for a minute", true, time.Minute, func(_ time.Duration, p *Point) { p.Ready = false }},
		{"not-ready", "for 50 seconds", false, time.Hour, func(up time.Duration, p *Point) { p.Ready = up >= time.Minute }},
		{"probe", "for half a minute", true, 30 * time.Second, func(_ time.Duration, p *Point) { p.Probed = true }},
		{"probe", "for 20 seconds", false, time.Hour, func(up time.Duration, p *Point) { p.Probed, p.ProbeWorks = true, up >= 30*time.Second }},
		{"probe", "turned off", false, time.Hour, nil},
		{"commits-fail", "one", true, time.Minute, func(up time.Duration, p *Point) { p.CommitFailures = step(up, 30*time.Second) }},
		{"commits-fail", "none", false, time.Hour, nil},
		{"disk-slow", "2 % above half a second", true, 15 * time.Minute, func(up time.Duration, p *Point) {
			p.Synced = took(uint64(n(up, 98)), uint64(n(up, 2)), 2)
		}},
		{"disk-slow", "2 % up to half a second", false, time.Hour, func(up time.Duration, p *Point) {
			p.Synced = took(uint64(n(up, 98)), uint64(n(up, 2)), 0.5)
		}},
		{"follower-behind", "61 s", true, 2 * time.Minute, func(_ time.Duration, p *Point) { p.FollowerLag = 61 * time.Second }},
		{"follower-behind", "60 s", false, time.Hour, func(_ time.Duration, p *Point) { p.FollowerLag = time.Minute }},
		{"backup-old", "a day and a minute", true, time.Minute, func(_ time.Duration, p *Point) { p.Backup = noon.Add(-24 * time.Hour) }},
		{"backup-old", "a day", false, 0, func(_ time.Duration, p *Point) { p.Backup = noon.Add(-24 * time.Hour) }},
		{"backup-old", "old, but changes are shipped", false, time.Hour, func(_ time.Duration, p *Point) {
			p.Backup, p.Shipped, p.ShipsUsed = noon.Add(-48*time.Hour), p.At, true
		}},
		{"backup-old", "none was ever made", false, 48 * time.Hour, nil},
		{"shipping", "for 11 minutes", true, 11 * time.Minute, func(_ time.Duration, p *Point) { p.Shipped, p.ShipsUsed = noon, true }},
		{"shipping", "for 10 minutes", false, 10 * time.Minute, func(_ time.Duration, p *Point) { p.Shipped, p.ShipsUsed = noon, true }},
		{"shipping", "it is off", false, time.Hour, nil},
	}
}

func machineRows() []row {
	const gig = 1e9
	return []row{
		{"disk-low", "9.9 %", true, time.Minute, func(_ time.Duration, p *Point) { p.DiskFree = 9.9 * gig }},
		{"disk-low", "10 %", false, time.Hour, func(_ time.Duration, p *Point) { p.DiskFree = 10 * gig }},
		{"disk-low", "the size is not known", false, time.Hour, func(_ time.Duration, p *Point) { p.DiskFree, p.DiskSize = 0, 0 }},
		{"disk-fills", "in 6 days", true, 3 * time.Hour, func(up time.Duration, p *Point) {
			p.DiskFree = 40*gig - 40*gig*float64(up)/float64(6*24*time.Hour)
		}},
		{"disk-fills", "in 7 days and more", false, 6 * time.Hour, func(up time.Duration, p *Point) {
			p.DiskFree = 40*gig - 40*gig*float64(up)/float64(8*24*time.Hour)
		}},
		{"disk-fills", "in 6 days, but half of it is left", false, time.Hour + 50*time.Minute, func(up time.Duration, p *Point) {
			p.DiskFree = 60*gig - 60*gig*float64(up)/float64(6*24*time.Hour)
		}},
		{"disk-fills", "fast, but only for 10 minutes", false, 6 * time.Hour, func(up time.Duration, p *Point) {
			p.DiskFree = 40*gig - gig*min(up, 10*time.Minute).Minutes()/10
			if up >= 20*time.Minute {
				p.DiskFree = 40 * gig // a large upload was deleted
			}
		}},
		{"restarts", "3 starts in 15 minutes", true, 0, func(_ time.Duration, p *Point) {
			p.Starts = []time.Time{noon.Add(-15 * time.Minute), noon.Add(-time.Minute), noon}
		}},
		{"restarts", "2 starts, and one before", false, time.Hour, func(_ time.Duration, p *Point) {
			p.Starts = []time.Time{noon.Add(-15*time.Minute - time.Second), noon.Add(-time.Minute), noon}
		}},
		{"restarts", "3 starts by a clock that was a day ahead", false, time.Hour, func(_ time.Duration, p *Point) {
			p.Starts = []time.Time{noon.Add(24 * time.Hour), noon.Add(25 * time.Hour), noon.Add(26 * time.Hour), noon}
		}},
		{"certificate", "13.9 days", true, 0, func(_ time.Duration, p *Point) { p.CertificateEnds = noon.Add(14*24*time.Hour - 3*time.Hour) }},
		{"certificate", "14 days", false, 0, func(_ time.Duration, p *Point) { p.CertificateEnds = noon.Add(14 * 24 * time.Hour) }},
		{"certificate", "there is none", false, time.Hour, nil},
		{"clock", "6 s forward", true, time.Minute, func(up time.Duration, p *Point) {
			p.At = p.At.Add(time.Duration(step(up, every)) * 6 * time.Second)
		}},
		{"clock", "6 s back", true, time.Minute, func(up time.Duration, p *Point) {
			p.At = p.At.Add(time.Duration(step(up, every)) * -6 * time.Second)
		}},
		{"clock", "5 s", false, time.Hour, func(up time.Duration, p *Point) {
			p.At = p.At.Add(time.Duration(step(up, every)) * 5 * time.Second)
		}},
		{"clock", "1 ms a point, for ever", false, 6 * time.Hour, func(up time.Duration, p *Point) {
			p.At = p.At.Add(time.Duration(up/every) * time.Millisecond)
		}},
	}
}

// TestRules: for each rule there are series with which it must fire, and series with which it must not, close to its limits.
func TestRules(t *testing.T) {
	seen := map[string]map[bool]bool{}
	var rows []row
	for _, more := range [][]row{requestRows(), deliveryRows(), storeRows(), machineRows()} {
		rows = append(rows, more...)
	}
	for _, r := range rows {
		if seen[r.rule] == nil {
			seen[r.rule] = map[bool]bool{}
		}
		seen[r.rule][r.on] = true
		var kept Kept
		if r.rule == "restarts" {
			var p Point
			r.change(0, &p)
			kept.Starts = p.Starts
		}
		w, on := New(kept), false
		play(w, 0, r.lasts, r.change, func() {
			for _, s := range w.Statuses() {
				on = on || s.Name == r.rule && s.State == On
			}
		})
		if on != r.on {
			t.Errorf("%s, %s: alarm %v, want %v", r.rule, r.what, on, r.on)
		}
	}
	for _, r := range Rules() {
		if !seen[r.Name][true] || !seen[r.Name][false] {
			t.Errorf("%s: there must be series with which it fires, and such with which it does not", r.Name)
		}
	}
}

// TestNoData: what cannot be measured is neither well nor an alarm.
func TestNoData(t *testing.T) {
	w := New(Kept{})
	play(w, 0, 0, nil, nil)
	want := map[string]State{
		"server-errors": NoData, "slow": NoData, "not-ready": OK, "disk-low": OK, "disk-fills": NoData, "backup-old": NoData,
		"shipping": NoData, "certificate": NoData, "probe": NoData, "mail-fails": NoData, "clock": NoData, "restarts": OK,
	}
	check := func() {
		t.Helper()
		for _, s := range w.Statuses() {
			if state, listed := want[s.Name]; listed && s.State != state {
				t.Errorf("%s: %s, want %s", s.Name, s.State, state)
			}
		}
	}
	check()
	play(w, every, 50*time.Minute, nil, nil)
	want["server-errors"], want["slow"], want["clock"] = OK, OK, OK
	check()
	play(w, 51*time.Minute, time.Hour, nil, nil)
	want["disk-fills"] = OK
	check()
}

// TestPointsAreBounded: a year of points takes no more room than six hours.
func TestPointsAreBounded(t *testing.T) {
	w := New(Kept{})
	play(w, 0, 24*time.Hour, nil, nil)
	if n := len(w.points); n < 400 || n > 440 {
		t.Errorf("%d points are kept", n)
	}
}
