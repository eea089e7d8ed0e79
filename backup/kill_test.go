package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/sqlite"
)

// stepping is a Place that calls step for each piece that is written to it, or read from it.
type stepping struct {
	Place
	step func(step, name string) error
	open bool // pieces that are read count, and not those that are written
}

func (s stepping) Put(ctx context.Context, name string, r io.Reader) error {
	if !s.open {
		r = pieces{r, s.step, "write", name}
	}
	return s.Place.Put(ctx, name, r)
}

func (s stepping) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	f, err := s.Place.Open(ctx, name)
	if err != nil || !s.open {
		return f, err
	}
	return struct {
		io.Reader
		io.Closer
	}{pieces{f, s.step, "read", name}, f}, nil
}

// pieces is a reader that calls step before each piece.
type pieces struct {
	r    io.Reader
	step func(step, name string) error
	what string
	name string
}

func (p pieces) Read(b []byte) (int, error) {
	if err := p.step(p.what, p.name); err != nil {
		return 0, err
	}
	return p.r.Read(b[:min(len(b), 128<<10)])
}

// kind is what sort of file a name is of.
func kind(name string) string {
	base := filepath.Base(name)
	switch ext := filepath.Ext(base); {
	case ext == segmentFile || ext == bodiesFile || ext == partial:
		return ext
	case strings.HasPrefix(name, shippedBodies+"/"):
		return "a body"
	case isGeneration(base):
		return "a generation"
	}
	return base
}

// cutting cuts a folder at each of its steps, and looks at what is left.
type cutting struct {
	t     testing.TB
	power *power
	dir   string
	look  func(dir string) error
	seen  map[string]bool // digests of what was looked at, with how much it must hold
	least func() int
	steps map[string]int
	wrong []string
}

func newCutting(t testing.TB, p *power, look func(dir string) error) *cutting {
	c := &cutting{t: t, power: p, dir: temp(t), look: look, seen: map[string]bool{}, steps: map[string]int{}, least: func() int { return 0 }}
	p.each = c.each
	return c
}

func (c *cutting) each(step, name string) error {
	what := step + " " + kind(name)
	c.steps[what]++
	if c.power.lies != "" && len(c.wrong) > 0 {
		return nil // that it is noticed is enough
	}
	draws := cuts
	if !strings.HasPrefix(step, "write") && !strings.HasPrefix(step, "read") && strings.Count(what, ".part") == 0 {
		draws = slices.Concat(cuts, slices.Repeat([]string{"some"}, 5))
	}
	for draw, cut := range draws {
		c.power.draw = draw
		dir := filepath.Join(c.dir, "left")
		c.power.leave(cut, dir)
		sum := fmt.Sprint(c.least(), digest(c.t, dir))
		if !c.seen[sum] {
			c.seen[sum] = true
			if err := c.look(dir); err != nil {
				c.wrong = append(c.wrong, fmt.Sprintf("%s before step %d (%s): %v", cut, c.power.n, what, err))
			}
		}
		must(c.t, os.RemoveAll(dir))
	}
	return nil
}

// digest is that of the names and files in a directory.
func digest(t testing.TB, dir string) string {
	h := sha256.New()
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			fmt.Fprintln(h, strings.TrimPrefix(path, dir))
			return err
		}
		b, err := os.ReadFile(path) // #nosec G304 G122 -- in a temporary directory
		fmt.Fprintf(h, "%s %x\n", strings.TrimPrefix(path, dir), sha256.Sum256(b))
		return err
	}))
	return hex.EncodeToString(h.Sum(nil))
}

// holds says what is wrong with a data directory: the number of its messages, its database, or a body.
func holds(t testing.TB, dir string, least, most int) error {
	contents, err := sqlite.CheckCopy(t.Context(), filepath.Join(dir, databaseFile))
	if err != nil {
		return err
	}
	for _, b := range neededBodies(contents) {
		body, err := os.ReadFile(filepath.Join(dir, bodiesDir, b.key)) // #nosec G304 -- in a temporary directory
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(body); b.sum != "" && b.sum != hex.EncodeToString(sum[:]) {
			return fmt.Errorf("%s has another digest", b.of)
		}
	}
	if n := int(count(t, filepath.Join(dir, databaseFile), "SELECT count(*) FROM message")); n < least || n > most {
		return fmt.Errorf("it holds %d messages, want %d to %d", n, least, most)
	}
	return nil
}

// cutShipping ships what a server does in ten days, and cuts it at each step. A place that was cut must be whole, and hold what had been
// shipped before; a server that starts again must ship to it. lies is as in power.
func cutShipping(t testing.TB, lies string) *cutting {
	s := newShipped(t)
	p := newPower(t, s.dir)
	p.lies = lies
	s.place.Place = stepping{Place: directory{p.in}, step: p.step}
	s.ship.every = time.Hour // what is looked at must stand still, and to look takes long
	shipped, posted := 0, 1
	c := newCutting(t, p, func(dir string) error {
		place, err := OpenDirectory(dir)
		if err != nil {
			return err
		}
		defer func() { must(t, place.(directory).in.Close()) }()
		if err := keeps(t, place, shipped, posted); err != nil {
			return err
		}
		source := s.source()
		source.Clock = func() time.Time { return s.now.Add(time.Minute) }
		if err := NewShipper(source, place, slog.New(slog.DiscardHandler)).Ship(t.Context()); err != nil {
			return fmt.Errorf("ship again: %w", err)
		}
		left, err := filepath.Glob(filepath.Join(dir, shippedBodies, "*"+partial))
		if len(left) > 0 {
			err = fmt.Errorf("%q are left for ever", left)
		}
		return errors.Join(err, keeps(t, place, posted, posted))
	})
	c.least = func() int { return shipped }
	if lies != "" {
		p.each = nil // before something was shipped, nothing can be lost
	}
	for n, d := range []time.Duration{0, time.Second, time.Second, 25 * time.Hour, 9 * 24 * time.Hour, time.Second} {
		if n > 0 {
			s.post(t, 10+n, "hello")
			posted++
		}
		if n == 1 || n == 5 {
			s.addFile(t, chat.NewID(), []byte("soup"), nil)
		}
		if n == 2 { // nothing but the first two copies needs it
			must(t, s.store.EndFile(t.Context(), s.file, noon), s.bodies.Delete(t.Context(), s.file))
		}
		s.after(t, d)
		shipped, p.each = posted, c.each
	}
	return c
}

// keeps says what is wrong with what a place has.
func keeps(t testing.TB, place Place, least, most int) error {
	dir := temp(t)
	if _, err := VerifyShipped(t.Context(), place, dir); least == 0 && errors.Is(err, errNothing) {
		return nil
	} else if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if _, err := RestoreShipped(t.Context(), place, time.Time{}, dir, "lock"); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return errors.Join(holds(t, dir, least, most), os.RemoveAll(dir))
}

// TestShippingIsCut: at each step of shipping to a directory the process is killed, or the power is cut.
func TestShippingIsCut(t *testing.T) {
	c := cutShipping(t, "")
	for _, wrong := range c.wrong {
		t.Error(wrong)
	}
	for _, step := range []string{
		"mkdir a generation", "mkdir files", "sync .", "create .part", "write canteen.db", "write a body", "write .bodies", "write .segment",
		"write generation.json", "sync .part", "rename canteen.db", "rename a body", "rename .bodies", "rename .segment",
		"rename generation.json", "sync a generation", "sync files", "remove all generation.json", "remove all a generation", "remove all a body",
	} {
		if c.steps[step] == 0 {
			t.Errorf("there was no step %q", step)
		}
	}
	t.Logf("%d steps, %d states: %v", c.power.n, len(c.seen), c.steps)
}

// restoring is a way to make a data directory.
type restoring struct {
	what  string
	into  func(folder, func(step, name string) error) error
	fails bool
}

// ways are the ways to restore a workspace with two messages and four bodies.
func ways(t testing.TB) []restoring {
	s := newShipped(t)
	s.after(t, 0)
	s.post(t, 10, "hello")
	s.after(t, time.Second)
	archive := s.backup(t)
	from := func(b []byte) func(folder, func(step, name string) error) error {
		return func(f folder, step func(step, name string) error) error {
			_, err := f.restore(t.Context(), pieces{bytes.NewReader(b), step, "read", "backup.tar"}, "lock")
			return err
		}
	}
	damaged := bytes.Clone(archive)
	damaged[len(damaged)-1]++
	return []restoring{
		{"a backup", from(archive), false},
		{"what was shipped", func(f folder, step func(step, name string) error) error {
			_, err := f.restoreShipped(t.Context(), stepping{s.place, step, true}, time.Time{}, "lock")
			return err
		}, false},
		{"a damaged backup", from(damaged), true},
	}
}

// cutRestoring restores, and cuts it at each step. What is left must be nothing, or be marked as not whole, or be whole; and the same
// again must make the whole.
func cutRestoring(t testing.TB, way, again restoring, lies string) *cutting {
	dir := temp(t)
	p := newPower(t, dir)
	p.lies = lies
	passes := func(string, string) error { return nil }
	c := newCutting(t, p, func(dir string) error {
		_, marked := os.Lstat(filepath.Join(dir, Marker))
		if _, err := os.Lstat(filepath.Join(dir, databaseFile)); err == nil && marked != nil { // it can be served
			return holds(t, dir, 2, 2)
		}
		if err := Vacant(dir, "lock"); err != nil {
			return err
		}
		in, err := openFolder(dir)
		if err != nil {
			return err
		}
		err = again.into(in, passes)
		if found := listing(t, dir); err == nil && len(found) != 3 {
			err = fmt.Errorf("it holds %q", found)
		}
		return errors.Join(err, in.Close(), holds(t, dir, 2, 2))
	})
	if err := way.into(p.in, p.step); (err != nil) != way.fails {
		t.Errorf("restore %s: %v", way.what, err)
	}
	return c
}

// TestRestoringIsCut: at each step of a restore, and of clearing up after one that fails, the process is killed, or the power is cut.
func TestRestoringIsCut(t *testing.T) {
	all := ways(t)
	for _, way := range all {
		again := way
		if way.fails {
			again = all[0]
		}
		c := cutRestoring(t, way, again, "")
		for _, wrong := range c.wrong {
			t.Errorf("%s: %s", way.what, wrong)
		}
		for step, done := range map[string]bool{
			"create restoring": true, "sync .": true, "mkdir files": true, "create a body": true, "sync all .": !way.fails,
			"rename canteen.db": !way.fails, "remove all files": way.fails, "remove restoring": true,
		} {
			if done != (c.steps[step] > 0) {
				t.Errorf("%s: there were %d steps %q", way.what, c.steps[step], step)
			}
		}
		t.Logf("%s: %d steps, %d states: %v", way.what, c.power.n, len(c.seen), c.steps)
	}
}

// TestCutsAreNoticed: the tests above see when a sync is left out.
func TestCutsAreNoticed(t *testing.T) {
	for _, lies := range []string{"file", "directory"} {
		if c := cutShipping(t, lies); len(c.wrong) == 0 {
			t.Errorf("nothing is wrong if shipping syncs no %s", lies)
		}
	}
	way := ways(t)[0]
	for _, lies := range []string{"directory", "all"} {
		if c := cutRestoring(t, way, way, lies); len(c.wrong) == 0 {
			t.Errorf("nothing is wrong if a restore does not sync: %s", lies)
		}
	}
}

// TestStepsFail: when a step of shipping or restoring fails, that is said, and the same again succeeds.
func TestStepsFail(t *testing.T) {
	full := errors.New("no space left on device")
	failed := map[string]bool{}
	once := func(step, name string) error { // each kind of step fails once
		if what := step + " " + kind(name); !failed[what] {
			failed[what] = true
			return full
		}
		return nil
	}
	s := newShipped(t)
	p := newPower(t, s.dir)
	s.place.Place, p.each = stepping{Place: directory{p.in}, step: p.step}, once
	posted := 1
	for n, d := range []time.Duration{0, time.Second, 25 * time.Hour, 9 * 24 * time.Hour} {
		s.post(t, 10+n, "hello")
		s.addFile(t, chat.NewID(), []byte("soup"), nil)
		posted++
		s.now = s.now.Add(d)
		for s.ship.Ship(t.Context()) != nil {
			s.now = s.now.Add(retryAfter)
		}
		must(t, keeps(t, s.place, posted, posted))
	}
	if len(failed) < 20 {
		t.Errorf("only these steps failed: %v", failed)
	}
	for _, way := range ways(t)[:2] {
		clear(failed)
		dir := temp(t)
		p := newPower(t, dir)
		p.each = once
		tries := 1
		for ; way.into(p.in, p.step) != nil; tries++ {
			must(t, Vacant(dir, "lock"))
		}
		must(t, holds(t, dir, 2, 2))
		if tries < 8 {
			t.Errorf("%s: it failed at %v", way.what, failed)
		}
	}
}
