package sqlite

import (
	"bytes"
	"context"
	"errors"
	"os"
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
