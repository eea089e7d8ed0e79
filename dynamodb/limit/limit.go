// Package limit counts rates in DynamoDB, so that all processes together keep them.
package limit

import (
	"context"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

const (
	// minSharedInterval is the shortest interval of a rate that is counted in the store, for all processes together: the rates of
	// guessing, of making things, and of what many others hear of. Each process counts shorter intervals for itself, which is
	// enough to keep one person from flooding it.
	minSharedInterval = time.Second
	// minSharedFill is how long the bucket of a rate with a shorter interval must take to fill to be counted in the store all the same:
	// a quota of a day must outlive the processes.
	minSharedFill = time.Hour
	// quotaBlock is how much of a quota a process takes from the store at least. It keeps the rest for the next takes, so that few posts
	// cost a request more.
	quotaBlock = 8 << 10
	maxHeld    = 10_000 // rests that a process keeps
)

// limiter counts rates with long intervals and quotas in the database, and others by fast.
type limiter struct {
	db    *table.DB
	clock chat.Clock
	fast  chat.Limiter

	mu   sync.Mutex
	held map[table.Key]int // what is left of blocks
}

// bucket is a token bucket, described by the time at which it will be full again.
type bucket struct {
	Full int64 `dynamodbav:"full"`
	TTL  int64 `dynamodbav:"ttl"`
}

// New makes a [chat.Limiter]. Rates with an interval of a second or more, and quotas, are counted in the database, for all processes
// together; fast counts the others.
func New(db *table.DB, clock chat.Clock, fast chat.Limiter) chat.Limiter {
	return &limiter{db: db, clock: clock, fast: fast, held: map[table.Key]int{}}
}

// bucketOf loads a bucket, which is empty if there is none.
func bucketOf(t *table.Tx, k table.Key) (b bucket, ok bool, err error) {
	i, err := t.Load(k)
	if err != nil || i == nil {
		return b, false, err
	}
	b, err = table.Decode[bucket](i)
	return b, true, err
}

func limitKey(r chat.Rate, of string) table.Key {
	return table.NewKey("limits", "rate#"+r.Name, table.KeyName(of))
}

// Take implements chat.Limiter.
func (l *limiter) Take(ctx context.Context, r chat.Rate, name string) (time.Duration, error) {
	switch {
	case r.Every >= minSharedInterval:
		return l.takeShared(ctx, r, name)
	case r.Fill() >= minSharedFill:
		return l.takeOfBlock(ctx, r, name)
	}
	return l.fast.Take(ctx, r, name)
}

// takeShared takes from the bucket in the store.
func (l *limiter) takeShared(ctx context.Context, r chat.Rate, name string) (time.Duration, error) {
	now := l.clock.Time()
	return table.Write(ctx, l.db, func(t *table.Tx) (time.Duration, error) {
		b, _, err := bucketOf(t, limitKey(r, name))
		if err != nil {
			return 0, err
		}
		full := table.At(max(b.Full, table.Millis(now)))
		if wait := full.Add(r.Cost()).Sub(now) - r.Fill(); wait > 0 {
			return wait, nil
		}
		return 0, t.Put(limitKey(r, name), newBucket(full.Add(r.Cost())))
	})
}

// takeOfBlock takes from what this process holds, or else a block from the store. A process that ends loses less than a block.
func (l *limiter) takeOfBlock(ctx context.Context, r chat.Rate, name string) (time.Duration, error) {
	k, size := limitKey(r, name), max(r.Size, 1)
	if l.hold(k, -size) {
		return 0, nil
	}
	block := max(size, quotaBlock)
	wait, err := l.takeShared(ctx, r.Of(block), name)
	if err == nil && wait == 0 {
		l.hold(k, block-size)
	}
	return wait, err
}

// hold adds n to what is held of a quota. It does nothing, and says so, if there is too little.
func (l *limiter) hold(k table.Key, n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.held[k] + n
	if left < 0 {
		return false
	}
	if len(l.held) >= maxHeld {
		clear(l.held)
	}
	if l.held[k] = left; left == 0 {
		delete(l.held, k)
	}
	return true
}

func newBucket(full time.Time) bucket { return bucket{table.Millis(full), table.Seconds(full) + 1} }

// Give implements chat.Limiter.
func (l *limiter) Give(ctx context.Context, r chat.Rate, name string) error {
	if r.Every < minSharedInterval { // quotas are not given back
		return l.fast.Give(ctx, r, name)
	}
	_, err := table.Write(ctx, l.db, func(t *table.Tx) (struct{}, error) {
		b, ok, err := bucketOf(t, limitKey(r, name))
		if err != nil || !ok {
			return struct{}{}, err
		}
		return struct{}{}, t.Put(limitKey(r, name), newBucket(table.At(b.Full).Add(-r.Cost())))
	})
	return err
}
