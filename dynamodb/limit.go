package dynamodb

import (
	"context"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// minSharedInterval is the shortest interval of a rate that is counted in the store, for all processes together. Those are
// the rates against guessing passwords and making accounts. Each process counts shorter intervals for itself, which is
// enough to keep one person from flooding it.
const minSharedInterval = time.Second

// limiter counts rates with long intervals in the store, and others by fast.
type limiter struct {
	s     *Store
	clock chat.Clock
	fast  chat.Limiter
}

// bucket is a token bucket, described by the time at which it will be full again.
type bucket struct {
	Full int64 `dynamodbav:"full"`
	TTL  int64 `dynamodbav:"ttl"`
}

// NewLimiter makes a [chat.Limiter]. Rates with an interval of a second or more are counted in the store, for all processes
// together; fast counts the others.
func NewLimiter(s *Store, clock chat.Clock, fast chat.Limiter) chat.Limiter {
	return &limiter{s, clock, fast}
}

func limitKey(r chat.Rate, of string) key { return key{limits, "rate#" + r.Name, keyName(of)} }

// Take implements chat.Limiter.
func (l *limiter) Take(ctx context.Context, r chat.Rate, name string) (time.Duration, error) {
	if r.Every < minSharedInterval {
		return l.fast.Take(ctx, r, name)
	}
	now := l.clock.Time()
	return write(ctx, l.s, func(t *tx) (time.Duration, error) {
		b, _, err := loadOptional[bucket](t, limitKey(r, name))
		if err != nil {
			return 0, err
		}
		full := at(max(b.Full, millis(now)))
		if wait := full.Add(r.Every).Sub(now) - time.Duration(r.Burst)*r.Every; wait > 0 {
			return wait, nil
		}
		return 0, t.put(limitKey(r, name), newBucket(full.Add(r.Every)))
	})
}

func newBucket(full time.Time) bucket { return bucket{millis(full), seconds(full) + 1} }

// Give implements chat.Limiter.
func (l *limiter) Give(ctx context.Context, r chat.Rate, name string) error {
	if r.Every < minSharedInterval {
		return l.fast.Give(ctx, r, name)
	}
	return do(ctx, l.s, func(t *tx) error {
		b, ok, err := loadOptional[bucket](t, limitKey(r, name))
		if err != nil || !ok {
			return err
		}
		return t.put(limitKey(r, name), newBucket(at(b.Full).Add(-r.Every)))
	})
}
