package rest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestReadinessAsksOnceASecond: sixty who ask at once get one answer, a client that went away does not spoil it, and a second later it is
// asked again. The log has a line for each question that fails, not for each who asks.
func TestReadinessAsksOnceASecond(t *testing.T) {
	var asked atomic.Int32
	down := errors.New("down")
	var log bytes.Buffer
	r := &readiness{log: slog.New(slog.NewTextHandler(&log, nil)), ask: func(ctx context.Context) error {
		time.Sleep(10 * time.Millisecond)
		if asked.Add(1) == 1 {
			return ctx.Err()
		}
		return down
	}}
	gone, leave := context.WithCancel(context.Background())
	leave()
	var all sync.WaitGroup
	for range 60 {
		all.Go(func() {
			if err := r.now(gone); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	time.Sleep(readyFor)
	for range 60 {
		if err := r.now(context.Background()); !errors.Is(err, down) {
			t.Error(err)
		}
	}
	if said := log.String(); asked.Load() != 2 || strings.Count(said, "not ready") != 1 {
		t.Errorf("%d questions, the log says %q", asked.Load(), said)
	}
}
