package server

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/canteen-chat/canteen/backup"
)

// ErrInUse is the error for a data directory that another process has open.
var ErrInUse = errors.New("another canteen process uses this data directory")

// ErrNoData is the error for a directory without a database.
var ErrNoData = errors.New("this directory holds no Canteen database")

// prepare makes sure that dir is a data directory which nobody else can read. Only with create it makes the directory or the database in
// it, and never among files of others.
func prepare(dir string, create bool, log *slog.Logger) error {
	if create {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("the directory %s cannot be created: %w; name one that this user can write to", dir, cause(err))
		}
	}
	found, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w, it does not exist: %s (canteen serve creates it)", ErrNoData, dir)
	} else if err != nil {
		return fmt.Errorf("the directory %s cannot be read: %w", dir, cause(err))
	}
	var own, others []string
	for _, f := range found {
		if isOwn(f.Name()) {
			own = append(own, filepath.Join(dir, f.Name()))
		} else if f.Name() != "lost+found" { // of a file system mounted here
			others = append(others, f.Name())
		}
	}
	if slices.Contains(others, backup.Marker) {
		return fmt.Errorf("a restore into %s is running or was interrupted: run the same canteen restore again", dir)
	}
	database := filepath.Join(dir, databaseFile)
	missing := !slices.Contains(own, database)
	switch {
	case missing && len(others) > 0:
		return fmt.Errorf("%w but other files, such as %s: %s (name a new or an empty directory)", ErrNoData, others[0], dir)
	case missing && !create:
		return fmt.Errorf("%w: %s (canteen serve creates it)", ErrNoData, dir)
	}
	certificates, err := filepath.Glob(filepath.Join(dir, certificatesDir, "*"))
	if err != nil {
		return err
	}
	for _, path := range slices.Concat([]string{dir}, own, certificates) {
		if err := secure(path, log); err != nil {
			return err
		}
	}
	if !missing {
		return nil
	}
	f, err := os.OpenFile(database, os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- SQLite would make it with the mode of the umask
	if err != nil {
		return unwritable(dir, err)
	}
	return f.Close()
}

// unwritable says that this user cannot create files in dir, or write to those in it.
func unwritable(dir string, err error) error {
	return fmt.Errorf("this user cannot write to the directory %s (%w): name another one, or give it to this user", dir, err)
}

// cause is an error of the operating system without the path, which the message names already.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// isOwn says whether Canteen itself makes files of this name in a data directory.
func isOwn(name string) bool {
	begins := func(with string) bool { return strings.HasPrefix(name, with) }
	return slices.Contains([]string{lockFile, certificatesDir, webDir, filesDir}, name) ||
		slices.ContainsFunc([]string{databaseFile, controlFile, historyFile, alarmsFile, lastBackupFile, UptimeFile}, begins)
}

// secure takes the permissions of others away from a file or directory of the data.
func secure(path string, log *slog.Logger) error {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) { // a running server removed it
		return nil
	} else if err != nil {
		return err
	}
	was := info.Mode().Perm()
	if was&0o077 == 0 {
		return nil
	}
	if err := os.Chmod(path, was&0o700); err != nil {
		return fmt.Errorf("others can read %s (mode %04o), and this user cannot change that: %w; its owner must run chmod go-rwx, "+
			"or name a directory of your own, such as a new one inside", path, was, err)
	}
	log.Warn("others could read the data: their permissions are taken away", "path", path, "mode", fmt.Sprintf("%04o", was))
	return nil
}

const (
	lockFile        = "lock"
	certificatesDir = "acme"
	webDir          = "web" // assets of the web client, of this release and the one before
)

// lock locks the data directory for this process. The operating system releases the lock when the process ends in any way.
func lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- the operator names the directory
	if err != nil {
		return nil, unwritable(dir, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil { // #nosec G115 -- descriptors are small
		closed := f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: %s", ErrInUse, dir)
		}
		return nil, errors.Join(fmt.Errorf("lock data directory: %w", err), closed)
	}
	return f, nil
}

// writeAtomic writes a file completely or not at all. Only its owner can read it.
func writeAtomic(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync() // else a power cut may leave the name with nothing in it
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
