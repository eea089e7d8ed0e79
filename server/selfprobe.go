package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/ops/catalogue"
	"github.com/canteen-chat/canteen/ops/metrics"
	"github.com/canteen-chat/canteen/ops/probe"
	"github.com/canteen-chat/canteen/origin"
	"github.com/canteen-chat/canteen/rest"
	"github.com/canteen-chat/canteen/wire"
)

const (
	selfProbeEvery  = 10 * time.Second
	selfProbeWithin = selfProbeEvery / 2 // also where tests probe more often: their machine may be slow
	// UptimeFile is the name of the record of probes in a data directory.
	UptimeFile = "uptime.json"
)

// errFull fails a probe while the server takes no posts.
var errFull = errors.New("the disk is nearly full: nothing can be posted")

// selfProbe tries the server as a user would, and records how that went.
type selfProbe struct {
	prober  probe.Prober
	record  *probe.Record
	every   time.Duration
	clock   chat.Clock
	log     *slog.Logger
	meter   *metrics.Meter
	failed  bool                  // the last probe, and the log said so
	cause   atomic.Pointer[error] // why the last event was not committed
	unsaved bool                  // the record, and the log said so
	end     context.CancelFunc
	running sync.WaitGroup
}

// newSelfProbe makes the probe of a server. With probes off it is nil, and the record of earlier ones pauses.
func newSelfProbe(cfg Config, h *dataDir) *selfProbe {
	path := filepath.Join(h.dir, UptimeFile)
	if !cfg.Probe {
		if err := probe.Pause(path, h.clock.Time()); err != nil {
			h.log.Warn("the record of probes is not updated", "error", err)
		}
		return nil
	}
	p := &selfProbe{every: cfg.ProbeEvery, clock: h.clock, log: h.log, meter: h.meter}
	if p.every == 0 {
		p.every = selfProbeEvery
	}
	var err error
	if p.record, err = probe.Open(path, p.every); err != nil {
		h.log.Warn("the record of probes begins anew", "error", err)
	}
	p.prober = probe.Prober{Key: probe.NewKey(), Within: selfProbeWithin}
	return p
}

// key gives the function that knows the probe's requests. nil without a probe.
func (p *selfProbe) key() func(*http.Request) string {
	if p == nil {
		return nil
	}
	return p.prober.Key.User
}

// answers are the requests of probes, for the REST handler.
func (p *selfProbe) answers(h *dataDir) rest.Probe {
	return rest.Probe{Path: probe.Path, User: p.key(), Announce: func(ctx context.Context, user string) error {
		err := errFull
		if !h.space.full.Load() {
			err = h.store.AnnounceProbe(ctx, user)
		}
		p.cause.Store(&err)
		return err
	}}
}

// start sends probes to the server that listens on bound, until stop.
func (p *selfProbe) start(bound net.Addr, public origin.Origin, tls bool) {
	if p == nil {
		return
	}
	p.prober.Address, p.prober.Host, p.prober.TLS = probe.Loopback(bound), public.Address(), tls
	ctx, end := context.WithCancel(context.Background())
	p.end = end
	for _, r := range probe.Results() {
		p.meter.Counter(catalogue.Probes, string(r)) // starts at 0, so that the first failure is an increase
	}
	p.running.Go(func() {
		tick := time.NewTicker(p.every)
		defer tick.Stop()
		for first := true; ; first = false {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if p.once(ctx); first && ctx.Err() == nil {
				p.meter.Gauge(catalogue.ProbeUp, p.up)
			}
		}
	})
}

// once sends a probe and records its result.
func (p *selfProbe) once(ctx context.Context) {
	result, took, err := p.prober.Probe(ctx)
	if ctx.Err() != nil { // the server stops
		return
	}
	p.meter.Counter(catalogue.Probes, string(result)).Inc()
	switch {
	case err == nil:
		p.meter.Histogram(catalogue.ProbeDuration).Observe(took.Seconds())
		if p.failed {
			p.log.Info("the server can be used again, as its probe sees it")
		}
	case !p.failed:
		if cause := p.cause.Load(); cause != nil && result == probe.Post {
			err = errors.Join(err, *cause)
		}
		p.log.Warn("the server cannot be used, as its probe sees it", "step", string(result), "error", err)
	}
	p.failed = err != nil
	p.saved(p.record.Add(p.clock.Time(), result, took))
}

// saved logs when the record cannot be written, once.
func (p *selfProbe) saved(err error) {
	if err != nil && !p.unsaved {
		p.log.Warn("the record of probes is not written", "error", err)
	}
	p.unsaved = err != nil
}

func (p *selfProbe) up() float64 {
	if p.record.Report().Up {
		return 1
	}
	return 0
}

// stop ends the probes before the server stops, so that none fails because of that.
func (p *selfProbe) stop() {
	if p == nil || p.end == nil {
		return
	}
	p.end()
	p.running.Wait()
	p.saved(p.record.Save(p.clock.Time()))
}

// availability is what the probes found; nil without probes, and before the first one.
func (p *selfProbe) availability() *wire.OpsAvailability {
	if p == nil {
		return nil
	}
	r := p.record.Report()
	if r.Last.IsZero() {
		return nil
	}
	out := &wire.OpsAvailability{
		Up: r.Up, Since: wire.Time{Time: r.Since}, Last: wire.Time{Time: r.Last}, Step: string(r.Result), Days: make([]wire.OpsDay, len(r.Days)),
	}
	if r.Latency > 0 {
		out.Latency = new(r.Latency.Seconds())
	}
	for i, d := range r.Days {
		out.Days[i] = wire.OpsDay(d)
	}
	return out
}

// Uptime is what the probes of this server know. on is false without probes.
func (s *Server) Uptime() (r probe.Report, on bool) {
	if s.probe == nil {
		return r, false
	}
	return s.probe.record.Report(), true
}
