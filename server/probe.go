package server

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/canteen-chat/canteen/sqlite"
)

const (
	probeEvery  = 5 * time.Second
	probeWithin = 2 * time.Second
)

// probe writes to the store regularly, so that /readyz knows whether that works without writing for every stranger who asks.
type probe struct {
	end     context.CancelFunc
	running sync.WaitGroup
}

// startProbe also measures the size of all files now and then, for the metrics.
func startProbe(store *sqlite.Store, stored *atomic.Int64, log *slog.Logger) *probe {
	ctx, end := context.WithCancel(context.Background())
	p := &probe{end: end}
	p.running.Go(func() { measureFiles(ctx, store, stored, log) })
	p.running.Go(func() {
		tick := time.NewTicker(probeEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				one, stop := context.WithTimeout(ctx, probeWithin)
				if err := store.Probe(one); err != nil && ctx.Err() == nil {
					log.Warn("the store cannot be written", "error", err)
				}
				stop()
			}
		}
	})
	return p
}

func (p *probe) stop() {
	p.end()
	p.running.Wait()
}
