package rest

import (
	"context"
	"errors"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestSendRate: large answers are sent at one rate together, small ones at once. Only waiting takes time in the test.
func TestSendRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, p := time.Now(), newPace()
		var sending sync.WaitGroup
		const writes, size = 1600, 32 << 10 // of each answer
		for range 2 {
			sending.Go(func() {
				w, b := &slowWriter{ResponseWriter: httptest.NewRecorder(), ctx: t.Context(), pace: p}, make([]byte, size)
				for range writes {
					if n, err := w.Write(b); err != nil || n != len(b) {
						t.Errorf("sent %d (%v)", n, err)
					}
				}
			})
		}
		sending.Wait()
		want := time.Second * 2 * writes * size / time.Duration(sendRate*runtime.GOMAXPROCS(0))
		if took := time.Since(began); took < want*95/100 || took > want*105/100 {
			t.Errorf("two answers of %d bytes took %v, want about %v", writes*size, took, want)
		}
		small := &slowWriter{ResponseWriter: httptest.NewRecorder(), ctx: t.Context(), pace: p}
		before := time.Now()
		if _, err := small.Write(make([]byte, 1000)); err != nil || time.Since(before) > 0 {
			t.Errorf("a small answer took %v (%v)", time.Since(before), err)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		away := &slowWriter{ResponseWriter: httptest.NewRecorder(), ctx: gone, pace: p, large: true}
		p.next = time.Now().Add(time.Hour)
		if _, err := away.Write([]byte("x")); !errors.Is(err, context.Canceled) {
			t.Errorf("a receiver that went away: %v", err)
		}
	})
}
