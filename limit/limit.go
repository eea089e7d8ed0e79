// Package limit implements rate limits and the tickets of sockets in memory, for one machine. Rate limits are token buckets. A
// restart forgets them, which grants at most one more burst. Full buckets are dropped, so that memory depends on recent activity only.
//
// It imports package chat only.
package limit

import (
	"context"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// sweepEvery is the number of takes between two sweeps, so that sweeping costs little per take.
const sweepEvery = 4096

// Limiter is a [chat.Limiter]. Of n parallel takes at most Burst succeed.
type Limiter struct {
	clock chat.Clock

	mu      sync.Mutex
	buckets map[bucketKey]bucket
	takes   int
}

type bucketKey struct{ rate, key string }

// bucket holds the time at which it will be full again. A full bucket needs no entry.
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
	// There is as much left as is taken if, after taking it, the bucket is full again within the time that it takes to fill.
	if wait := full.Add(r.Cost()).Sub(now) - r.Fill(); wait > 0 {
		return wait, nil
	}
	l.buckets[k] = bucket{full.Add(r.Cost())}
	return 0, nil
}

// Give implements [chat.Limiter].
func (l *Limiter) Give(_ context.Context, r chat.Rate, key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := bucketKey{r.Name, key}
	if b, ok := l.buckets[k]; ok {
		l.buckets[k] = bucket{b.full.Add(-r.Cost())}
	}
	return nil
}

// sweep drops the full buckets at every sweepEvery-th call.
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

// None is a [chat.Limiter] without limits, for load tests.
type None struct{}

// Take implements [chat.Limiter].
func (None) Take(context.Context, chat.Rate, string) (time.Duration, error) { return 0, nil }

// Give implements [chat.Limiter].
func (None) Give(context.Context, chat.Rate, string) error { return nil }
