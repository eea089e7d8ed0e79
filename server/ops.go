package server

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/ops/history"
	"github.com/canteen-chat/canteen/rest"
	"github.com/canteen-chat/canteen/wire"
)

const (
	historyFile = "history.ring"
	derivedFor  = time.Minute
)

// operations knows how the server is. It implements rest.Ops.
type operations struct {
	data     *dataDir
	file     *history.File
	routes   history.Routes
	started  time.Time
	alarms   *alarms
	probe    *selfProbe // nil without probes
	failures failures
	jobs     []job
	derived  derivation
	digests  atomic.Pointer[digests] // nil without a mail server, and before it is started
	end      context.CancelFunc
	running  sync.WaitGroup
}

// startOperations opens the history, and records what the meter has measured until stop.
func startOperations(h *dataDir, alarms *alarms, probe *selfProbe, samples <-chan time.Time, jobs []job) (*operations, error) {
	file, err := OpenHistory(h.dir, h.clock, h.log)
	if err != nil {
		return nil, err
	}
	started := h.clock.Time()
	ctx, end := context.WithCancel(context.Background())
	o := &operations{data: h, file: file, end: end, jobs: jobs, started: started, alarms: alarms, probe: probe}
	r := history.NewRecorder(history.Options{
		File: file, Read: h.meter.Snapshot, Clock: h.clock, Started: started, Each: o.routes.Add, Log: h.log,
		Ticks: samples,
	})
	o.running.Go(func() { r.Run(ctx) })
	return o, nil
}

func (o *operations) stop() error {
	if o == nil {
		return nil
	}
	o.end()
	o.running.Wait()
	return o.file.Close()
}

// failures are the last answers with 5xx.
type failures struct {
	mu  sync.Mutex
	all []failedAnswer // newest last
}

type failedAnswer struct {
	rest.Failure
	at time.Time
}

// failed takes note of an answer with 5xx.
func (o *operations) failed(f rest.Failure) { o.failures.add(failedAnswer{f, o.data.clock.Time()}) }

func (f *failures) add(one failedAnswer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all = append(f.all, one); len(f.all) > wire.MaxOpsErrors {
		f.all = f.all[1:]
	}
}

// errors are the failures, newest first.
func (f *failures) errors() []wire.OpsError {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]wire.OpsError, 0, len(f.all))
	for _, one := range slices.Backward(f.all) {
		out = append(out, wire.OpsError{
			At: wire.Time{Time: one.at}, Route: one.Route, Method: one.Method, Status: one.Status, Request: one.Request,
		})
	}
	return out
}

// State implements rest.Ops.
func (o *operations) State(ctx context.Context) (wire.Ops, error) {
	now := o.data.clock.Time()
	out := wire.Ops{
		At: wire.Time{Time: now}, Home: "server", Version: wire.OpsVersion{Server: Version(), Go: runtime.Version()},
		Slowest: []wire.OpsRoute{}, Links: []wire.OpsLink{},
	}
	healthy, since := o.alarms.Healthy()
	if since.Before(o.started) {
		since = o.started
	}
	out.Healthy, out.Since, out.StartedAt, out.Errors = &healthy, &wire.Time{Time: since}, &wire.Time{Time: o.started}, o.failures.errors()
	schema, err := o.data.store.Schema(ctx)
	out.Version.Schema = schema
	for _, r := range o.routes.Slowest(wire.MaxOpsRoutes) {
		out.Slowest = append(out.Slowest, wire.OpsRoute{Route: r.Route, Method: r.Method, Count: int64(r.Count), P50: r.P50, P99: r.P99})
	}
	d, failed := o.derived.get(now, o.derive)
	out.Adoption, out.Storage = d.adoption, o.storage(d.fullAt)
	sockets, online := o.data.hub.Open()
	out.People = &wire.OpsPeople{Online: online, Sockets: sockets}
	if a := o.data.measured.adoption.Load(); a != nil {
		out.People.All = number(a.People)
	}
	out.Alarms, out.Told = o.alarms.State()
	out.Availability = o.probe.availability()
	jobs, unknown := jobStates(ctx, o.jobs, now)
	out.Jobs = jobs
	return out, errors.Join(err, failed, unknown)
}

func (o *operations) storage(fullAt *wire.Time) *wire.OpsStorage {
	path := filepath.Join(o.data.dir, databaseFile)
	s := &wire.OpsStorage{
		Database: int64(fileSize(path)), WAL: int64(fileSize(path + "-wal")), Files: o.data.measured.stored.Load(), FullAt: fullAt,
	}
	free, size, err := o.data.space.disk() // an error is logged by space
	if err == nil {
		s.Free, s.Size = int64(free), int64(size) // #nosec G115 -- far below the largest
	}
	if n, err := o.file.Bytes(); err == nil {
		s.History = n
	}
	return s
}

// Series implements rest.Ops.
func (o *operations) Series(_ context.Context, q rest.SeriesQuery) (wire.OpsSeries, error) {
	now := o.data.clock.Time()
	if q.To.IsZero() {
		q.To = now
	}
	if q.From.IsZero() {
		q.From = q.To.Add(-time.Hour)
	}
	if !q.From.Before(q.To) {
		return wire.OpsSeries{}, chat.InvalidField("from", "It must be before to.")
	}
	a, err := o.file.Query(history.Query{Names: q.Names, From: q.From, To: q.To, Step: q.Step})
	if e, ok := errors.AsType[history.UnknownError](err); ok {
		return wire.OpsSeries{}, chat.InvalidField("name", "There is no series %q.", e.Name)
	} else if err != nil {
		return wire.OpsSeries{}, err
	}
	out := wire.OpsSeries{From: wire.Time{Time: a.From}, Step: int(a.Step / time.Second), Series: make([]wire.OpsOneSeries, len(a.Series))}
	points := 0
	for i, s := range a.Series {
		points = len(s.Values)
		out.Series[i] = wire.OpsOneSeries{Name: s.Name, Unit: string(s.Unit), Values: make([]*float64, points)}
		for j, v := range s.Values {
			if !math.IsNaN(v) {
				out.Series[i].Values[j] = new(v)
			}
		}
	}
	out.To = wire.Time{Time: a.From.Add(time.Duration(points) * a.Step)}
	return out, nil
}

// derived is what follows from the history, and is computed once a minute at most.
type derived struct {
	adoption *wire.OpsAdoption
	fullAt   *wire.Time
}

type derivation struct {
	mu   sync.Mutex
	at   time.Time
	last derived
}

func (d *derivation) get(now time.Time, compute func(time.Time) (derived, error)) (derived, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if age := now.Sub(d.at); d.at.IsZero() || age < 0 || age >= derivedFor {
		fresh, err := compute(now)
		if err != nil {
			return derived{}, err
		}
		d.at, d.last = now, fresh
	}
	return d.last, nil
}

func (o *operations) derive(now time.Time) (d derived, err error) {
	if d.adoption, err = o.adoption(now); err != nil {
		return d, err
	}
	d.fullAt, err = o.fullAt(now)
	return d, err
}

// fullAt is when the disk is full if it goes on as in the last week; nil if that is far, or not known.
func (o *operations) fullAt(now time.Time) (*wire.Time, error) {
	a, err := o.file.Query(history.Query{Names: []string{"disk_free"}, From: now.Add(-week), To: now, Step: time.Hour})
	if err != nil {
		return nil, err
	}
	at, ok := history.ReachesZero(a.Series[0].Values, a.From, a.Step)
	if !ok {
		return nil, nil
	}
	if at.Before(now) {
		at = now
	}
	return &wire.Time{Time: at}, nil
}
