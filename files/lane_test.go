package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/canteen-chat/canteen/files"
)

// TestLane: pieces of work run one at a time, and rest for as long as they worked. Only the pieces and the pauses take time in the test.
func TestLane(t *testing.T) {
	const work = 10 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		began, lane := time.Now(), files.NewLane()
		var ran []string
		var pieces sync.WaitGroup
		for n := range 3 {
			pieces.Go(func() {
				time.Sleep(time.Duration(n)) // the order in which they come
				err := lane.Do(t.Context(), func() error {
					ran = append(ran, fmt.Sprint(n, " at ", time.Since(began).Round(time.Millisecond)))
					time.Sleep(work)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		pieces.Wait()
		if took := time.Since(began); took != 5*work {
			t.Errorf("three pieces and two pauses took %v: the last piece must not wait for its own pause", took)
		}
		if want := []string{"0 at 0s", "1 at 20ms", "2 at 40ms"}; !slices.Equal(ran, want) {
			t.Errorf("ran %v, want %v", ran, want)
		}
		synctest.Wait()
		time.Sleep(work) // the last pause ends
	})
}

// TestLaneEnds: whoever waits goes when the context ends, and an error does not keep the lane.
func TestLaneEnds(t *testing.T) {
	lane, broken := files.NewLane(), errors.New("broken")
	if err := lane.Do(t.Context(), func() error { return broken }); !errors.Is(err, broken) {
		t.Errorf("a piece that fails: %v", err)
	}
	err := lane.Do(t.Context(), func() error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		return lane.Do(ctx, func() error { return errors.New("ran beside another one") })
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a piece whose context ended: %v", err)
	}
}

// TestLaneCopy: a copy is whole, with a lane or without, and lets others through between its pieces.
func TestLaneCopy(t *testing.T) {
	body := bytes.Repeat([]byte("soup"), files.LaneChunk)
	for _, lane := range []*files.Lane{nil, files.NewLane()} {
		var got bytes.Buffer
		r := &counting{Reader: bytes.NewReader(body), lane: lane}
		n, err := lane.Copy(t.Context(), &got, r)
		if err != nil || n != int64(len(body)) || !bytes.Equal(got.Bytes(), body) {
			t.Errorf("copied %d of %d bytes (%v)", n, len(body), err)
		}
		if r.reads < 4 {
			t.Errorf("copied in %d pieces", r.reads)
		}
	}
}

// counting is a reader that uses the lane, too.
type counting struct {
	io.Reader
	lane  *files.Lane
	reads int
}

func (c *counting) Read(p []byte) (int, error) {
	c.reads++
	if err := c.lane.Do(context.Background(), func() error { return nil }); err != nil {
		return 0, err
	}
	return c.Reader.Read(p)
}
