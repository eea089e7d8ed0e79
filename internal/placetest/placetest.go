// Package placetest holds the contract of places that changes are shipped to (backup.Place). Each place runs it.
//
// It may import backup.
package placetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/backup"
)

// Run tests a place, which is empty at first. Each call of again opens it. large is a size in bytes at which
// the place writes in another way than at small ones.
func Run(t *testing.T, again func(testing.TB) backup.Place, large int) {
	p := again(t)
	h := home{t, p}
	h.lists("", "nothing yet")
	h.lists("files", "nothing yet")
	h.absent("a/1")
	for name, body := range map[string]string{"a/1": "one", "a/2.segment": "two", "files/k.360": "", "b/1": strings.Repeat("é", 5000)} {
		h.put(name, body)
	}
	h.put("a/1", "another one")
	big := bytes.Repeat([]byte("0123456789abcdef"), large/16+1)
	for _, n := range []int{large, large + 7} {
		h.put(fmt.Sprint("b/", n), string(big[:n]))
	}
	h = home{t, again(t)}
	h.lists("", "after a new start", "a", "b", "files")
	h.lists("a", "after a new start", "1", "2.segment")
	h.has("a/1", "another one")
	h.has("files/k.360", "")
	h.has(fmt.Sprint("b/", large+7), string(big[:large+7]))

	broken := errors.New("the disk of the source is broken")
	for _, n := range []int{0, 100, large + 100} {
		err := h.p.Put(t.Context(), "a/half", io.MultiReader(bytes.NewReader(big[:min(n, len(big))]), &failing{broken}))
		if !errors.Is(err, broken) {
			t.Errorf("a reader that fails after %d bytes: %v", n, err)
		}
		h.absent("a/half")
		h.lists("a", "after a write that failed", "1", "2.segment")
	}
	ended, end := context.WithCancel(t.Context())
	if end(); h.p.Put(ended, "a/late", strings.NewReader("late")) == nil {
		t.Error("something is written after the end")
	}
	h.absent("a/late")

	h.deletes("a/1", "a/1", "a/none", "none/1", "none")
	h.lists("a", "after a deletion", "2.segment")
	h.put("ab/1", "of another directory that begins alike")
	h.deletes("a")
	h.lists("", "after the deletion of a directory", "ab", "b", "files")
	h.absent("a/2.segment")
	h.has("ab/1", "of another directory that begins alike")
}

// failing is a reader that has nothing but an error.
type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

type home struct {
	t testing.TB
	p backup.Place
}

func (h home) put(name, body string) {
	h.t.Helper()
	if err := h.p.Put(h.t.Context(), name, strings.NewReader(body)); err != nil {
		h.t.Fatal(err)
	}
	h.has(name, body)
}

func (h home) deletes(names ...string) {
	h.t.Helper()
	for _, name := range names {
		if err := h.p.Delete(h.t.Context(), name); err != nil {
			h.t.Errorf("delete %s: %v", name, err)
		}
	}
}

func (h home) has(name, want string) {
	h.t.Helper()
	f, err := h.p.Open(h.t.Context(), name)
	if err != nil {
		h.t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil || string(got) != want {
		h.t.Errorf("%s has %d bytes, want %d: %v", name, len(got), len(want), err)
	}
}

func (h home) absent(name string) {
	h.t.Helper()
	if f, err := h.p.Open(h.t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
		h.t.Errorf("%s: %v, %v", name, f, err)
	}
}

func (h home) lists(dir, when string, want ...string) {
	h.t.Helper()
	if got, err := h.p.List(h.t.Context(), dir); err != nil || !slices.Equal(got, want) {
		h.t.Errorf("%s, %q has %q, want %q: %v", when, dir, got, want, err)
	}
}
