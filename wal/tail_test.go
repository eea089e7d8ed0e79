package wal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// TestTail: of a log that ends anywhere, or has another bit anywhere, a Tail reads the whole commits before that place, each change once,
// and nothing of a commit that is not whole.
func TestTail(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "canteen.db")
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	must(t, err)
	must(t, prepare(c))
	must(t, pragma(c, "wal_autocheckpoint = 0"))
	must(t, sqlitex.ExecuteScript(c, "CREATE TABLE x (n INTEGER PRIMARY KEY, text TEXT) STRICT", nil))
	must(t, pragma(c, "wal_checkpoint(TRUNCATE)"))
	base, err := os.ReadFile(path) // #nosec G304 -- in a temporary directory
	must(t, err)
	for n := range 6 {
		args := []any{strings.Repeat("long ", 300), 10 * n}
		must(t, sqlitex.Execute(c, "INSERT INTO x SELECT value + ?2, ?1 FROM json_each('[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]')",
			&sqlitex.ExecOptions{Args: args}))
	}
	must(t, sqlitex.ExecuteScript(c, "DELETE FROM x WHERE n <= 30", nil))
	log, err := os.ReadFile(path + "-wal") // #nosec G304 -- the same
	must(t, err)
	must(t, c.Close())
	seen, last := map[int64]bool{}, int64(0)
	for end := 0; end <= len(log); end += 1373 {
		for _, flip := range []bool{false, true} {
			cut := filepath.Join(t.TempDir(), "canteen.db")
			part := append([]byte{}, log[:end]...)
			if flip && end > 0 {
				part = append([]byte{}, log...)
				part[end-1] ^= 1
			}
			must(t, os.WriteFile(cut, base, 0o600))
			must(t, os.WriteFile(cut+"-wal", part, 0o600))
			tail, err := OpenTail(cut)
			must(t, err)
			var pages, again Pages
			must(t, tail.Read(&pages, AfterCommit))
			must(t, tail.Read(&again, AfterCommit))
			must(t, tail.Load(&again))
			must(t, tail.Close())
			if !again.Empty() {
				t.Errorf("%d bytes: the same changes are read again", end)
			}
			must(t, os.Remove(cut+"-wal"))
			db, err := os.OpenFile(cut, os.O_RDWR, 0o600) // #nosec G304 -- the same
			must(t, err)
			must(t, Replay(db, pages.Encode()))
			must(t, db.Close())
			n := rowsOf(t, cut)
			if n%10 != 0 || !flip && n < last && n != 30 {
				t.Errorf("%d bytes of %d, flipped %v: %d rows", end, len(log), flip, n)
			}
			if seen[n] = true; !flip {
				last = n
			}
		}
	}
	if len(seen) != 7 || last != 60 && last != 30 {
		t.Errorf("the states %v were seen, at last %d", seen, last)
	}
}

// logged is a database with a log that a Tail reads: with all that is read applied, the copy at the path copied is as the database.
type logged struct {
	t            *testing.T
	path, copied string
	c            *sqlite.Conn
	tail         *Tail
	pages        Pages
}

func newLogged(t *testing.T) *logged {
	dir := t.TempDir()
	l := &logged{t: t, path: filepath.Join(dir, "canteen.db"), copied: filepath.Join(dir, "copied.db")}
	var err error
	l.c, err = sqlite.OpenConn(l.path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	must(t, err)
	t.Cleanup(func() { _ = l.c.Close() })
	must(t, prepare(l.c))
	must(t, pragma(l.c, "cache_size = 3")) // a larger command writes frames before it commits
	must(t, sqlitex.ExecuteScript(l.c, "CREATE TABLE x (n INTEGER PRIMARY KEY, text TEXT) STRICT", nil))
	must(t, pragma(l.c, "wal_checkpoint(TRUNCATE)"))
	begin, err := os.ReadFile(l.path)
	must(t, err)
	must(t, os.WriteFile(l.copied, begin, 0o600))
	l.tail, err = OpenTail(l.path)
	must(t, err)
	t.Cleanup(func() { must(t, l.tail.Close()) })
	return l
}

// run runs statements as one commit, if they end well.
func (l *logged) run(sql string) error {
	err := sqlitex.ExecuteScript(l.c, sql, nil)
	at := AfterCommit
	if err != nil {
		at = AfterFailure
	}
	must(l.t, l.tail.Read(&l.pages, at))
	return err
}

// settle fills x, and lets the log begin anew: the next commits are read by their headers.
func (l *logged) settle() {
	l.t.Helper()
	must(l.t, l.run("INSERT INTO x SELECT value, 'a' FROM json_each('[1, 2, 3]')"))
	l.check()
	must(l.t, l.run("INSERT INTO x SELECT value, 'a' FROM json_each('[4, 5, 6]')"))
	if !l.tail.sure {
		l.t.Fatal("frames of a log that began anew are read")
	}
}

// ship applies what was read to the copy.
func (l *logged) ship() {
	must(l.t, l.tail.Load(&l.pages))
	f, err := os.OpenFile(l.copied, os.O_RDWR, 0)
	must(l.t, err)
	must(l.t, Replay(f, l.pages.Encode()))
	must(l.t, f.Close())
	l.pages = Pages{}
}

// check compares every page.
func (l *logged) check() {
	l.t.Helper()
	must(l.t, l.tail.Read(&l.pages, BeforeEmptying))
	must(l.t, pragma(l.c, "wal_checkpoint(TRUNCATE)"))
	l.ship()
	want, err := os.ReadFile(l.path)
	must(l.t, err)
	got, err := os.ReadFile(l.copied)
	must(l.t, err)
	if !bytes.Equal(got, want) {
		l.t.Fatalf("the copy is not the database (%d bytes for %d)", len(got), len(want))
	}
}

// TestTailFollows: whatever is committed, rolled back, checkpointed and emptied, and whenever the pages are loaded, the copy is page for
// page the database.
func TestTailFollows(t *testing.T) {
	steps := []string{"write", "write", "write", "delete", "roll back", "nothing", "probe", "load", "checkpoint", "empty", "check"}
	rapid.Check(t, func(r *rapid.T) {
		l := newLogged(t)
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			from, many := rapid.IntRange(0, 3000).Draw(r, "from"), rapid.SampledFrom([]int{1, 3, 40, 900}).Draw(r, "many")
			rows := fmt.Sprintf("WITH RECURSIVE n(v) AS (SELECT %d UNION ALL SELECT v + 1 FROM n LIMIT %d) ", from, many)
			write := rows + "INSERT OR REPLACE INTO x SELECT v, printf('%.*c', abs(random() % 3000), 'x') FROM n;"
			switch rapid.SampledFrom(steps).Draw(r, "step") {
			case "write":
				must(t, l.run(write))
			case "delete":
				must(t, l.run(fmt.Sprintf("DELETE FROM x WHERE n BETWEEN %d AND %d", from, from+many)))
			case "roll back":
				must(t, l.run("SAVEPOINT a; "+write+" ROLLBACK TO a; RELEASE a"))
			case "nothing":
				must(t, l.run("UPDATE x SET n = n WHERE n < 0"))
			case "probe":
				must(t, l.run("PRAGMA user_version = 7"))
			case "load":
				l.ship()
			case "checkpoint": // only after a long log, as SQLite does it
				if l.tail.at >= logHeader+CheckpointAt*l.tail.frame() {
					must(t, pragma(l.c, "wal_checkpoint(PASSIVE)"))
				}
			case "empty":
				must(t, l.tail.Read(&l.pages, BeforeEmptying))
				must(t, pragma(l.c, "wal_checkpoint(TRUNCATE)"))
			case "check":
				l.check()
			}
		}
		l.check()
	})
}

// TestTailAfterAFailure: what a commit leaves in the log when its last step fails has the salt of the log and looks like a commit. It is
// none, then and after later commits that have fewer frames.
func TestTailAfterAFailure(t *testing.T) {
	l := newLogged(t)
	l.settle()
	must(t, l.run("INSERT INTO x VALUES (11, printf('%.*c', 20000, 'x'))"))
	size := l.tail.frame()
	log, err := os.ReadFile(l.path + "-wal")
	must(t, err)
	failed := bytes.Clone(log[l.tail.at-size : l.tail.at])
	for i := range failed[frameHeader:] {
		failed[frameHeader+i] ^= 1
	}
	log = append(log[:l.tail.at], bytes.Repeat(failed, 4)...) // the last step of a commit of four frames failed
	must(t, os.WriteFile(l.path+"-wal", log, 0o600))
	must(t, l.tail.Read(&l.pages, AfterFailure))
	must(t, l.run("INSERT INTO x VALUES (12, 'after')"))
	must(t, l.run("UPDATE x SET n = n WHERE n < 0"))
	l.check()
	must(t, l.run("INSERT INTO x VALUES (13, 'after')"))
	l.check()
	if !l.tail.sure {
		t.Error("each later log is read frame by frame")
	}
}

// log is a log that is made by hand, with pages of 512 bytes. A frame has the number of its page, and a byte that fills it.
type log struct {
	bytes []byte
	sum   [2]uint32
}

type frame struct {
	page uint32
	fill byte
	ends uint32 // the commit, with so many pages in the database
}

func newLog(salt uint32) *log {
	l := &log{}
	for _, v := range []uint32{0x377f0682, 3007000, 512, 0, salt, salt} {
		l.bytes = binary.BigEndian.AppendUint32(l.bytes, v)
	}
	l.sum = checksum(binary.LittleEndian, [2]uint32{}, l.bytes)
	l.bytes = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(l.bytes, l.sum[0]), l.sum[1])
	return l
}

// with is the log with further frames. They overwrite what is at their place in over.
func (l *log) with(over []byte, frames ...frame) *log {
	now := &log{bytes: bytes.Clone(l.bytes), sum: l.sum}
	for _, f := range frames {
		b := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, f.page), f.ends)
		page := bytes.Repeat([]byte{f.fill}, 512)
		now.sum = checksum(binary.LittleEndian, checksum(binary.LittleEndian, now.sum, b), page)
		b = append(b, l.bytes[16:24]...)
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, now.sum[0]), now.sum[1])
		now.bytes = append(append(now.bytes, b...), page...)
	}
	if len(over) > len(now.bytes) {
		now.bytes = append(now.bytes, over[len(now.bytes):]...)
	}
	return now
}

// TestTailAfterAWholeFailure: a commit that fails in its last step is in the log as a commit would be, with right sums. It is none, also
// when the next batches write nothing, and when the next commit has fewer frames. It may be the first of its log.
func TestTailAfterAWholeFailure(t *testing.T) {
	failed := []frame{{2, 'F', 0}, {3, 'F', 0}, {4, 'F', 9}}
	for _, first := range []bool{false, true} {
		for _, sure := range []bool{false, true} {
			dir := filepath.Join(t.TempDir(), "c.db")
			write := func(l *log) { must(t, os.WriteFile(dir+"-wal", l.bytes, 0o600)) }
			write(newLog(1).with(nil, frame{2, 'a', 9}))
			tail, err := OpenTail(dir)
			must(t, err)
			var pages Pages
			must(t, tail.Read(&pages, AfterCommit))
			now := newLog(1).with(nil, frame{2, 'a', 9})
			if sure {
				now = newLog(2).with(nil, frame{2, 'a', 9})
				write(now)
				must(t, tail.Read(&pages, AfterCommit))
			}
			if first {
				must(t, tail.Read(&pages, BeforeEmptying))
				now = newLog(3)
			}
			over := now.with(nil, failed...)
			write(over)
			must(t, tail.Read(&pages, AfterFailure), tail.Load(&pages))
			pages = Pages{}
			must(t, tail.Read(&pages, AfterCommit)) // of a batch that wrote nothing
			must(t, tail.Load(&pages))
			if !pages.Empty() {
				t.Errorf("first %v, sure %v: the failed commit is read", first, sure)
			}
			for i, f := range []frame{{5, 'b', 9}, {6, 'c', 9}} {
				now = now.with(nil, f)
				write(now.with(over.bytes))
				for range 2 { // the second batch wrote nothing
					must(t, tail.Read(&pages, AfterCommit))
					must(t, tail.Load(&pages))
				}
				if len(pages.pages) != i+1 || pages.pages[f.page][0] != f.fill {
					t.Errorf("first %v, sure %v: after commit %d of page %d there are %d pages", first, sure, i, f.page, len(pages.pages))
				}
			}
			must(t, tail.Close())
		}
	}
}

// TestPageOneGoesBack: page 1 that is as it was read last, but was another in between, is read again, since a copy of the database may have
// the other.
func TestPageOneGoesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	now := newLog(1).with(nil, frame{1, 'a', 9})
	write := func(l *log) { must(t, os.WriteFile(path+"-wal", l.bytes, 0o600)) }
	write(now)
	tail, err := OpenTail(path)
	must(t, err)
	defer tail.Close()
	var pages Pages
	must(t, tail.Read(&pages, AfterCommit))
	now = newLog(2).with(nil, frame{1, 'a', 9})
	write(now)
	must(t, tail.Read(&pages, AfterCommit)) // from here on by headers
	pages = Pages{}
	for _, frames := range [][]frame{{{1, 'b', 0}, {2, 'b', 9}}, {{1, 'a', 0}, {2, 'c', 9}}} {
		now = now.with(nil, frames...)
		write(now)
		must(t, tail.Read(&pages, AfterCommit))
	}
	must(t, tail.Load(&pages))
	if pages.pages[1] == nil || pages.pages[2][0] != 'c' {
		t.Errorf("%d pages are read", len(pages.pages))
	}
	now = now.with(nil, frame{1, 'a', 9})
	write(now)
	pages = Pages{}
	must(t, tail.Read(&pages, AfterCommit))
	if must(t, tail.Load(&pages)); !pages.Empty() {
		t.Error("a commit that changed nothing is read")
	}
}

// TestTailReadsLittle: after a commit a Tail reads no page, since the next commit waits for it; and a page that many commits change is
// loaded once.
func TestTailReadsLittle(t *testing.T) {
	l := newLogged(t)
	l.settle()
	l.ship()
	for n := range 50 {
		must(t, l.run(fmt.Sprintf("UPDATE x SET text = 'text %d' WHERE n = 2", n)))
		if !l.pages.Empty() || !l.tail.Waits() {
			t.Fatalf("commit %d: %d bytes are read", n, l.pages.Bytes())
		}
	}
	must(t, l.tail.Load(&l.pages))
	if n := l.pages.Bytes(); n == 0 || n > 2*4096 {
		t.Errorf("%d bytes are loaded", n)
	}
}

// TestTailMissesALog: it says so when the log began anew before it was read.
func TestTailMissesALog(t *testing.T) {
	l := newLogged(t)
	l.settle()
	must(t, l.run("UPDATE x SET text = 'b'"))
	must(t, pragma(l.c, "wal_checkpoint(TRUNCATE)"))
	must(t, sqlitex.ExecuteScript(l.c, "INSERT INTO x VALUES (9, 'c')", nil))
	if err := l.tail.Read(&l.pages, AfterCommit); !errors.Is(err, errMissed) {
		t.Errorf("after the next commit: %v", err)
	}
	if err := l.tail.Load(&l.pages); !errors.Is(err, errMissed) {
		t.Errorf("a page of the log before: %v", err)
	}
}

// prepare applies the settings of the store's connections that matter here.
func prepare(c *sqlite.Conn) error {
	return errors.Join(pragma(c, "journal_mode = WAL"), pragma(c, "synchronous = FULL"), pragma(c, "secure_delete = ON"))
}

func pragma(c *sqlite.Conn, set string) error { return sqlitex.ExecuteTransient(c, "PRAGMA "+set, nil) }

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// rowsOf is the number of rows in a database that is in one piece.
func rowsOf(t *testing.T, path string) int64 {
	t.Helper()
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	must(t, err)
	defer c.Close()
	var n int64
	if err := sqlitex.ExecuteTransient(c, "PRAGMA integrity_check", &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		if v := s.ColumnText(0); v != "ok" {
			return errors.New(v)
		}
		return nil
	}}); err != nil {
		t.Fatal(err)
	}
	must(t, sqlitex.ExecuteTransient(c, "SELECT count(*) FROM x", &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		n = s.ColumnInt64(0)
		return nil
	}}))
	return n
}
