package picture_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/canteen-chat/canteen/picture"
)

// slowBody is a picture that takes a while, twice, as one that is slow to decode.
type slowBody struct {
	*bytes.Reader
	each time.Duration
}

func (s slowBody) Seek(at int64, whence int) (int64, error) {
	time.Sleep(s.each)
	return s.Reader.Seek(at, whence)
}

// TestTurns: people who send one slow picture after another do not keep others waiting for longer than one picture of each, and there is a
// pause after each picture. Whoever would wait too long is told so. Only slow bodies, pauses and waiting take time in the test.
func TestTurns(t *testing.T) {
	body := pngOf(t, photo(4, 4))
	info := inspected(t, body)
	const each, greedy = 300 * time.Millisecond, 10
	synctest.Test(t, func(t *testing.T) {
		d, began := picture.NewDecoder(), time.Now()
		draw := func(ctx context.Context, each time.Duration) error {
			_, err := d.Thumbs(ctx, slowBody{bytes.NewReader(body), each}, info)
			return err
		}
		ctx, stop := context.WithCancel(t.Context())
		var people sync.WaitGroup
		for range greedy {
			people.Go(func() {
				for ctx.Err() == nil {
					if err := draw(ctx, each); err != nil && !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
				}
			})
		}
		time.Sleep(time.Millisecond)
		if err := draw(ctx, 0); err != nil {
			t.Error(err)
		}
		took := time.Since(began)
		stop()
		people.Wait()
		if want := greedy * 4 * each; took != want { // a picture and its pause each
			t.Errorf("the eleventh waited %v, want %v", took, want)
		}

		people.Go(func() {
			if err := draw(t.Context(), time.Minute); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(10 * each) // the last pause is over
		before := time.Now()
		if err := draw(t.Context(), 0); !errors.Is(err, picture.ErrBusy) || time.Since(before) != 20*time.Second {
			t.Errorf("after %v: %v", time.Since(before), err)
		}
		people.Wait()
		time.Sleep(time.Hour) // pauses end
	})
}
