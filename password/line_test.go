package password

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// busy is a Hasher whose turns are all taken.
func busy(t *testing.T) *Hasher {
	h := New()
	for h.line.free > 0 {
		if err := h.line.enter(t.Context(), "busy"); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func tooMany(err error) bool {
	e, ok := err.(*chat.Error)
	return ok && e.Code == chat.Unavailable && e.RetryAfter == patience
}

// TestWaitingIsBounded: beyond the calls that may wait, all are refused at once, whether the account exists or not. Later ones work.
func TestWaitingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := busy(t)
		turns := h.line.most / waiting
		ctx, stop := context.WithCancel(t.Context())
		for i := range h.line.most {
			go func() { _, _ = h.Hash(ctx, fmt.Sprint("sender", i), "waits") }()
		}
		synctest.Wait()
		for _, hash := range []string{"", encode(random(salt), random(keySize))} {
			began := time.Now()
			if _, err := h.Verify(ctx, "one more", hash, "a guess"); !tooMany(err) || time.Since(began) > 0 {
				t.Errorf("account known %v: %v", hash != "", err)
			}
		}
		stop()
		synctest.Wait()
		for range turns {
			h.line.leave(rest)
		}
		if _, err := h.Hash(t.Context(), "mira", "later"); err != nil || h.line.free != turns || len(h.line.waiting) > 0 {
			t.Errorf("%v, %d turns free, %d calls wait", err, h.line.free, len(h.line.waiting))
		}
	})
}

// TestWaitingEnds: a call that gets no turn within two seconds is refused.
func TestWaitingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, began := busy(t), time.Now()
		if _, err := h.Hash(t.Context(), "mira", "waits"); !tooMany(err) || time.Since(began) != patience || len(h.line.waiting) > 0 {
			t.Errorf("after %v: %v, and %d wait", time.Since(began), err, len(h.line.waiting))
		}
	})
}

// TestSendersTakeTurns: whoever sends many calls waits for themselves, and gives way to others when the line is full.
func TestSendersTakeTurns(t *testing.T) {
	for _, c := range []struct{ what, come, refused, turns string }{
		{"in the order in which they came", "abcd", "", "abcd"},
		{"in rounds", "aaab", "", "abaa"},
		{"a flood of one", "aaaaaa", "aa", "aaaa"},
		{"another beside a flood", "aaaab", "a", "abaa"},
		{"two beside a flood", "aaaabbc", "aab", "abca"},
		{"no more than as many senders", "abcdeaf", "eaf", "abcd"},
		{"those who come while others have turns", "aaab..bc", "", "ababca"}, // a dot is a turn
	} {
		synctest.Test(t, func(t *testing.T) {
			l := &line{most: 4}
			var refused, turns []byte
			for _, sender := range []byte(c.come) {
				if sender == '.' {
					l.next()
				} else {
					go func() {
						if err := l.enter(t.Context(), string(sender)); err != nil {
							refused = append(refused, sender)
						} else {
							turns = append(turns, sender)
						}
					}()
				}
				synctest.Wait()
			}
			for len(l.waiting) > 0 {
				l.next()
				synctest.Wait()
			}
			if string(refused) != c.refused || string(turns) != c.turns {
				t.Errorf("%s: %s have turns, %s are refused; want %s and %s", c.what, turns, refused, c.turns, c.refused)
			}
		})
	}
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
					if _, err := h.Hash(context.Background(), "mira", "a guess"); err != nil {
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

// TestGarbage: the garbage of a hash is collected before the next one, unless the heap is large.
func TestGarbage(t *testing.T) {
	collected := func() (forced uint32) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		rest()
		runtime.ReadMemStats(&after)
		return after.NumForcedGC - before.NumForcedGC
	}
	runtime.GC()
	if n := collected(); n != 1 {
		t.Errorf("%d collections of a small heap", n)
	}
	large := make([]byte, largeHeap)
	runtime.GC()
	if n := collected(); n != 0 {
		t.Errorf("%d collections of a large heap", n)
	}
	runtime.KeepAlive(large)
}
