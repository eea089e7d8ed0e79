package sqlite

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/semver"

	"github.com/canteen-chat/canteen/chat"
)

// Before SQLite 3.51.3 two connections that write and checkpoint at the same time could corrupt the file (WAL reset).
func TestSQLiteIsRecent(t *testing.T) {
	s, _, _ := testStore(t)
	version, _, err := row(s.conn, text, "SELECT sqlite_version()")
	must(t, err)
	if semver.Compare("v"+version, "v3.51.3") < 0 {
		t.Errorf("SQLite %s is older than 3.51.3", version)
	}
}

func TestOnlyTheWriterCheckpoints(t *testing.T) {
	s, _, _ := testStore(t)
	for range readers {
		_, err := read(context.Background(), s, func(c *conn) (int, error) {
			pages, _, err := row(c, integer, "PRAGMA wal_autocheckpoint")
			if pages != 0 {
				t.Errorf("a reader checkpoints after %d pages", pages)
			}
			return 0, err
		})
		must(t, err)
	}
	pages, _, err := row(s.conn, integer, "PRAGMA wal_autocheckpoint")
	must(t, err)
	if pages == 0 {
		t.Error("the writer does not checkpoint")
	}
}

func TestDeletedTextIsNotInTheFile(t *testing.T) {
	s, _, path := testStore(t)
	const secret = "the quick brown fox had better not be found"
	inFile := func() bool {
		_, _, err := row(s.conn, integer, "PRAGMA wal_checkpoint(TRUNCATE)") // the writer is idle: no command waits
		must(t, err)
		b, err := os.ReadFile(path)
		must(t, err)
		return bytes.Contains(b, []byte(secret))
	}
	m, err := post(s, "mira", 1, strings.Repeat(secret+". ", 10)) // long, so that new data in its place cannot overwrite all of it
	must(t, err)
	for i := range 20 {
		_, err := post(s, "mira", 2+i, "another message")
		must(t, err)
	}
	if !inFile() {
		t.Fatal("the text is not where the test looks for it")
	}
	must(t, s.DeleteMessage(context.Background(), chat.DeleteMessage{Room: "general", Seq: m.Seq, At: noon}))
	if inFile() {
		t.Error("the deleted text is still in the database file")
	}
}

// TestDeletedTextLeavesTheLog: without a checkpoint by anybody else, and although a read that needs the log delays it.
func TestDeletedTextLeavesTheLog(t *testing.T) {
	const secret = "the quick brown fox had better not be found"
	path := filepath.Join(t.TempDir(), "canteen.db")
	s, err := Open(context.Background(), path, Options{Log: slog.New(slog.DiscardHandler), EraseWithin: 10 * time.Millisecond})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	fill(t, s)
	until := func(what string, done func() bool) {
		for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal(what)
			}
		}
	}
	until("what an earlier process left in the log stays there", func() (emptied bool) {
		must(t, do(context.Background(), s, func(t *tx) error {
			emptied = !t.store.erasing
			return nil
		}))
		return emptied
	})
	inFiles := func() bool {
		found := false
		for _, name := range []string{path, path + "-wal"} {
			b, err := os.ReadFile(name)
			must(t, err)
			found = found || bytes.Contains(b, []byte(secret))
		}
		return found
	}
	m, err := post(s, "mira", 1, strings.Repeat(secret+". ", 10))
	must(t, err)
	if !inFiles() {
		t.Fatal("the text is not where the test looks for it")
	}
	_, err = read(context.Background(), s, func(c *conn) (int64, error) {
		n, _, err := row(c, integer, "SELECT count(*) FROM message") // takes the snapshot
		must(t, err)
		must(t, s.DeleteMessage(context.Background(), chat.DeleteMessage{Room: "general", Seq: m.Seq, At: noon}))
		time.Sleep(30 * time.Millisecond) // so that the first attempt meets the read
		began := time.Now()
		if _, err := post(s, "mira", 2, "nobody waits"); err != nil || time.Since(began) > busyTimeout/2 {
			t.Errorf("a post waited %s for the read: %v", time.Since(began), err)
		}
		return n, err
	})
	must(t, err)
	until("the deleted text is still there", func() bool { return !inFiles() })
}

func TestReadEndsWithItsContext(t *testing.T) {
	s, _, _ := testStore(t)
	const endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
	for range 2 * readers { // each connection is interrupted, and works afterwards
		ctx, stop := context.WithTimeout(context.Background(), 20*time.Millisecond)
		_, err := read(ctx, s, func(c *conn) (int64, error) {
			n, _, err := row(c, integer, endless)
			return n, err
		})
		stop()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("the read did not end with its context: %v", err)
		}
		_, err = s.User(context.Background(), "mira")
		must(t, err)
	}
}
