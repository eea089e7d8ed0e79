package limit_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

var rate = chat.Rate{Name: "test", Every: time.Second, Burst: 3}

type clock struct{ now atomic.Int64 }

func (c *clock) time() time.Time         { return time.Unix(0, c.now.Load()) }
func (c *clock) advance(d time.Duration) { c.now.Add(int64(d)) }

func take(t *testing.T, l *limit.Limiter, key string) time.Duration {
	t.Helper()
	wait, err := l.Take(context.Background(), rate, key)
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

func TestTake(t *testing.T) {
	c := &clock{}
	c.advance(time.Hour)
	l := limit.New(c.time)
	for i := range 3 {
		if wait := take(t, l, "mira"); wait != 0 {
			t.Fatalf("take %d of a burst of 3 waits %v", i+1, wait)
		}
	}
	if wait := take(t, l, "mira"); wait != time.Second {
		t.Errorf("take 4 waits %v, want 1s", wait)
	}
	if wait := take(t, l, "jonas"); wait != 0 {
		t.Errorf("another's first take waits %v", wait)
	}
	c.advance(time.Second)
	if wait := take(t, l, "mira"); wait != 0 {
		t.Errorf("after the wait it still waits %v", wait)
	}
	if err := l.Give(context.Background(), rate, "mira"); err != nil {
		t.Fatal(err)
	}
	if wait := take(t, l, "mira"); wait != 0 {
		t.Errorf("the take that was given back is missing: %v", wait)
	}
	c.advance(-30 * time.Minute)
	if wait := take(t, l, "mira"); wait <= 0 {
		t.Error("a clock that jumps back grants takes")
	}
}

// TestParallel: of 100 parallel takes exactly one burst succeeds.
func TestParallel(t *testing.T) {
	l := limit.New((&clock{}).time)
	var got atomic.Int64
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if wait, _ := l.Take(context.Background(), rate, "mira"); wait == 0 {
				got.Add(1)
			}
		})
	}
	wg.Wait()
	if got.Load() != 3 {
		t.Errorf("%d takes succeeded, want 3", got.Load())
	}
}

// TestManyKeys: a bucket that was full and was dropped grants no more than a burst.
func TestManyKeys(t *testing.T) {
	c := &clock{}
	l := limit.New(c.time)
	for i := range 20_000 {
		take(t, l, fmt.Sprint(i))
		c.advance(time.Millisecond)
	}
	for range 3 {
		take(t, l, "0")
	}
	if take(t, l, "0") == 0 {
		t.Error("a forgotten key got more than its burst")
	}
}

// TestQuota: takes of a size count by it, and a take that does not fit takes nothing.
func TestQuota(t *testing.T) {
	c := &clock{}
	c.advance(time.Hour)
	l := limit.New(c.time)
	quota := chat.Rate{Name: "quota", Every: time.Second, Burst: 100}
	for _, s := range []struct {
		size  int
		after time.Duration
		want  time.Duration
	}{
		{60, 0, 0}, {60, 0, 20 * time.Second}, {40, 0, 0}, {1, 0, time.Second}, {10, 9 * time.Second, time.Second},
		{10, time.Second, 0}, {100, time.Minute, 40 * time.Second}, {0, 0, 0},
	} {
		c.advance(s.after)
		if wait, err := l.Take(context.Background(), quota.Of(s.size), "mira"); err != nil || wait != s.want {
			t.Errorf("%d after %v: wait %v, %v; want %v", s.size, s.after, wait, err, s.want)
		}
	}
}
