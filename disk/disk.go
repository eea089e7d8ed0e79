// Package disk keeps the bodies of files in one directory. It is the home of bodies on one machine.
//
// Each upload is one temporary file, whose full size is reserved when it begins, so that a full disk is noticed before anything is sent.
// Parts are written at their place. A part counts once its digest is written after its bytes: behind the last byte of the body, the file
// has room for one digest a part. When all parts are there, they are read and compared with their digests once more; then the file is
// cut to its size, written to the disk and renamed to its key. So a body is whole, or it does not exist. A part whose bytes or digest a
// power cut took is missing, and the client sends it again.
//
// Names of files are keys of package files, never names that users choose, and all access goes through os.Root.
//
// The package may import chat, files and golang.org/x/sys.
package disk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
)

const (
	uploading = ".upload"    // suffix of the file of an upload
	replacing = ".replacing" // suffix of the file of a body that is being put, whose name is random
)

// Bodies is a files.Bodies in one directory. Only one process may have it open.
type Bodies struct {
	// Enough says whether the disk has enough room left for others, after that of an upload was reserved. nil: always. It must be set
	// before the first use.
	Enough func() bool
	// Stored is told the key of each body that is whole, before the caller is. It must not block. nil: nobody is told. It must be set
	// before the first use.
	Stored func(key string)
	// Lane lets bodies be written while posts are stored on the same disk. nil: bodies do not wait. It must be set before the first use.
	Lane *files.Lane

	root     *os.Root
	allocate func(f *os.File, size int64) error

	mu      sync.Mutex
	holders map[string]*holder // by id: of uploads in use
	held    int                // how many Holds there are
	over    map[string]bool    // keys that were deleted while there was a Hold
}

// holder is an upload in use. Whoever writes to its file holds the lock, parts together, Done and Abort alone. Nobody holds it
// while waiting for a client.
type holder struct {
	sync.RWMutex
	over  bool // Done or Abort has happened: nothing may be written any more
	users int  // guarded by Bodies.mu
}

// Open opens the directory, and creates it if necessary.
func Open(dir string) (*Bodies, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Bodies{root: root, allocate: allocate, holders: map[string]*holder{}, over: map[string]bool{}}, nil
}

// Close closes the directory.
func (b *Bodies) Close() error { return b.root.Close() }

// allocate reserves room on the disk. A file system that cannot reserve only sets the size.
func allocate(f *os.File, size int64) error {
	err := unix.Fallocate(int(f.Fd()), 0, 0, size) // #nosec G115 -- descriptors are small
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return f.Truncate(size)
	}
	return err
}

// hold gives the holder of an upload. The caller calls release after its last use.
func (b *Bodies) hold(id string) (h *holder, release func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h = b.holders[id]
	if h == nil {
		h = &holder{}
		b.holders[id] = h
	}
	h.users++
	return h, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if h.users--; h.users == 0 {
			delete(b.holders, id)
		}
	}
}

// problem is the error of package chat for an error of the file system.
func problem(err error) error {
	var known *chat.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return chat.ErrNotFound()
	case errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) || errors.Is(err, unix.EFBIG):
		return chat.ErrUnavailable(fmt.Errorf("no room for a file: %w", err))
	}
	return err
}

// check refuses keys that are none, so that no other name reaches the file system.
func check(keys ...string) error {
	for _, key := range keys {
		if !files.IsKey(key) {
			return chat.ErrNotFound()
		}
	}
	return nil
}

// Put implements files.Bodies.
func (b *Bodies) Put(ctx context.Context, key, _ string, r io.Reader, size int64) error {
	if err := check(key); err != nil {
		return err
	}
	temporary := chat.NewID() + replacing
	f, err := b.root.OpenFile(temporary, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return problem(err)
	}
	n, err := b.Lane.Copy(ctx, &steady{f: f}, io.LimitReader(r, size+1))
	if err == nil && n != size {
		err = files.ErrLength(size)
	}
	if err == nil {
		err = b.Lane.Do(ctx, f.Sync)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = b.settle(temporary, key)
	}
	if err != nil {
		return errors.Join(problem(err), b.remove(temporary))
	}
	return nil
}

// settle gives a file that is complete and synced its final name.
func (b *Bodies) settle(temporary, key string) error {
	if err := b.root.Rename(temporary, key); err != nil {
		return err
	}
	if b.Stored != nil {
		b.Stored(key)
	}
	return b.sync()
}

// sync makes names durable.
func (b *Bodies) sync() error {
	dir, err := b.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// body is an open file.
type body struct {
	*os.File
	size int64
}

// Size implements files.Body.
func (b body) Size() int64 { return b.size }

// Open implements files.Bodies.
func (b *Bodies) Open(_ context.Context, key string) (files.Body, error) {
	if err := check(key); err != nil {
		return nil, err
	}
	f, err := b.root.Open(key)
	if err != nil {
		return nil, problem(err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return body{f, info.Size()}, nil
}

// URL implements files.Bodies: the server sends the bodies itself.
func (b *Bodies) URL(context.Context, string, files.Headers) (string, error) { return "", nil }

// Hold keeps all bodies that there are, for a backup, until release is called. Bodies that are deleted meanwhile are deleted then. Until
// then they can still be opened.
func (b *Bodies) Hold() (release func() error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held++
	return sync.OnceValue(func() error {
		b.mu.Lock()
		var over []string
		if b.held--; b.held == 0 {
			over = slices.Collect(maps.Keys(b.over))
			clear(b.over)
		}
		b.mu.Unlock()
		return b.delete(over)
	})
}

// Delete implements files.Bodies.
func (b *Bodies) Delete(_ context.Context, keys ...string) error {
	b.mu.Lock()
	if b.held > 0 {
		for _, key := range keys {
			b.over[key] = true
		}
		keys = nil
	}
	b.mu.Unlock()
	return b.delete(keys)
}

func (b *Bodies) delete(keys []string) error {
	var errs []error
	for _, key := range keys {
		if strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789._") == "" && !strings.HasPrefix(key, ".") {
			errs = append(errs, b.remove(key))
		}
	}
	return errors.Join(errs...)
}

func (b *Bodies) remove(name string) error {
	if err := b.root.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// List implements files.Bodies.
func (b *Bodies) List(ctx context.Context, after string, limit int) ([]files.Stored, error) {
	dir, err := b.root.Open(".")
	if err != nil {
		return nil, err
	}
	var names []string
	for err == nil && ctx.Err() == nil {
		var some []string
		if some, err = dir.Readdirnames(1000); err == nil {
			names = lowest(append(names, some...), after, limit)
		}
	}
	if err = errors.Join(ctx.Err(), dir.Close(), ended(err)); err != nil {
		return nil, err
	}
	out := make([]files.Stored, 0, len(names))
	for _, name := range names {
		info, err := b.root.Stat(name)
		if errors.Is(err, fs.ErrNotExist) { // deleted meanwhile
			continue
		} else if err != nil {
			return nil, err
		}
		out = append(out, files.Stored{Key: name, At: info.ModTime()})
	}
	return out, nil
}

// lowest are the limit lowest names above after.
func lowest(names []string, after string, limit int) []string {
	names = slices.DeleteFunc(names, func(n string) bool { return cmp.Compare(n, after) <= 0 })
	slices.Sort(names)
	return names[:min(len(names), limit)]
}

// ended is the error of a reader that may have come to its end.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
