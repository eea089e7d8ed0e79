package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/sqlite"
)

const (
	probeEvery  = 5 * time.Second
	probeWithin = 2 * time.Second
)

// storeProbe writes to the store regularly, so that /readyz knows whether that works without writing for every stranger who asks.
type storeProbe struct {
	end     context.CancelFunc
	running sync.WaitGroup
}

// startProbe also measures now and then what takes longer, for the metrics.
func startProbe(store *sqlite.Store, measured *census, clock chat.Clock, log *slog.Logger) *storeProbe {
	ctx, end := context.WithCancel(context.Background())
	p := &storeProbe{end: end}
	p.running.Go(func() { measured.run(ctx, store, clock, log) })
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

func (p *storeProbe) stop() {
	p.end()
	p.running.Wait()
}
