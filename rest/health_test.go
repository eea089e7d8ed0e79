package rest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestReadinessAsksOnceASecond: sixty who ask at once get one answer, a client that went away does not spoil it, and a second later it is
// asked again.
func TestReadinessAsksOnceASecond(t *testing.T) {
	var asked atomic.Int32
	down := errors.New("down")
	r := &readiness{ask: func(ctx context.Context) error {
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
	if err := r.now(context.Background()); !errors.Is(err, down) || asked.Load() != 2 {
		t.Errorf("%v after %d questions", err, asked.Load())
	}
}
