package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/disk"
	"github.com/canteen-chat/canteen/files"
)

const (
	filesDir    = "files" // bodies of files
	megabyte    = 1_000_000
	sweepEvery  = 20 * time.Second
	orphanEvery = 24 * time.Hour
)

// openBodies opens the home of the bodies in a data directory. An upload must leave as much room on the disk as posts need.
func openBodies(dir string) (*disk.Bodies, error) {
	of := diskOf(dir)
	b, err := disk.Open(filepath.Join(dir, filesDir))
	if err != nil {
		return nil, err
	}
	b.Lane = files.NewLane()
	b.Enough = func() bool {
		free, total, err := of()
		return err != nil || free >= 2*min(leastSpace, total/50)
	}
	return b, nil
}

// sweeps delete bodies that are over.
type sweeps struct {
	sweeper *files.Sweeper
	dir     string // data directory
	log     *slog.Logger
	done    done
	end     context.CancelFunc
	running sync.WaitGroup
}

// startSweeps first deletes what an earlier process left that was killed. Nobody may upload before it returns.
func startSweeps(ctx context.Context, h *dataDir, every time.Duration, log *slog.Logger) (*sweeps, error) {
	if every == 0 {
		every = sweepEvery
	}
	running, end := context.WithCancel(context.Background())
	s := &sweeps{sweeper: &files.Sweeper{Store: h.store, Bodies: h.bodies, Clock: h.clock}, dir: h.dir, log: log, end: end}
	n, err := s.sweeper.Orphans(ctx, true)
	if err != nil {
		end()
		return nil, fmt.Errorf("delete what is left of uploads: %w", err)
	}
	if n > 0 {
		log.Info("deleted what was left of uploads", "bodies", n)
	}
	if err := forgetCopies(h.dir, h.clock.Time()); err != nil {
		log.Error("an old copy of the database was not deleted", "error", err)
	}
	s.running.Go(func() { s.run(running, every) })
	return s, nil
}

func (s *sweeps) run(ctx context.Context, every time.Duration) {
	due, orphans := time.NewTicker(every), time.NewTicker(orphanEvery)
	defer due.Stop()
	defer orphans.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-due.C:
			_, err = s.sweeper.Run(ctx)
		case <-orphans.C:
			_, err = s.sweeper.Orphans(ctx, false)
			err = errors.Join(err, forgetCopies(s.dir, s.sweeper.Clock.Time()))
		}
		if ctx.Err() == nil {
			s.done.at(s.sweeper.Clock.Time(), err)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Error("some files were not deleted, and will be later", "error", err)
		}
	}
}

func (s *sweeps) stop() {
	s.end()
	s.running.Wait()
}

// maxFile is the size of the largest file, in bytes.
func (c Config) maxFile() (int64, error) {
	switch n := int64(c.MaxFile) * megabyte; {
	case n == 0:
		return chat.DefaultMaxFile, nil
	case n < 0 || n > chat.MaxMaxFile:
		return 0, fmt.Errorf("--max-file %d: must be 1 to %d megabytes", c.MaxFile, chat.MaxMaxFile/megabyte)
	default:
		return n, nil
	}
}
