package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

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
type directory struct{ root *os.Root }

// OpenDirectory opens a directory as a Place, and creates it if necessary.
func OpenDirectory(dir string) (Place, error) {
	if err := os.MkdirAll(dir, privateDir); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	return directory{root}, err
}

const partial = ".part"

// Put implements Place.
func (d directory) Put(ctx context.Context, name string, r io.Reader) error {
	if err := d.root.Mkdir(path.Dir(name), privateDir); err == nil {
		if err := syncDir(d.root); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	part := path.Join(path.Dir(name), chat.NewID()+partial)
	f, err := d.root.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, untilDone{ctx, r})
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = d.root.Rename(part, name)
	}
	if err != nil {
		return errors.Join(err, d.root.Remove(part))
	}
	dir, err := d.root.Open(path.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Open implements Place.
func (d directory) Open(_ context.Context, name string) (io.ReadCloser, error) {
	return d.root.Open(name)
}

// List implements Place.
func (d directory) List(_ context.Context, dir string) ([]string, error) {
	f, err := d.root.Open(path.Join(".", dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	entries, err := f.ReadDir(-1)
	var names []string
	for _, e := range entries {
		if e.IsDir() == (dir == "") && !strings.HasSuffix(e.Name(), partial) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, errors.Join(err, f.Close())
}

// Delete implements Place.
func (d directory) Delete(_ context.Context, name string) error { return d.root.RemoveAll(name) }
