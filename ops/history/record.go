package history

import (
	"context"
	"log/slog"
	"time"

	"github.com/canteen-chat/canteen/ops/metrics"
)

// Options are the parts of a Recorder. All but Each and Ticks are required.
type Options struct {
	File    *File
	Read    func() ([]metrics.Sample, error) // Meter.Snapshot
	Clock   func() time.Time
	Started time.Time // since when the counters count
	// Each is told of each sample, in the goroutine of the recorder, after the sample is in the file.
	Each func(at time.Time, now []metrics.Sample)
	Log  *slog.Logger
	// Ticks says when to take a sample; nil: at the end of each slot. For tests.
	Ticks <-chan time.Time
}

// Recorder writes a sample into the file every 10 s. It is used by one goroutine.
type Recorder struct {
	o       Options
	of      map[string][]int
	columns []column
	at      time.Time // of the last sample
	before  []float64
	failing bool // the log said so
}

// NewRecorder makes a Recorder.
func NewRecorder(o Options) *Recorder {
	if o.Each == nil {
		o.Each = func(time.Time, []metrics.Sample) {}
	}
	cs := columns()
	return &Recorder{o: o, of: byMetric(cs), columns: cs, at: o.Started, before: make([]float64, len(cs))}
}

// Run records until ctx ends.
func (r *Recorder) Run(ctx context.Context) {
	for {
		next, wait := r.o.Ticks, time.NewTimer(untilNext(r.o.Clock()))
		if next == nil {
			next = wait.C
		}
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-next:
			wait.Stop()
			r.Record()
		}
	}
}

// untilNext is how long it takes until the end of a slot that is half measured at least, so that no sample replaces the one before.
func untilNext(now time.Time) time.Duration {
	wait := now.Truncate(Finest).Add(Finest).Sub(now)
	if wait < Finest/2 {
		wait += Finest
	}
	return wait
}

// Record takes one sample. The log says when a sample cannot be read or written, and when that works again.
func (r *Recorder) Record() {
	now := r.o.Clock()
	samples, err := r.o.Read()
	if len(samples) == 0 && err != nil {
		r.report(err)
		return
	}
	state := read(r.of, r.columns, samples)
	elapsed := now.Sub(r.at)
	before := r.before
	r.at, r.before = now, state
	if elapsed > 0 { // else the clock was set back, and how much time passed is not known
		if failed := r.o.File.add(now.Add(-Finest/2), r.slot(before, state, elapsed)); failed != nil {
			err = failed
		}
	}
	r.report(err)
	r.o.Each(now, samples)
}

// slot are the values of a slot that tells of the time between two states.
func (r *Recorder) slot(before, now []float64, elapsed time.Duration) []float64 {
	out := make([]float64, len(now))
	for i, c := range r.columns {
		if out[i] = now[i]; c.kind == rate {
			out[i] = max(0, now[i]-before[i]) / elapsed.Seconds()
		}
	}
	out[0] = min(1, elapsed.Seconds()/Finest.Seconds())
	return out
}

func (r *Recorder) report(err error) {
	switch {
	case err != nil && !r.failing:
		r.o.Log.Warn("the history has gaps from now on", "error", err)
	case err == nil && r.failing:
		r.o.Log.Info("the history is written again")
	}
	r.failing = err != nil
}
