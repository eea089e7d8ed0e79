package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/sqlite"
)

const (
	// Marker is a file in a data directory into which a backup is being restored. While it is there, nobody may use the directory.
	Marker     = "restoring"
	extracted  = databaseFile + ".restoring"
	bodiesDir  = "files"
	privateDir = 0o700
)

// Restore makes a data directory of a backup. dir must exist, and be empty or what an interrupted Restore left; the caller has locked it
// by the file with the name lock in it. The workspace gets a new epoch, and all sessions end.
//
// Until Restore has checked everything and written it to the disk, Marker is there, so a power cut leaves nothing that looks whole. If it
// fails, it removes what it has made.
func Restore(ctx context.Context, r io.Reader, dir, lock string) (s Summary, err error) {
	in, err := openFolder(dir)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return in.restore(ctx, r, lock)
}

// restore is Restore into a folder.
func (f folder) restore(ctx context.Context, r io.Reader, lock string) (s Summary, err error) {
	err = f.making(ctx, lock, func() (err error) {
		s, err = f.extract(ctx, r)
		return err
	})
	return s, err
}

// making begins a data directory, lets do make what is in it, and finishes it. If that fails, nothing of it is left.
func (f folder) making(ctx context.Context, lock string, do func() error) error {
	if err := f.begin(lock); err != nil {
		return err
	}
	err := do()
	if err == nil {
		err = f.finish(ctx)
	}
	if err != nil {
		return errors.Join(err, f.clear(lock))
	}
	return nil
}

// Vacant says whether a directory is empty, or what an interrupted Restore left. The error says what it holds.
func Vacant(dir, lock string) error {
	in, err := openFolder(dir)
	if err != nil {
		return err
	}
	_, err = in.vacant(lock)
	return errors.Join(err, in.Close())
}

// vacant gives the names in a directory that is empty, or what an interrupted Restore left.
func (f folder) vacant(lock string) ([]string, error) {
	found, err := f.names(lock)
	if err == nil && len(found) > 0 && !slices.Contains(found, Marker) {
		err = fmt.Errorf("the directory %s is not empty, it holds %s: name a new or an empty one", f.Name(), found[0])
	}
	return found, err
}

// begin makes the marker, and removes what an interrupted Restore left.
func (f folder) begin(lock string) error {
	found, err := f.vacant(lock)
	if err == nil {
		err = f.Chmod(".", privateDir)
	}
	if err != nil {
		return err
	}
	if err := f.empty(found); err != nil {
		return err
	}
	return f.mkdir(bodiesDir)
}

// empty removes what is found in a directory, except for the marker, which it makes before.
func (f folder) empty(found []string) error {
	if !slices.Contains(found, Marker) {
		m, err := f.create(Marker)
		if err != nil {
			return err
		}
		if err := m.Close(); err != nil {
			return err
		}
	}
	err := f.syncDir(".")
	for _, name := range found {
		if err == nil && name != Marker {
			err = f.removeAll(name)
		}
	}
	return err
}

// names are the names in a directory, without those that a restore leaves as they are.
func (f folder) names(lock string) ([]string, error) {
	dir, err := f.Open(".")
	if err != nil {
		return nil, err
	}
	found, err := dir.Readdirnames(-1)
	found = slices.DeleteFunc(found, func(n string) bool { return n == lock || n == "lost+found" })
	return found, errors.Join(err, dir.Close())
}

// extract makes the data of an archive.
func (f folder) extract(ctx context.Context, r io.Reader) (Summary, error) {
	path := filepath.Join(f.Name(), extracted)
	s, err := visit(r, &extraction{ctx: ctx, path: path, put: func(key string, r io.Reader) error {
		return writeFile(ctx, func() (*os.File, error) { return f.create(filepath.Join(bodiesDir, key)) }, r)
	}})
	if err != nil {
		return s, err
	}
	return s, s.check(ctx, path)
}

// finish makes the extracted database and bodies durable, and then the data of the directory.
func (f folder) finish(ctx context.Context) error {
	if err := sqlite.RenewCopy(ctx, filepath.Join(f.Name(), extracted), chat.NewID()); err != nil {
		return err
	}
	if err := f.syncAll(); err != nil { // all bodies at once: a sync for each would take minutes
		return fmt.Errorf("write to the disk: %w", err)
	}
	if err := f.rename(extracted, databaseFile); err != nil {
		return err
	}
	if err := f.syncDir("."); err != nil {
		return err
	}
	if err := f.remove(Marker); err != nil {
		return err
	}
	return f.syncDir(".")
}

// clear removes what a restore has made, the marker last.
func (f folder) clear(lock string) error {
	found, err := f.names(lock)
	if err != nil {
		return err
	}
	if err := f.empty(found); err != nil {
		return err
	}
	if err := f.syncDir("."); err != nil {
		return err
	}
	return f.remove(Marker)
}
