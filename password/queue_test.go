package password

import (
	"context"
	"sync"
	"testing"
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
