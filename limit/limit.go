// Package limit counts what is done and keeps tickets, in memory, for one machine. Counting is by token buckets. It forgets on restart,
// which at worst
// grants one more burst. Buckets that have filled up again are dropped, so memory is bounded by what went on lately.
//
// It imports the root package alone.
package limit

import (
	"context"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// sweepEvery is how many takes pass between two sweeps of full buckets: sweeping costs a fraction of taking.
const sweepEvery = 4096

// Limiter is a [chat.Limiter]. Of n parallel takes at most Burst succeed.
type Limiter struct {
	clock chat.Clock

	mu      sync.Mutex
	buckets map[bucketKey]bucket
	takes   int
}

type bucketKey struct{ rate, key string }

// bucket is described by the instant at which it will be full again; a full one needs no entry.
type bucket struct{ full time.Time }

// New makes a Limiter.
func New(clock chat.Clock) *Limiter {
	return &Limiter{clock: clock, buckets: map[bucketKey]bucket{}}
}

// Take implements [chat.Limiter].
func (l *Limiter) Take(_ context.Context, r chat.Rate, key string) (time.Duration, error) {
	now := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	k := bucketKey{r.Name, key}
	full := l.buckets[k].full
	if full.Before(now) {
		full = now
	}
	// A bucket of Burst holds another one as long as filling it up takes no longer than Burst-1 would.
	if wait := full.Add(r.Every).Sub(now) - time.Duration(r.Burst)*r.Every; wait > 0 {
		return wait, nil
	}
	l.buckets[k] = bucket{full.Add(r.Every)}
	return 0, nil
}

// Give implements [chat.Limiter].
func (l *Limiter) Give(_ context.Context, r chat.Rate, key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := bucketKey{r.Name, key}
	if b, ok := l.buckets[k]; ok {
		l.buckets[k] = bucket{b.full.Add(-r.Every)}
	}
	return nil
}

// sweep drops the full buckets now and then.
func (l *Limiter) sweep(now time.Time) {
	if l.takes++; l.takes%sweepEvery != 0 {
		return
	}
	for k, b := range l.buckets {
		if !b.full.After(now) {
			delete(l.buckets, k)
		}
	}
}

// None lets everything pass: load tests run without limits.
type None struct{}

// Take implements [chat.Limiter].
func (None) Take(context.Context, chat.Rate, string) (time.Duration, error) { return 0, nil }

// Give implements [chat.Limiter].
func (None) Give(context.Context, chat.Rate, string) error { return nil }
