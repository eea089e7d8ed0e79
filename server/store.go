package server

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/canteen-chat/canteen/disk"
	"github.com/canteen-chat/canteen/ops/history"
	"github.com/canteen-chat/canteen/sqlite"
)

// OpenStore opens the store of a data directory for a command that needs the store itself, without a server; done closes it. Errors:
// ErrInUse if another process has the directory open, ErrNoData if there is no database and mayCreate is false.
func OpenStore(ctx context.Context, dir string, mayCreate bool, log *slog.Logger) (s *sqlite.Store, done func() error, err error) {
	if err := prepare(dir, mayCreate, log); err != nil {
		return nil, nil, err
	}
	held, err := lock(dir)
	if err != nil {
		return nil, nil, err
	}
	if s, err = sqlite.Open(ctx, filepath.Join(dir, databaseFile), sqlite.Options{Log: log}); err != nil {
		return nil, nil, errors.Join(err, held.Close())
	}
	return s, func() error { return errors.Join(s.Close(), held.Close()) }, nil
}

// OpenHistory opens what the server of a data directory measured, or begins it. A running server has it open itself.
func OpenHistory(dir string, now func() time.Time, log *slog.Logger) (*history.File, error) {
	return history.Open(filepath.Join(dir, historyFile), now, log)
}

// OpenBodies opens the bodies of files in a data directory whose store the caller has open.
func OpenBodies(dir string) (*disk.Bodies, error) { return disk.Open(filepath.Join(dir, filesDir)) }
