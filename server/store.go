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

// ErrNoData is what opening the store of a directory answers in which there is none.
var ErrNoData = errors.New("there is no Canteen in this directory")

// OpenStore takes the data directory for a command that works on its store while nobody is served; done gives it up. ErrInUse
// when another process has it, ErrNoData when nothing is there, unless it may be made.
func OpenStore(ctx context.Context, dir string, mayMake bool, log *slog.Logger) (s *sqlite.Store, done func() error, err error) {
	file := filepath.Join(dir, databaseFile)
	if _, err := os.Stat(file); err != nil && !mayMake {
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
