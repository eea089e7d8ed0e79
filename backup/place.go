package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// Place is where changes are shipped to. Names have the form DIRECTORY/FILE.
type Place interface {
	// Put stores what r has, completely or not at all, in place of what had the name. If it returns nil, that is durable.
	Put(ctx context.Context, name string, r io.Reader) error
	// Open opens what has the name: fs.ErrNotExist if there is nothing. The caller closes it.
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	// List lists the files or, with "", the directories in a directory, in ascending order.
	List(ctx context.Context, dir string) ([]string, error)
	// Delete deletes a directory with its files, or a file. What is not there is no error.
	Delete(ctx context.Context, name string) error
}

// directory is a Place on a file system.
type directory struct{ in folder }

// OpenDirectory opens a directory as a Place, and creates it if necessary.
func OpenDirectory(dir string) (Place, error) {
	if err := os.MkdirAll(dir, privateDir); err != nil {
		return nil, err
	}
	in, err := openFolder(dir)
	return directory{in}, err
}

// partial ends the name of a file that is being written, or that a process was writing when it ended. Shipper.forget deletes the latter:
// their names have the form of keys.
const partial = ".part"

// Put implements Place. The file gets its name when all of it is on the disk.
func (d directory) Put(ctx context.Context, name string, r io.Reader) error {
	if err := d.mkdir(path.Dir(name)); err != nil {
		return err
	}
	part := path.Join(path.Dir(name), chat.NewID()+partial)
	f, err := d.in.create(part)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, untilDone{ctx, r})
	if err == nil {
		err = d.in.sync(f, part)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = d.in.rename(part, name)
	}
	if err != nil {
		return errors.Join(err, d.in.remove(part))
	}
	return d.in.syncDir(path.Dir(name))
}

// mkdir creates a directory, if it is not there, and waits until it is on the disk.
func (d directory) mkdir(name string) error {
	err := d.in.mkdir(name)
	if errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	if err := d.in.syncDir("."); err != nil {
		return errors.Join(err, d.in.remove(name)) // the next attempt waits again
	}
	return nil
}

// Open implements Place.
func (d directory) Open(_ context.Context, name string) (io.ReadCloser, error) {
	return d.in.Open(name)
}

// List implements Place.
func (d directory) List(_ context.Context, dir string) ([]string, error) {
	f, err := d.in.Open(path.Join(".", dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	entries, err := f.ReadDir(-1)
	var names []string
	for _, e := range entries {
		if e.IsDir() == (dir == "") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, errors.Join(err, f.Close())
}

// Delete implements Place.
func (d directory) Delete(_ context.Context, name string) error {
	if path.Dir(name) == "." { // what was deleted in a directory before is gone before the rest of it
		if err := d.in.syncDir(name); errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return d.in.removeAll(name)
}
