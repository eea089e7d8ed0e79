package server

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/ops/catalogue"
	"github.com/canteen-chat/canteen/ops/history"
	"github.com/canteen-chat/canteen/ops/metrics"
	"github.com/canteen-chat/canteen/sqlite"
	"github.com/canteen-chat/canteen/wire"
)

const (
	week         = 7 * 24 * time.Hour
	feedbackTime = 30 * 24 * time.Hour
	countEvery   = time.Minute
	measureEvery = 10 // times countEvery: the size of files
)

// census is what is measured seldom, since it reads whole tables.
type census struct {
	stored   atomic.Int64 // bytes of all files
	adoption atomic.Pointer[sqlite.Adoption]
}

// run measures now and then, until ctx ends.
func (m *census) run(ctx context.Context, store *sqlite.Store, clock chat.Clock, log *slog.Logger) {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for round := 0; ; round++ {
		now := clock.Time()
		a, err := store.Adoption(ctx, now.Add(-week), now.Add(-feedbackTime))
		if err == nil {
			m.adoption.Store(&a)
		}
		if round%measureEvery == 0 {
			n, failed := store.FileBytes(ctx)
			if err = errors.Join(err, failed); failed == nil {
				m.stored.Store(n)
			}
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
			log.Warn("the size of all files, or how much Canteen is used, is not known", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// gauges adds the gauges of what was measured. They have no value before.
func (m *census) gauges(to *metrics.Meter) {
	to.Gauge(catalogue.FilesBytes, func() float64 { return float64(m.stored.Load()) })
	for name, of := range map[string]func(*sqlite.Adoption) int64{
		catalogue.People:           func(a *sqlite.Adoption) int64 { return a.People },
		catalogue.ActivePeople:     func(a *sqlite.Adoption) int64 { return a.Active },
		catalogue.RoomsAlive:       func(a *sqlite.Adoption) int64 { return a.Rooms },
		catalogue.FeedbackGiven:    func(a *sqlite.Adoption) int64 { return a.Feedback },
		catalogue.FeedbackAnswered: func(a *sqlite.Adoption) int64 { return a.Answered },
	} {
		to.Gauge(name, func() float64 {
			if a := m.adoption.Load(); a != nil {
				return float64(of(a))
			}
			return math.NaN()
		})
	}
}

// adoption is how much Canteen is used, of the history and of what was measured last.
func (o *operations) adoption(now time.Time) (*wire.OpsAdoption, error) {
	out := &wire.OpsAdoption{Weeks: []wire.OpsWeek{}}
	if a := o.data.measured.adoption.Load(); a != nil {
		out.ActivePeople, out.RoomsAlive, out.Feedback, out.Answered = number(a.Active), number(a.Rooms), number(a.Feedback), number(a.Answered)
	}
	since := now.Add(time.Hour - week) // Periods begin on the full hour, and this hour is to be in it
	posts, err := o.file.Periods("posts", since, 7, 1)
	if err != nil {
		return nil, err
	}
	reactions, err := o.file.Periods("reactions", since, 7, 1)
	if err != nil {
		return nil, err
	}
	out.Messages, out.Reactions = posts[0].Times(), reactions[0].Times()
	first := monday(now).Add(-wire.MaxOpsWeeks * week)
	days := map[string][]history.Period{}
	for _, name := range []string{"posts", "reactions", "active_people", "rooms_alive"} {
		if days[name], err = o.file.Periods(name, first, 1, 7*wire.MaxOpsWeeks); err != nil {
			return nil, err
		}
	}
	for i := range wire.MaxOpsWeeks {
		of := func(name string) []history.Period { return days[name][7*i : 7*i+7] }
		w := wire.OpsWeek{From: wire.Time{Time: first.Add(time.Duration(i) * week)}}
		known := false
		for day, p := range of("posts") {
			known = known || p.Covered > 0
			w.Messages += p.Times()
			w.Reactions += of("reactions")[day].Times()
		}
		w.ActivePeople, w.RoomsAlive = lastKnown(of("active_people")), lastKnown(of("rooms_alive"))
		if known {
			out.Weeks = append(out.Weeks, w)
		}
	}
	return out, nil
}

// monday is when the week of a time began, in UTC.
func monday(at time.Time) time.Time {
	y, m, d := at.UTC().Date()
	return time.Date(y, m, d-(int(at.UTC().Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
}

// lastKnown is the mean of the last period that has one.
func lastKnown(ps []history.Period) (n *int) {
	for _, p := range ps {
		if !math.IsNaN(p.Mean) {
			n = number(int64(math.Round(p.Mean)))
		}
	}
	return n
}

func number(n int64) *int { return new(int(n)) }
