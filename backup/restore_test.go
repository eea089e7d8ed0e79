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
)

// moments is a reader that gives little at a time and calls each before.
type moments struct {
	r    io.Reader
	each func()
}

func (m moments) Read(b []byte) (int, error) {
	m.each()
	return m.r.Read(b[:min(len(b), 8192)])
}

// TestInterruptedRestore: whatever moment a restore is cut at, the marker is there, and the same restore begins anew and succeeds.
func TestInterruptedRestore(t *testing.T) {
	b := newWorkspace(t).backup(t)
	cuts, dir := temp(t), temp(t)
	n := 0
	_, err := Restore(t.Context(), moments{bytes.NewReader(b), func() {
		must(t, os.CopyFS(filepath.Join(cuts, string(rune('a'+n/26))+string(rune('a'+n%26))), os.DirFS(dir)))
		n++
	}}, dir, "lock")
	must(t, err)
	found, err := os.ReadDir(cuts)
	must(t, err)
	if len(found) < 20 {
		t.Fatalf("%d moments", len(found))
	}
	for _, cut := range found {
		dir := filepath.Join(cuts, cut.Name())
		if _, err := os.Stat(filepath.Join(dir, Marker)); err != nil {
			t.Errorf("%s: no marker: %v", cut.Name(), err)
		}
		if _, err := os.Stat(filepath.Join(dir, databaseFile)); err == nil {
			t.Errorf("%s: a database that is not complete has its name", cut.Name())
		}
		if _, err := Restore(t.Context(), bytes.NewReader(b), dir, "lock"); err != nil {
			t.Errorf("%s: %v", cut.Name(), err)
		}
		if holds := listing(t, dir); len(holds) != 3 {
			t.Errorf("%s: it holds %q", cut.Name(), holds)
		}
	}
}

// TestFailedRestore: a restore that fails leaves the directory as it was; one into a directory that holds something does not begin.
func TestFailedRestore(t *testing.T) {
	b := newWorkspace(t).backup(t)
	ctx, end := context.WithCancel(t.Context())
	cut := errors.New("cut")
	at := func(n int, do func()) io.Reader {
		return io.MultiReader(bytes.NewReader(b[:n]), moments{bytes.NewReader(b[n:]), do})
	}
	damaged := bytes.Clone(b)
	damaged[len(b)/2] ^= 1
	for what, c := range map[string]struct {
		ctx  context.Context
		r    io.Reader
		want error
	}{
		"damaged":   {t.Context(), bytes.NewReader(damaged), ErrDamaged},
		"half":      {t.Context(), bytes.NewReader(b[:len(b)/2]), ErrDamaged},
		"unread":    {t.Context(), io.MultiReader(bytes.NewReader(b[:len(b)/2]), failingReader{cut}), cut},
		"cancelled": {ctx, at(len(b)/2, end), context.Canceled},
	} {
		dir := temp(t)
		if _, err := Restore(c.ctx, c.r, dir, "lock"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
		if holds := listing(t, dir); len(holds) != 1 {
			t.Errorf("%s: it left %q", what, holds)
		}
	}
	dir := temp(t)
	must(t, os.WriteFile(filepath.Join(dir, "diary.txt"), []byte("mine"), 0o600), os.Chmod(dir, 0o755)) // #nosec G302 -- it must stay
	before := listing(t, dir)
	if _, err := Restore(t.Context(), bytes.NewReader(b), dir, "lock"); err == nil || !strings.Contains(err.Error(), "it holds diary.txt") {
		t.Error(err)
	}
	if Vacant(dir, "lock") == nil || !slices.Equal(listing(t, dir), before) {
		t.Errorf("it holds %q, held %q", listing(t, dir), before)
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }
