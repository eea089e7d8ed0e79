package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
			must(t, tail.Read(&pages))
			must(t, tail.Read(&again))
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

// TestTailReadsLittle: after a small commit a Tail reads little, however long the log has become, since the next commit waits for it.
func TestTailReadsLittle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "canteen.db")
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	must(t, err)
	defer c.Close()
	must(t, prepare(c))
	must(t, sqlitex.ExecuteScript(c, "CREATE TABLE x (n INTEGER PRIMARY KEY, text TEXT) STRICT", nil))
	const many = "WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 2000) INSERT INTO x SELECT v, ?1 FROM n"
	must(t, sqlitex.Execute(c, many, &sqlitex.ExecOptions{Args: []any{strings.Repeat("long ", 300)}}))
	must(t, pragma(c, "wal_checkpoint(RESTART)"))
	var tail *Tail
	for n := range 50 {
		must(t, sqlitex.Execute(c, "UPDATE x SET text = 'short' WHERE n = ?", &sqlitex.ExecOptions{Args: []any{n + 1}}))
		if tail == nil {
			tail, err = OpenTail(path)
			must(t, err)
			defer tail.Close()
		}
		var pages Pages
		must(t, tail.Read(&pages))
		if pages.Empty() || cap(tail.buf) > 3*fewest*(4096+frameHeader) {
			t.Fatalf("commit %d: %d bytes are read for %d bytes", n, cap(tail.buf), pages.Bytes())
		}
	}
}

// rowsOf is the number of rows in a database that is in one piece.
func rowsOf(t *testing.T, path string) int64 {
	t.Helper()
	c, err := openAlone(context.Background(), path)
	must(t, err)
	defer c.Close()
	if v, _, err := row(c, text, "PRAGMA integrity_check"); err != nil || v != "ok" {
		t.Fatalf("%s, %v", v, err)
	}
	n, _, err := row(c, integer, "SELECT count(*) FROM x")
	must(t, err)
	return n
}
