package server

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

const (
	lowSpace   = 1 << 30   // bytes: with less room left, or a tenth of a small disk, the log warns
	leastSpace = 128 << 20 // bytes: with less, or a fiftieth, nothing is stored that can wait; what may not is a deletion, and a checkpoint
	lookEvery  = 10 * time.Second
)

// space watches how much room is left on the disk of the data directory.
type space struct {
	disk func() (free, total uint64, err error) // in bytes
	log  *slog.Logger

	full    atomic.Bool
	low     bool // the log said so
	failing bool // disk fails, and the log said so
	end     context.CancelFunc
	running sync.WaitGroup
}

// diskOf gives the size of the disk of a directory, and what is left of it for this process.
func diskOf(dir string) func() (free, total uint64, err error) {
	return func() (uint64, uint64, error) {
		var s unix.Statfs_t
		if err := unix.Statfs(dir, &s); err != nil {
			return 0, 0, fmt.Errorf("size of the disk of %s: %w", dir, err)
		}
		block := uint64(s.Bsize) // #nosec G115 -- a block's size is positive
		return s.Bavail * block, s.Blocks * block, nil
	}
}

// watch looks now, and from then on until stop.
func (s *space) watch() {
	ctx, end := context.WithCancel(context.Background())
	s.end = end
	s.look()
	s.running.Go(func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				s.look()
			}
		}
	})
}

// stop ends watch.
func (s *space) stop() {
	s.end()
	s.running.Wait()
}

// look compares what is left with the limits. The log says what has become different.
func (s *space) look() {
	free, total, err := s.disk()
	if err != nil {
		if !s.failing {
			s.log.Warn("cannot see how much room the disk has left", "error", err)
		}
		s.failing = true
		return
	}
	s.failing = false
	full, low := free < min(leastSpace, total/50), free < min(lowSpace, total/10)
	was := s.full.Swap(full)
	switch at := slog.Int64("free_megabytes", int64(free>>20)); { // #nosec G115 -- far below the largest
	case full && !was:
		s.log.Warn("the disk is nearly full: no posts, edits or reactions are taken", at)
	case was && !full:
		s.log.Warn("the disk has a little room again: posts, edits and reactions are taken", at)
	case low && !s.low:
		s.log.Warn("the disk is filling up", at)
	case s.low && !low:
		s.log.Info("the disk has room again", at)
	}
	s.low = low
}
