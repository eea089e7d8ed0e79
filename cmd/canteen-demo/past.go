package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/canteen-chat/canteen/ops/probe"
	"github.com/canteen-chat/canteen/server"
)

// past is what the server of the demo would have measured, had it run since the company began. Messages and reactions are counted as they
// are in the rooms; the rest is made up, with the hours of an office.
type past struct {
	began, now, away time.Time // away is when the server was down for awayFor
	posted, reacted  []time.Time
	people, rooms    float64
	database, files  float64 // bytes, now
	free, size       float64 // of the disk, now
	given, answered  float64 // feedback

	last span // the one that was asked for last
}

const (
	awayFor    = 3 * time.Minute
	probeEvery = 10 * time.Second
)

// remember writes the history and the record of probes, so that /ops has something to show.
func (t *town) remember(ctx context.Context, dir string, log *slog.Logger) error {
	p := &past{
		began: t.when.time(moment{days, opens}), now: t.when.now, away: t.when.time(moment{3, 5*time.Hour + 30*time.Minute}),
		posted: t.posted, reacted: t.reacted,
	}
	byTime := func(a, b time.Time) int { return a.Compare(b) }
	slices.SortFunc(p.posted, byTime)
	slices.SortFunc(p.reacted, byTime)
	a, err := t.store.Adoption(ctx, p.now.AddDate(0, 0, -7), p.now.AddDate(0, 0, -30))
	if err != nil {
		return err
	}
	p.people, p.rooms, p.given, p.answered = float64(a.People), float64(a.Rooms), float64(a.Feedback), float64(a.Answered)
	stored, err := t.store.FileBytes(ctx)
	if err != nil {
		return err
	}
	p.files, p.database = float64(stored), 6e6
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return err
	}
	block := float64(disk.Bsize)
	p.free, p.size = float64(disk.Bavail)*block, float64(disk.Blocks)*block
	if err := p.probes(filepath.Join(dir, server.UptimeFile)); err != nil {
		return err
	}
	h, err := server.OpenHistory(dir, time.Now, log)
	if err != nil {
		return err
	}
	if err = h.Fill(p.began, p.away, p.value); err == nil {
		err = h.Fill(p.away.Add(awayFor), p.now, p.value)
	}
	if closed := h.Close(); err == nil {
		err = closed
	}
	return err
}

// probes writes the record of the server's probes of itself. It is paused: until the demo is served, none is due.
func (p *past) probes(path string) error {
	midnight := func(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }
	kept := struct {
		Up    bool        `json:"up"`
		Since time.Time   `json:"since"`
		Last  time.Time   `json:"last"`
		Days  []probe.Day `json:"days"`
	}{Up: true, Since: p.away.Add(awayFor)}
	for day := midnight(p.began); day.Before(p.now); day = day.Add(24 * time.Hour) {
		from, to := day, day.Add(24*time.Hour)
		if from.Before(p.began) {
			from = p.began
		}
		if to.After(p.now) {
			to = p.now
		}
		d := probe.Day{Day: day.Format(time.DateOnly), OK: int(to.Sub(from) / probeEvery)}
		if midnight(p.away).Equal(day) {
			d.Down = int(awayFor / probeEvery)
			d.OK -= d.Down
		}
		kept.Days = append(kept.Days, d)
	}
	b, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}

// times is how many of the times, which are in order, are in a span.
func times(all []time.Time, from time.Time, took time.Duration) float64 {
	before := func(at time.Time) int {
		n, _ := slices.BinarySearchFunc(all, at, time.Time.Compare)
		return n
	}
	return float64(before(from.Add(took)) - before(from))
}

// busy is how much the people do at a time: 1 at the height of a working day.
func (p *past) busy(at time.Time) float64 {
	at = at.In(p.now.Location())
	hour := float64(at.Hour()) + float64(at.Minute())/60
	hump := func(middle, width float64) float64 { return math.Exp(-math.Pow((hour-middle)/width, 2)) }
	b := 0.03 + 0.8*hump(10.4, 1.9) + 0.75*hump(15, 2.2)
	if d := at.Weekday(); d == time.Saturday || d == time.Sunday {
		b = 0.03 + b/12
	}
	return min(b, 1)
}

// noise is between 0 and 1, and the same for the same time and seed.
func noise(at time.Time, seed uint64) float64 {
	x := uint64(at.Unix())*0x9e3779b97f4a7c15 + seed // #nosec G115 -- not negative
	x ^= x >> 29
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 32
	return float64(x>>11) / (1 << 53)
}

// span is what all series of a span of time depend on.
type span struct {
	from     time.Time
	took     time.Duration
	busy     float64
	noise    float64
	requests float64 // a second
	age      float64 // days
	share    float64 // how much of the company's time is over
}

func (p *past) span(from time.Time, took time.Duration) span {
	if p.last.from.Equal(from) && p.last.took == took {
		return p.last
	}
	at := from.Add(took / 2)
	busy, age := p.busy(at), p.now.Sub(at).Hours()/24
	p.last = span{
		from: from, took: took, busy: busy, noise: noise(from, 1), requests: 0.4 + 4*busy*(0.8+0.4*noise(from, 2)),
		age: age, share: 1 - age*24/p.now.Sub(p.began).Hours(),
	}
	return p.last
}

// value is that of a series, or of a bucket of a histogram, in a span.
func (p *past) value(name string, bucket int, from time.Time, took time.Duration) float64 {
	of := p.span(from, took)
	busy, n := of.busy, of.noise
	if bucket >= 0 {
		return bucketRate(name, bucket, of)
	}
	switch name {
	case "requests":
		return of.requests
	case "posts":
		return times(p.posted, from, took) / took.Seconds()
	case "reactions":
		return times(p.reacted, from, took) / took.Seconds()
	case "deliveries":
		return 12 * times(p.posted, from, took) / took.Seconds()
	case "commits":
		return 0.1 + 1.2*busy
	case "sockets", "people_online":
		return math.Round(2 + 20*busy + 2*noise(from.Truncate(10*time.Minute), 3))
	case "people":
		return p.people
	case "active_people":
		return math.Round(min(p.people-2, 8+p.people*of.share))
	case "rooms_alive":
		return math.Round(p.rooms * min(1, 0.4+of.share))
	case "feedback":
		return p.given
	case "feedback_answered":
		return p.answered
	case "ready", "probe_up":
		return 1
	case "browser_reports":
		return of.requests / 50
	case "reconnects":
		return of.requests / 2000
	case "database_bytes":
		return p.database * (0.1 + 0.9*of.share)
	case "files_bytes":
		return p.files * (0.05 + 0.95*of.share)
	case "wal_bytes":
		return 2e6 + 2e6*n
	case "disk_size":
		return p.size
	case "disk_free":
		return min(p.size, p.free+of.age*40e6)
	case "cpu":
		return 0.004 + 0.03*busy*(0.7+0.6*n)
	case "memory":
		return 46e6 + 18e6*busy + 3e6*n
	case "goroutines":
		return math.Round(70 + 60*busy)
	}
	return 0 // nothing of what is an exception
}

// bucketRate is how many of the values of a histogram are in one of its buckets, in a second.
func bucketRate(name string, bucket int, of span) float64 {
	var shape [8]float64 // below 0.5, 1, 2.5, 5, 10, 25, 50 and 100 ms
	often := of.requests
	switch name {
	case "latency":
		shape = [8]float64{0.04, 0.16, 0.38, 0.27, 0.10, 0.035, 0.011, 0.004}
	case "delivery":
		shape = [8]float64{0.10, 0.30, 0.38, 0.14, 0.04, 0.03, 0.008, 0.002}
	case "sync":
		shape = [8]float64{0, 0.15, 0.50, 0.24, 0.08, 0.025, 0.004, 0.001}
	case "probe":
		shape, often = [8]float64{0, 0, 0, 0.25, 0.55, 0.17, 0.03}, 1/probeEvery.Seconds()
	case "first_render": // of this and the next two, below 10, 25, 50, 100, 250 and 500 ms, 1 and 2.5 s
		shape, often = [8]float64{0, 0, 0, 0.05, 0.40, 0.38, 0.14, 0.03}, of.requests/100
	case "room_switch":
		shape, often = [8]float64{0.10, 0.35, 0.33, 0.15, 0.06, 0.01}, of.requests/20
	case "echo":
		shape, often = [8]float64{0.08, 0.42, 0.32, 0.13, 0.05}, of.requests/50
	}
	if bucket < 0 || bucket >= len(shape) {
		return 0
	}
	rate := shape[bucket] * often
	if bucket > 4 { // what is slow is slower while there is much to do
		rate *= 0.5 + 0.7*of.busy + 0.4*of.noise
	}
	return rate
}
