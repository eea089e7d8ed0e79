package backup

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// twice is what was shipped by a server that was started twice, with files that came and one that went.
func twice(t testing.TB) *shipped {
	s := newShipped(t)
	s.after(t, 0)
	for n := range 4 {
		s.post(t, 10+n, "hello")
		s.addFile(t, chat.NewID(), bytes.Repeat([]byte{byte(n)}, 5000), nil)
		s.after(t, time.Second)
	}
	must(t, s.store.EndFile(t.Context(), s.file, noon), s.bodies.Delete(t.Context(), s.file))
	s.reopen(t)
	s.after(t, time.Minute)
	s.post(t, 20, "hello")
	s.after(t, time.Second)
	return s
}

// TestVerifyShipped: what was shipped is whole, and it is said what can be restored of it.
func TestVerifyShipped(t *testing.T) {
	s := twice(t)
	temporary := temp(t)
	is, err := VerifyShipped(t.Context(), s.place, temporary)
	want := Shipped{From: noon, To: noon.Add(65 * time.Second), Generations: 2, Segments: 7, Bodies: 8}
	if err != nil || is != want {
		t.Errorf("%+v, %v, want %+v", is, err, want)
	}
	if left := listing(t, temporary); len(left) > 1 {
		t.Errorf("it left %q", left)
	}
	empty, err := OpenDirectory(temp(t))
	must(t, err)
	if _, err := VerifyShipped(t.Context(), empty, ""); err == nil || !strings.Contains(err.Error(), "nothing was shipped there") {
		t.Errorf("an empty directory: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := VerifyShipped(ended, s.place, ""); err == nil {
		t.Error("it does not end with its context")
	}
}

// TestVerifyFindsEachDamage: every file that can be needed is noticed when it is missing or has another bit, and the error names it.
func TestVerifyFindsEachDamage(t *testing.T) {
	s := twice(t)
	var all []string
	must(t, filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, path)
		}
		return err
	}))
	if len(all) < 20 {
		t.Fatalf("%d files", len(all))
	}
	noticed := 0
	for n, file := range all {
		b, err := os.ReadFile(file)
		must(t, err)
		name, err := filepath.Rel(s.dir, file)
		must(t, err)
		kind := filepath.Ext(name)
		if strings.HasPrefix(name, shippedBodies) && (kind != "") { // of thumbnails and emoji, rows have no digest
			kind = "drawn"
		}
		last := kind == segmentFile && !slices.ContainsFunc(all[n+1:], func(o string) bool {
			return filepath.Dir(o) == filepath.Dir(file) && strings.HasSuffix(o, segmentFile) && !strings.HasSuffix(o, "000000001"+segmentFile)
		})
		for _, flip := range []bool{true, false} {
			damaged := bytes.Clone(b)
			damaged[len(b)*2/3] ^= 0x80 // no letter
			if must(t, os.Remove(file)); flip {
				must(t, os.WriteFile(file, damaged, 0o600))
			}
			_, err := VerifyShipped(t.Context(), s.place, "")
			if flip && kind == "drawn" || !flip && (last || kind == bodiesFile || kind == ".json") { // nobody can know that it was there
				if err != nil {
					t.Errorf("%s flipped %v: %v", name, flip, err)
				}
				continue
			}
			if noticed++; err == nil {
				t.Errorf("%s flipped %v is not noticed", name, flip)
				continue
			}
			says := filepath.Dir(name) // the generation
			switch {
			case kind == segmentFile:
				says = strings.TrimLeft(strings.TrimSuffix(filepath.Base(name), kind), "0")
			case says == shippedBodies:
				says = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), "e."), filepath.Ext(strings.TrimPrefix(name, "files/e.")))
			}
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s flipped %v: %v", name, flip, err)
			}
		}
		must(t, os.WriteFile(file, b, 0o600))
	}
	if _, err := VerifyShipped(t.Context(), s.place, ""); err != nil || noticed < 25 {
		t.Errorf("%d damages were noticed, %v", noticed, err)
	}
}

// TestVerifySaysAll: more than one damage is said at once, each once.
func TestVerifySaysAll(t *testing.T) {
	s := twice(t)
	dirs, err := s.place.List(t.Context(), "")
	must(t, err)
	must(t, os.Remove(filepath.Join(s.dir, dirs[0], "000000003.segment")), os.Remove(filepath.Join(s.dir, dirs[1], "000000001.segment")),
		os.Remove(filepath.Join(s.dir, shippedBodies, s.file)))
	_, err = VerifyShipped(t.Context(), s.place, "")
	if err == nil {
		t.Fatal("nothing is said")
	}
	for _, what := range []string{"segment 3 of " + dirs[0], "--to 2026-03-02T12:00:01Z", "segment 1 of " + dirs[1], "the file " + s.file + " is missing"} {
		if n := strings.Count(err.Error(), what); n != 1 {
			t.Errorf("%q is said %d times in:\n%v", what, n, err)
		}
	}
}

// passing is a Place that loses a directory when something in it is first opened, as when a server deletes what nobody needs any more.
type passing struct {
	Place
	dir  string
	gone bool
}

func (p *passing) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	if !p.gone && strings.HasPrefix(name, p.dir) && strings.HasSuffix(name, segmentFile) {
		p.gone = true
		if err := p.Delete(ctx, p.dir); err != nil {
			return nil, err
		}
	}
	return p.Place.Open(ctx, name)
}

// TestVerifyWhileForgotten: a generation that the server deletes meanwhile is not missing.
func TestVerifyWhileForgotten(t *testing.T) {
	s := twice(t)
	dirs, err := s.place.List(t.Context(), "")
	must(t, err)
	p := &passing{Place: s.place, dir: dirs[0]}
	if is, err := VerifyShipped(t.Context(), p, ""); err != nil || !p.gone || is.Generations != 1 || is.From.Before(noon.Add(time.Minute)) {
		t.Errorf("%+v, %v, %v", is, err, p.gone)
	}
}
