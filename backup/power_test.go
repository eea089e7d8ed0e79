package backup

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
)

// power is a folder whose process can be killed, and whose power can be cut, before each step. It knows what is on the disk then: of a file
// what was there when the file was last synced, of a directory the names that it had when it was last synced.
type power struct {
	t    testing.TB
	in   folder
	each func(step, name string) error // called before each step
	lies string                        // a kind of sync that does nothing: "file", "directory" or "all"

	mu       sync.Mutex                 // a generation is begun beside the shipping to another
	n, draw  int                        // steps so far, and what else decides what some of a cut leaves
	contents map[uint64][]byte          // by the number of the file
	names    map[uint64]map[string]node // by the number of the directory
	held     []*os.File                 // so that no number is used again
}

// node is a file or a directory by its number.
type node struct {
	number uint64
	dir    bool
}

// newPower watches a directory, all of which is on the disk at first.
func newPower(t testing.TB, dir string) *power {
	t.Helper()
	in, err := openFolder(dir)
	must(t, err)
	p := &power{t: t, in: in, contents: map[uint64][]byte{}, names: map[uint64]map[string]node{}}
	p.in.step = p.step
	t.Cleanup(func() {
		for _, f := range append(p.held, nil) {
			if f != nil {
				must(t, f.Close())
			}
		}
		must(t, in.Close())
	})
	p.syncAll()
	return p
}

// step is called by the folder before each step.
func (p *power) step(step, name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	if p.each != nil {
		if err := p.each(step, name); err != nil {
			return err
		}
	}
	switch path := filepath.Join(p.in.Name(), name); step {
	case "sync":
		p.sync(path)
	case "sync all":
		if p.lies != "all" {
			p.syncAll()
		}
	}
	return nil
}

func (p *power) syncAll() {
	must(p.t, filepath.WalkDir(p.in.Name(), func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			p.sync(path)
		}
		return err
	}))
}

// sync brings a file, or the names in a directory, to the disk.
func (p *power) sync(path string) {
	f, err := os.Open(path) // #nosec G304 -- in a temporary directory
	must(p.t, err)
	p.held = append(p.held, f)
	n := nodeOf(p.t, path)
	switch {
	case n.dir && p.lies != "directory":
		p.names[n.number] = living(p.t, path)
	case !n.dir && p.lies != "file":
		b, err := io.ReadAll(f)
		must(p.t, err)
		p.contents[n.number] = b
	}
}

func nodeOf(t testing.TB, path string) node {
	t.Helper()
	info, err := os.Lstat(path)
	must(t, err)
	return node{info.Sys().(*syscall.Stat_t).Ino, info.IsDir()}
}

// living gives what a directory has in memory.
func living(t testing.TB, dir string) map[string]node {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	out := map[string]node{}
	for _, e := range entries {
		out[e.Name()] = nodeOf(t, filepath.Join(dir, e.Name()))
	}
	return out
}

// cuts are the ways in which a process ends: what is left of its directory. "killed" leaves everything that was written. A cut of the power
// leaves what was synced, "least"; or the names with nothing in their files, "names"; or any part of what was not synced, "some".
var cuts = []string{"killed", "least", "names", "some"}

// leave makes a directory of what a cut leaves at this moment. The directory must not exist.
func (p *power) leave(cut, dir string) {
	p.copyDir(cut, p.in.Name(), nodeOf(p.t, p.in.Name()), dir)
}

func (p *power) copyDir(cut, from string, at node, to string) {
	must(p.t, os.Mkdir(to, 0o700))
	alive, stored := map[string]node{}, p.names[at.number]
	if info, err := os.Lstat(from); err == nil && info.IsDir() && nodeOf(p.t, from) == at {
		alive = living(p.t, from)
	}
	names := slices.Collect(maps.Keys(alive))
	for name := range stored {
		if _, both := alive[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		entry, ok := alive[name]
		was, onDisk := stored[name]
		if cut == "least" || cut == "some" && p.chance(to, name) {
			entry, ok = was, onDisk
		}
		path := filepath.Join(to, name)
		switch {
		case !ok:
		case entry.dir:
			p.copyDir(cut, filepath.Join(from, name), entry, path)
		default:
			must(p.t, os.WriteFile(path, p.bytes(cut, filepath.Join(from, name), entry), 0o600))
		}
	}
}

// bytes are those of a file after a cut.
func (p *power) bytes(cut, path string, at node) []byte {
	stored := p.contents[at.number]
	if cut == "least" || cut == "names" {
		return stored
	}
	b, err := os.ReadFile(path) // #nosec G304 -- in a temporary directory
	if errors.Is(err, fs.ErrNotExist) || err == nil && nodeOf(p.t, path) != at {
		return stored
	}
	must(p.t, err)
	if cut == "some" && stored == nil {
		return b[:len(b)/2]
	}
	return b
}

// chance decides by the number of the step and the name, so that each run is the same.
func (p *power) chance(dir, name string) bool {
	return sha256.Sum256(fmt.Append(nil, p.n, p.draw, filepath.Base(dir), "/", name))[0]&1 == 0
}
