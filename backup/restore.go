package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

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
	root, err := os.OpenRoot(dir)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	if err := begin(root, lock); err != nil {
		return s, err
	}
	if s, err = restore(ctx, r, root); err != nil {
		return s, errors.Join(err, remove(root, lock))
	}
	return s, nil
}

// Vacant says whether a directory is empty, or what an interrupted Restore left. The error says what it holds.
func Vacant(dir, lock string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	_, err = vacant(root, lock)
	return errors.Join(err, root.Close())
}

// vacant gives the names in a directory that is empty, or what an interrupted Restore left.
func vacant(root *os.Root, lock string) ([]string, error) {
	found, err := names(root, lock)
	if err == nil && len(found) > 0 && !slices.Contains(found, Marker) {
		err = fmt.Errorf("the directory %s is not empty, it holds %s: name a new or an empty one", root.Name(), found[0])
	}
	return found, err
}

// begin makes the marker, and removes what an interrupted Restore left.
func begin(root *os.Root, lock string) error {
	found, err := vacant(root, lock)
	if err == nil {
		err = root.Chmod(".", privateDir)
	}
	if err != nil {
		return err
	}
	f, err := root.OpenFile(Marker, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), syncDir(root)); err != nil {
		return err
	}
	for _, name := range found {
		if name != Marker {
			if err := root.RemoveAll(name); err != nil {
				return err
			}
		}
	}
	return root.Mkdir(bodiesDir, privateDir)
}

// names are the names in a directory, without those that a restore leaves as they are.
func names(root *os.Root, lock string) ([]string, error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	found, err := dir.Readdirnames(-1)
	found = slices.DeleteFunc(found, func(n string) bool { return n == lock || n == "lost+found" })
	return found, errors.Join(err, dir.Close())
}

func restore(ctx context.Context, r io.Reader, root *os.Root) (Summary, error) {
	path := filepath.Join(root.Name(), extracted)
	s, err := visit(r, &extraction{ctx: ctx, path: path, put: func(key string, r io.Reader) error {
		return writeFile(ctx, func() (*os.File, error) {
			return root.OpenFile(filepath.Join(bodiesDir, key), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		}, r)
	}})
	if err != nil {
		return s, err
	}
	if err := s.check(ctx, path); err != nil {
		return s, err
	}
	return s, finish(ctx, root)
}

// finish makes the extracted database and bodies durable, and then the data of the directory.
func finish(ctx context.Context, root *os.Root) error {
	if err := sqlite.RenewCopy(ctx, filepath.Join(root.Name(), extracted), chat.NewID()); err != nil {
		return err
	}
	if err := syncAll(root); err != nil { // all bodies at once: a sync for each would take minutes
		return fmt.Errorf("write to the disk: %w", err)
	}
	if err := root.Rename(extracted, databaseFile); err != nil {
		return err
	}
	if err := syncDir(root); err != nil {
		return err
	}
	if err := root.Remove(Marker); err != nil {
		return err
	}
	return syncDir(root)
}

// remove removes what a restore has made, the marker last.
func remove(root *os.Root, lock string) error {
	found, err := names(root, lock)
	if err != nil {
		return err
	}
	for _, name := range found {
		if name != Marker {
			err = errors.Join(err, root.RemoveAll(name))
		}
	}
	if err = errors.Join(err, syncDir(root)); err != nil {
		return err
	}
	return root.Remove(Marker)
}

// syncAll waits until everything on the file system of the directory is on the disk.
func syncAll(root *os.Root) error {
	return withDir(root, func(d *os.File) error { return unix.Syncfs(int(d.Fd())) }) // #nosec G115 -- descriptors are small
}

// syncDir waits until the names in the directory are on the disk.
func syncDir(root *os.Root) error { return withDir(root, (*os.File).Sync) }

func withDir(root *os.Root, do func(*os.File) error) error {
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(do(d), d.Close())
}
