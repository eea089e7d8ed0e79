package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/sqlite"
)

// watching is a writer that calls once before the first write, and then passes everything on.
type watching struct {
	io.Writer
	once func()
}

func (w *watching) Write(b []byte) (int, error) {
	if w.once != nil {
		w.once()
		w.once = nil
	}
	return w.Writer.Write(b)
}

// TestDeletedMeanwhile: bodies that are deleted while a backup is made are in the backup, and are deleted when it has ended, also if it
// fails.
func TestDeletedMeanwhile(t *testing.T) {
	for _, fails := range []bool{false, true} {
		w := newWorkspace(t)
		var out bytes.Buffer
		err := Make(t.Context(), w.source(), &watching{&out, func() {
			must(t, w.bodies.Delete(t.Context(), w.photo, files.ThumbKey(w.photo, 360)), w.bodies.Delete(t.Context(), w.file))
			if fails {
				must(t, os.Remove(filepath.Join(w.dir, bodiesDir, w.file)))
			}
		}})
		if fails {
			if err == nil || !strings.Contains(err.Error(), "the file "+w.file+" is not in the data directory") {
				t.Errorf("a missing body: %v", err)
			}
		} else if _, err := Verify(t.Context(), &out, temp(t)); err != nil {
			t.Error(err)
		}
		if left := stored(t, w); len(left) != 1 || !strings.HasPrefix(left[0], "e.") {
			t.Errorf("fails %v: the bodies %q are left", fails, left)
		}
	}
}

func stored(t testing.TB, w *workspace) []string {
	t.Helper()
	page, err := w.bodies.List(t.Context(), "", 100)
	must(t, err)
	var out []string
	for _, b := range page {
		out = append(out, b.Key)
	}
	return out
}

// TestOneCommit: a backup has what was committed before it began, and nothing of what is written meanwhile, also if a commit comes between
// two pages. Its write-ahead log stays small although the place of the backup is slow.
func TestOneCommit(t *testing.T) {
	w := newWorkspace(t)
	for n := range 100 {
		w.post(t, 10+n, strings.Repeat("long ", 1000))
	}
	var out, copied bytes.Buffer
	began := false
	contents, err := sqlite.Copy(t.Context(), filepath.Join(w.dir, databaseFile), &watching{&copied, func() {
		began = true
		w.post(t, 1000, "while it is copied")
	}}, func(int64) error {
		w.post(t, 1001, "just before the first page")
		return nil
	})
	must(t, err)
	if !began || len(contents.Files) != 2 {
		t.Fatalf("%d files, a commit meanwhile: %v", len(contents.Files), began)
	}
	path := filepath.Join(temp(t), databaseFile)
	must(t, os.WriteFile(path, copied.Bytes(), 0o600))
	if n := count(t, path, "SELECT count(*) FROM message"); n != 101 {
		t.Errorf("%d messages in the copy, want those before it", n)
	}
	log := filepath.Join(w.dir, databaseFile+"-wal")
	must(t, Make(t.Context(), w.source(), &watching{&out, func() {
		for n := range 1000 {
			w.post(t, 2000+n, strings.Repeat("much ", 3000))
		}
		if info, err := os.Stat(log); err != nil || info.Size() > 16<<20 {
			t.Errorf("the write-ahead log: %d bytes, %v", info.Size(), err)
		}
	}}))
	dir := temp(t)
	_, err = Restore(t.Context(), &out, dir, "lock")
	must(t, err)
	if n := count(t, filepath.Join(dir, databaseFile), "SELECT count(*) FROM message"); n != 103 {
		t.Errorf("%d messages in the backup", n)
	}
}

// TestInterrupted: a backup ends with its context, with its writer's error, and where there is no room for the copy. It leaves no file.
func TestInterrupted(t *testing.T) {
	w := newWorkspace(t)
	before := listing(t, w.dir)
	ctx, end := context.WithCancel(t.Context())
	broken, full := errors.New("the line is cut"), errors.New("no room")
	for what, c := range map[string]struct {
		once func()
		fits error
		fail error
		want error
	}{
		"cancelled":   {end, nil, nil, context.Canceled},
		"cut":         {nil, nil, broken, broken},
		"a full disk": {nil, full, nil, full},
	} {
		s := w.source()
		s.Fits = func(size int64) error {
			if size < 100_000 {
				t.Errorf("the database has %d bytes", size)
			}
			return c.fits
		}
		to := io.Writer(io.Discard)
		if c.fail != nil {
			to = failingWriter{c.fail}
		}
		with := t.Context()
		if c.once != nil {
			with = ctx
		}
		if err := Make(with, s, &watching{to, c.once}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if after := listing(t, w.dir); !slices.Equal(after, before) {
		t.Errorf("the directory holds %q, held %q", after, before)
	}
	if _, err := Verify(t.Context(), bytes.NewReader(w.backup(t)), temp(t)); err != nil { // everything still works
		t.Error(err)
	}
}

type failingWriter struct{ err error }

func (f failingWriter) Write([]byte) (int, error) { return 0, f.err }

// TestDamagedBody: a backup is refused if a body has other bytes than its row says.
func TestDamagedBody(t *testing.T) {
	w := newWorkspace(t)
	path := filepath.Join(w.dir, bodiesDir, w.file)
	b, err := os.ReadFile(path)
	must(t, err)
	b[77] ^= 4
	must(t, os.WriteFile(path, b, 0o600))
	if err := Make(t.Context(), w.source(), io.Discard); err == nil ||
		!strings.Contains(err.Error(), "the file "+w.file+": it is damaged") {
		t.Error(err)
	}
}
