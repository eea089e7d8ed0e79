package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/canteen-chat/canteen/sqlite"
)

// ErrNoData is the error for a directory without a database.
var ErrNoData = errors.New("this directory holds no Canteen database")

// OpenStore opens the store of a data directory for a command that needs the store itself, without a server; done closes it. Errors:
// ErrInUse if another process has the directory open, ErrNoData if there is no database and mayCreate is false.
func OpenStore(ctx context.Context, dir string, mayCreate bool, log *slog.Logger) (s *sqlite.Store, done func() error, err error) {
	file := filepath.Join(dir, databaseFile)
	if _, err := os.Stat(file); err != nil && !mayCreate {
		if errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("%w: %s", ErrNoData, dir)
		}
		return nil, nil, err
	}
	held, err := lock(dir)
	if err != nil {
		return nil, nil, err
	}
	if s, err = sqlite.Open(ctx, file, sqlite.Options{Log: log}); err != nil {
		return nil, nil, errors.Join(err, held.Close())
	}
	return s, func() error { return errors.Join(s.Close(), held.Close()) }, nil
}
