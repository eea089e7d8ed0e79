package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	driver "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/sqlite"
	"github.com/canteen-chat/canteen/wal"
)

// shipped is a workspace whose changes are shipped when a test says so, at times of its own.
type shipped struct {
	*workspace
	ship  *Shipper
	place *brittle
	dir   string
	now   time.Time
	pause time.Duration // of the writer, before it reads what it has committed
}

// brittle is a Place whose writes fail while fails is set, and which counts them.
type brittle struct {
	Place
	fails error
	puts  int
	each  func() // before each Put
}

func (b *brittle) Put(ctx context.Context, name string, r io.Reader) error {
	b.puts++
	if b.each != nil {
		b.each()
	}
	if b.fails != nil {
		return b.fails
	}
	return b.Place.Put(ctx, name, r)
}

func newShipped(t testing.TB) *shipped {
	t.Helper()
	s := &shipped{workspace: newWorkspace(t), dir: filepath.Join(temp(t), "shipped"), now: noon}
	s.reopen(t)
	return s
}

// reopen opens the store again with a shipper, as a server does that starts.
func (s *shipped) reopen(t testing.TB) {
	t.Helper()
	must(t, s.store.Close())
	place, err := OpenDirectory(s.dir)
	must(t, err)
	s.place = &brittle{Place: place}
	source := s.source()
	source.Clock = func() time.Time { return s.now }
	s.ship = NewShipper(source, s.place, slog.New(slog.DiscardHandler))
	s.bodies.Stored = s.ship.Stored
	s.store, err = sqlite.Open(t.Context(), source.Database, sqlite.Options{Log: slog.New(slog.DiscardHandler), Logged: s.logged})
	must(t, err)
	t.Cleanup(func() { must(t, s.store.Close()) })
}

func (s *shipped) logged(at wal.Moment) func() {
	read := s.ship.Logged(at)
	return func() {
		time.Sleep(s.pause)
		read()
	}
}

// after ships what was committed, after some time.
func (s *shipped) after(t testing.TB, d time.Duration) {
	t.Helper()
	s.now = s.now.Add(d)
	must(t, s.ship.Ship(t.Context()))
}

// at restores a moment, and gives the number of messages and the names of the bodies.
func (s *shipped) at(t testing.TB, to time.Time) (messages int, keys []string, err error) {
	t.Helper()
	dir := temp(t)
	if _, err := RestoreShipped(t.Context(), s.place, to, dir, "lock"); err != nil {
		if found := listing(t, dir); len(found) > 1 {
			t.Errorf("it left %q", found)
		}
		return 0, nil, err
	}
	entries, err := os.ReadDir(filepath.Join(dir, bodiesDir))
	for _, e := range entries {
		keys = append(keys, e.Name())
	}
	return int(count(t, filepath.Join(dir, databaseFile), "SELECT count(*) FROM message")), keys, err
}

// TestShip: each moment can be restored: rows and bodies, those that were deleted later too; across checkpoints and restarts.
func TestShip(t *testing.T) {
	s := newShipped(t)
	s.after(t, 0)
	type moment struct {
		at       time.Time
		messages int
		bodies   int
	}
	moments := []moment{{s.now, 1, 4}}
	n, messages, stored := 10, 1, 4
	for round := range 12 {
		for range 1 + round%3 {
			for range 40 {
				n++
				messages++
				s.post(t, n, strings.Repeat(fmt.Sprint("message ", n), 300))
			}
		}
		switch round {
		case 2, 7:
			s.addFile(t, chat.NewID(), bytes.Repeat([]byte{byte(round)}, 5000), nil)
			stored++
		case 4: // as the sweeper does it
			must(t, s.store.EndFile(t.Context(), s.file, noon), s.bodies.Delete(t.Context(), s.file))
			stored--
		case 6:
			s.reopen(t)
		}
		s.after(t, time.Second)
		moments = append(moments, moment{s.now, messages, stored})
	}
	for _, m := range moments {
		got, keys, err := s.at(t, m.at.Add(500*time.Millisecond))
		if err != nil || got != m.messages || len(keys) != m.bodies {
			t.Errorf("%s: %d messages, bodies %q, %v; want %d and %d", m.at.Format(time.TimeOnly), got, keys, err, m.messages, m.bodies)
		}
	}
	if got, _, err := s.at(t, time.Time{}); err != nil || got != messages {
		t.Errorf("the last moment: %d messages, %v", got, err)
	}
	if _, _, err := s.at(t, noon.Add(-time.Second)); err == nil || !strings.Contains(err.Error(), "earliest moment") {
		t.Errorf("before the first: %v", err)
	}
	all, err := generations(t.Context(), s.place)
	if err != nil || len(all) != 2 {
		t.Errorf("%d generations, %v", len(all), err)
	}
}

// TestPlaceFails: while the place fails, nothing is lost; what has waited is shipped when it works again.
func TestPlaceFails(t *testing.T) {
	s := newShipped(t)
	broken := errors.New("the disk is gone")
	s.place.fails = broken
	for range 2 {
		s.now = s.now.Add(time.Second)
		if err := s.ship.Ship(t.Context()); err == nil {
			t.Error("it does not fail")
		}
	}
	if s.place.puts != 1 {
		t.Errorf("a generation was begun %d times within a second", s.place.puts)
	}
	s.place.fails = nil
	s.after(t, time.Minute)
	for n := range 3 {
		s.place.fails = broken
		s.addFile(t, chat.NewID(), []byte("soup"), nil)
		s.post(t, 100+n, "while it is gone")
		if err := s.ship.Ship(t.Context()); !errors.Is(err, broken) {
			t.Error(err)
		}
		s.place.fails = nil
		if n == 1 {
			s.after(t, time.Second)
		}
	}
	s.after(t, time.Second)
	if got, keys, err := s.at(t, time.Time{}); err != nil || got != 4 || len(keys) != 7 {
		t.Errorf("%d messages, %d bodies, %v", got, len(keys), err)
	}
	all, err := generations(t.Context(), s.place)
	if err != nil || len(all) != 1 {
		t.Errorf("%d generations, %v", len(all), err)
	}
}

// TestShipAfterALogWasMissed: when the log was emptied by another program before it was read, a generation begins with all that it had.
func TestShipAfterALogWasMissed(t *testing.T) {
	s := newShipped(t)
	s.after(t, 0)
	for n := range 4 {
		s.post(t, 10+n, "to a log that begins anew") // the first of each log is read at once
		s.post(t, 20+n, "to a log that is not read")
		s.ship.Status() // waits until the headers of the log are read
		other, err := driver.OpenConn(s.source().Database, driver.OpenReadWrite|driver.OpenWAL)
		must(t, err)
		must(t, sqlitex.ExecuteTransient(other, "PRAGMA wal_checkpoint(TRUNCATE)", nil), other.Close())
		if n == 3 {
			s.post(t, 30, "after it")
		}
		s.ship.Status() // the clock stands still until the log is read
	}
	puts := s.place.puts
	if err := s.ship.Ship(t.Context()); !errors.Is(err, errWaits) || s.place.puts != puts {
		t.Errorf("at once: %v, %d files", err, s.place.puts-puts)
	}
	for range 2 { // the first may say that it has missed changes
		s.now = s.now.Add(time.Minute)
		_ = s.ship.Ship(t.Context())
	}
	s.post(t, 31, "at last")
	s.after(t, time.Second)
	if got, _, err := s.at(t, time.Time{}); err != nil || got != 11 {
		t.Errorf("%d messages, %v", got, err)
	}
}

// TestShippingIsKilled: at whatever step the process ends, what the place has is restored: all that had been shipped before.
func TestShippingIsKilled(t *testing.T) {
	s := newShipped(t)
	cuts := temp(t)
	type cut struct {
		dir   string
		least int
	}
	var all []cut
	least := 0
	each := func() {
		dir := filepath.Join(cuts, fmt.Sprint(len(all)))
		must(t, os.CopyFS(dir, os.DirFS(s.dir)))
		all = append(all, cut{dir, least})
	}
	s.place.each = each
	for n := range 8 {
		s.post(t, 10+n, "hello")
		s.addFile(t, chat.NewID(), []byte("soup"), nil)
		if n == 4 {
			s.reopen(t)
			s.place.each = each
		}
		s.after(t, time.Second)
		least = n + 2
	}
	if len(all) < 25 {
		t.Fatalf("%d steps", len(all))
	}
	for _, c := range all {
		place, err := OpenDirectory(c.dir)
		must(t, err)
		s.place = &brittle{Place: place}
		got, _, err := s.at(t, time.Time{})
		if c.least == 0 && err != nil && strings.Contains(err.Error(), "nothing was shipped there") {
			continue
		}
		if err != nil || got < c.least {
			t.Errorf("step %s: %d messages, want at least %d: %v", filepath.Base(c.dir), got, c.least, err)
		}
	}
}

// TestDamagedShipment: a segment, copy or body that is missing or has another bit is noticed; moments before it can be restored.
func TestDamagedShipment(t *testing.T) {
	s := newShipped(t)
	s.after(t, 0)
	for n := range 5 {
		s.post(t, 10+n, "hello")
		s.after(t, time.Second)
	}
	generation, err := os.ReadDir(s.dir)
	must(t, err)
	dir := filepath.Join(s.dir, generation[0].Name())
	for _, c := range []struct {
		file string
		fine bool // two seconds after the beginning can be restored
	}{
		{dir + "/000000004.segment", true}, {dir + "/" + databaseFile, false}, {s.dir + "/files/" + s.file, false},
		{dir + "/000000002.segment", false},
	} {
		b, err := os.ReadFile(c.file)
		must(t, err)
		for _, flip := range []bool{true, false} {
			damaged := bytes.Clone(b)
			damaged[len(b)*2/3] ^= 8
			if must(t, os.Remove(c.file)); flip {
				must(t, os.WriteFile(c.file, damaged, 0o600))
			}
			if _, _, err := s.at(t, time.Time{}); err == nil || c.fine && !strings.Contains(err.Error(), "--to 2026-03-02T12:00:02Z") {
				t.Errorf("%s flipped %v: %v", c.file, flip, err)
			}
			if got, _, err := s.at(t, noon.Add(2*time.Second)); (err == nil) != c.fine || c.fine && got != 3 {
				t.Errorf("%s flipped %v: %d messages before it, %v", c.file, flip, got, err)
			}
		}
		must(t, os.WriteFile(c.file, b, 0o600))
	}
	if got, _, err := s.at(t, time.Time{}); err != nil || got != 6 {
		t.Errorf("%d messages, %v", got, err)
	}
}

// TestOldGenerationsEnd: what is needed only for moments more than 7 days ago is deleted, bodies too.
func TestOldGenerationsEnd(t *testing.T) {
	s := newShipped(t)
	s.after(t, 0)
	must(t, s.store.EndFile(t.Context(), s.file, noon), s.bodies.Delete(t.Context(), s.file))
	short := chat.NewID()
	s.addFile(t, short, []byte("soup"), nil)
	s.after(t, time.Second)
	must(t, s.store.EndFile(t.Context(), short, noon), s.bodies.Delete(t.Context(), short))
	for day := range 9 {
		s.post(t, 10+day, "hello")
		s.after(t, 25*time.Hour)
		keys, err := s.place.List(t.Context(), shippedBodies)
		must(t, err)
		all, err := generations(t.Context(), s.place)
		must(t, err)
		old := day >= 7
		if slices.Contains(keys, s.file) == old || slices.Contains(keys, short) == old || !slices.Contains(keys, s.photo) {
			t.Errorf("day %d: bodies %q", day, keys)
		}
		if want := min(day+2, 8); len(all) != want {
			t.Errorf("day %d: %d generations, want %d", day, len(all), want)
		}
	}
}

// TestOthersUseThePlace: what is in the place and was not shipped stays as it is, and restores pass over it.
func TestOthersUseThePlace(t *testing.T) {
	s := newShipped(t)
	for _, name := range []string{"photos/soup.png", "photos/generation.json", "files/readme.txt", "20260302/notes"} {
		must(t, os.MkdirAll(filepath.Join(s.dir, filepath.Dir(name)), 0o700), os.WriteFile(filepath.Join(s.dir, name), []byte("mine"), 0o600))
	}
	for day := range 9 {
		s.post(t, 10+day, "hello")
		s.after(t, 25*time.Hour)
	}
	for _, name := range []string{"photos/soup.png", "photos/generation.json", "files/readme.txt", "20260302/notes"} {
		if b, err := os.ReadFile(filepath.Join(s.dir, name)); string(b) != "mine" { // #nosec G304 -- in a temporary directory
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	if got, _, err := s.at(t, time.Time{}); err != nil || got != 10 {
		t.Errorf("%d messages, %v", got, err)
	}
}

// TestSlowPlace: if more is committed than memory may hold while a generation begins, that generation is not complete, and nobody restores
// it.
func TestSlowPlace(t *testing.T) {
	s := newShipped(t)
	s.after(t, 0)
	s.post(t, 10, "before")
	s.after(t, 25*time.Hour)
	n := 10
	post := func() {
		n++
		s.post(t, n, strings.Repeat("soup ", 800))
	}
	most := func(bytes int) { // once the writer has read what it committed
		s.ship.mu.Lock()
		defer s.ship.mu.Unlock()
		s.ship.most = bytes
	}
	s.place.each = func() {
		s.place.each = nil
		post()
		most(1)
		post()
		most(maxWaiting)
		post()
	}
	s.now = s.now.Add(25 * time.Hour)
	if err := s.ship.Ship(t.Context()); !errors.Is(err, errTooMuch) {
		t.Errorf("it shipped: %v", err)
	}
	if got, _, err := s.at(t, time.Time{}); err != nil || got != 2 {
		t.Errorf("%d messages, %v", got, err)
	}
	s.after(t, time.Minute)
	if got, _, err := s.at(t, time.Time{}); err != nil || got != 5 {
		t.Errorf("%d messages afterwards, %v", got, err)
	}
}

// TestFullPlace: where there is room for a copy of the database and not for more, attempts do not pile up, and what is too old makes room.
func TestFullPlace(t *testing.T) {
	s := newShipped(t)
	for range 9 {
		s.after(t, 25*time.Hour)
	}
	full := errors.New("no space left on device")
	for range 5 {
		puts := s.place.puts
		s.place.each = func() {
			s.place.fails = nil
			if s.place.puts > puts+1 {
				s.place.fails = full
			}
		}
		s.now = s.now.Add(25 * time.Hour)
		if err := s.ship.Ship(t.Context()); !errors.Is(err, full) {
			t.Error(err)
		}
	}
	s.place.each, s.place.fails = nil, nil
	dirs, err := s.place.List(t.Context(), "")
	must(t, err)
	all, err := generations(t.Context(), s.place)
	must(t, err)
	if len(all) > 4 || len(dirs) > len(all)+2 { // files, and the last attempt
		t.Errorf("%d generations, directories %q", len(all), dirs)
	}
}

// slow is a Place that calls during before it takes the copy of a database, and says when it has a segment.
type slow struct {
	Place
	during   func()
	segments chan string
}

func (p *slow) Put(ctx context.Context, name string, r io.Reader) error {
	if during := p.during; during != nil && strings.HasSuffix(name, databaseFile) {
		p.during = nil
		during()
	}
	err := p.Place.Put(ctx, name, r)
	if strings.HasSuffix(name, segmentFile) {
		select {
		case p.segments <- name:
		default:
		}
	}
	return err
}

// TestShipsWhileItCopies: while the next generation is being begun, however slow its place is, changes are shipped to the one before. Both
// have them then.
func TestShipsWhileItCopies(t *testing.T) {
	s := newShipped(t)
	p := &slow{Place: s.place.Place, segments: make(chan string, 1)}
	s.place.Place = p
	s.after(t, 0)
	<-p.segments
	id, early := chat.NewID(), chat.NewID()
	s.after(t, 24*time.Hour-10*time.Second)
	s.putBody(t, early, []byte("cake"))
	s.after(t, 5*time.Second)
	<-p.segments
	p.during = func() {
		s.post(t, 10, "meanwhile")
		s.addRow(t, early, []byte("cake"), nil)
		s.addFile(t, id, []byte("soup"), nil)
		select {
		case <-p.segments:
		case <-time.After(10 * time.Second):
			t.Error("nothing is shipped meanwhile")
		}
	}
	s.after(t, 10*time.Second)
	s.post(t, 11, "afterwards")
	s.after(t, time.Second)
	all, err := generations(t.Context(), s.place)
	must(t, err)
	if len(all) != 2 {
		t.Fatalf("%d generations", len(all))
	}
	has := func(want int) {
		t.Helper()
		if got, keys, err := s.at(t, time.Time{}); err != nil || got != want || !slices.Contains(keys, id) {
			t.Errorf("%d messages, bodies %q, %v; want %d", got, keys, err, want)
		}
	}
	has(3)
	must(t, os.Rename(filepath.Join(s.dir, all[1].name), filepath.Join(s.dir, "later")))
	has(2) // what came meanwhile, and not what came afterwards
	must(t, os.Rename(filepath.Join(s.dir, "later"), filepath.Join(s.dir, all[1].name)), s.place.Delete(t.Context(), all[0].name))
	for _, id := range []string{id, early} {
		must(t, s.store.EndFile(t.Context(), id, noon), s.bodies.Delete(t.Context(), id))
	}
	s.after(t, 25*time.Hour)
	if _, err := VerifyShipped(t.Context(), s.place, temp(t)); err != nil {
		t.Error(err) // the bodies are needed by the second generation only
	}
}

// TestShipsWhatWasAcknowledged: what is shipped after an acknowledgement has the commit, however late the writer reads it.
func TestShipsWhatWasAcknowledged(t *testing.T) {
	s := newShipped(t)
	s.after(t, 0)
	s.pause = 50 * time.Millisecond
	for n := range 3 {
		s.post(t, 10+n, "hello")
		s.after(t, time.Second)
		if got, _, err := s.at(t, s.now); err != nil || got != n+2 {
			t.Errorf("%d messages are shipped, %v; want %d", got, err, n+2)
		}
	}
}

// TestIdle: the attempts to write that a server makes when nobody uses it are not shipped, and what comes after them is.
func TestIdle(t *testing.T) {
	s := newShipped(t)
	s.after(t, 0)
	for round := range 3 {
		must(t, s.store.Probe(t.Context()))
		s.after(t, time.Second)
		puts := s.place.puts
		for range 5 {
			must(t, s.store.Probe(t.Context()))
			s.after(t, 5*time.Second)
		}
		if s.place.puts != puts {
			t.Errorf("round %d: an idle server wrote %d files", round, s.place.puts-puts)
		}
		for n := range 30 {
			s.post(t, 100*(round+1)+n, strings.Repeat("soup ", 800))
		}
		s.after(t, time.Second)
		if got, _, err := s.at(t, time.Time{}); err != nil || got != 1+30*(round+1) {
			t.Errorf("round %d: %d messages, %v", round, got, err)
		}
	}
}
