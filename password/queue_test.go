package password

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// TestWaitingIsBounded: beyond the calls that may wait, all are refused at once, whether the account exists or not. Later ones work.
func TestWaitingIsBounded(t *testing.T) {
	h := New()
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	most := (1 + waiting) * cap(h.slots)
	ctx, stop := context.WithCancel(context.Background())
	var held sync.WaitGroup
	for range most {
		held.Go(func() { _, _ = h.Hash(ctx, "waits") })
	}
	for len(h.queue) < most {
		time.Sleep(time.Millisecond)
	}
	known := encode(random(salt), random(keySize))
	for _, hash := range []string{"", known} {
		soon, end := context.WithTimeout(ctx, time.Second)
		_, err := h.Verify(soon, hash, "a guess")
		end()
		if e, ok := err.(*chat.Error); !ok || e.Code != chat.Unavailable || e.RetryAfter == 0 {
			t.Errorf("account known %v: %v", hash != "", err)
		}
	}
	stop()
	held.Wait()
	for range cap(h.slots) {
		<-h.slots
	}
	if _, err := h.Hash(context.Background(), "later"); err != nil {
		t.Error(err)
	}
}

// TestWaitingEnds: a call that gets no turn within two seconds is refused.
func TestWaitingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New()
		for range cap(h.slots) {
			h.slots <- struct{}{}
		}
		began := time.Now()
		_, err := h.Hash(context.Background(), "waits")
		if e, ok := err.(*chat.Error); !ok || e.Code != chat.Unavailable || time.Since(began) != patience || len(h.queue) > 0 {
			t.Errorf("after %v: %v, and %d wait", time.Since(began), err, len(h.queue))
		}
	})
}

// TestPauses: there is a pause between hashes while calls wait, and none without. Only pauses take time in the test.
func TestPauses(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2)) // one hash at once
	synctest.Test(t, func(t *testing.T) {
		h := New()
		for calls, want := range map[int]time.Duration{1: 0, 3: 2 * pause} {
			began := time.Now()
			var all sync.WaitGroup
			for range calls {
				all.Go(func() {
					if _, err := h.Hash(context.Background(), "a guess"); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if took := time.Since(began); took != want {
				t.Errorf("%d calls took %v, want %v", calls, took, want)
			}
		}
	})
}
