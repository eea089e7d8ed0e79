package server

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/disk"
	"github.com/canteen-chat/canteen/wal"
)

// shipping ships changes while a data directory is open. A nil shipping does nothing.
type shipping struct {
	shipper *backup.Shipper
	end     context.CancelFunc
	running sync.WaitGroup
}

// newShipping prepares shipping to the place that to opens; nil: nothing is shipped.
func newShipping(
	dir string, to func() (backup.Place, error), bodies *disk.Bodies, clock chat.Clock, log *slog.Logger,
) (*shipping, error) {
	if to == nil {
		return nil, nil
	}
	place, err := to()
	if err != nil {
		return nil, fmt.Errorf("--ship: %w", err)
	}
	source := sourceOf(dir, bodies)
	source.Clock = clock
	s := &shipping{shipper: backup.NewShipper(source, place, log)}
	bodies.Stored = s.shipper.Stored
	return s, nil
}

// logged is what the store calls when its log has changed.
func (s *shipping) logged() func(wal.Moment) (read func()) {
	if s == nil {
		return nil
	}
	return s.shipper.Logged
}

// upTo is the moment up to which all changes are shipped; used is false when none are to be shipped.
func (s *shipping) upTo() (at time.Time, used bool) {
	if s == nil {
		return at, false
	}
	return s.shipper.UpTo(), true
}

func (s *shipping) start() {
	if s == nil {
		return
	}
	ctx, end := context.WithCancel(context.Background())
	s.end = end
	s.running.Go(func() { s.shipper.Run(ctx) })
}

// stop ships what is left. The store must be closed, and the bodies must not.
func (s *shipping) stop() {
	if s == nil || s.end == nil {
		return
	}
	s.end()
	s.running.Wait()
}
