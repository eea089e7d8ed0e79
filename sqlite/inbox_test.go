package sqlite

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/inbox"
)

// TestInboxEnds: a new row deletes those of everybody that are older than an inbox, and no others.
func TestInboxEnds(t *testing.T) {
	s, _, _ := testStore(t)
	ctx := t.Context()
	put := func(user string, seq int64, at time.Time) {
		t.Helper()
		_, err := s.PutInbox(ctx, []inbox.Row{{
			User: user, Key: inbox.Key(chat.InboxMention, "r", seq), Cause: chat.InboxMention, Room: "r", Seq: seq, At: at,
		}})
		must(t, err)
	}
	put("mira", 1, noon)
	put("mira", 2, noon.Add(time.Hour))
	must(t, s.ClearInbox(ctx, "mira", "t.r.3", noon))
	put("jonas", 4, noon.Add(chat.InboxLife+time.Minute))
	rows, err := s.InboxRows(ctx, "mira", []string{"m.r.1", "m.r.2", "t.r.3"})
	if err != nil || len(rows) != 1 || rows[0].Seq != 2 {
		t.Errorf("%+v, %v", rows, err)
	}
}

// TestUpgradeOfInbox: of the rows of an earlier release those of messages to everybody go, but what was cleared stays so.
func TestUpgradeOfInbox(t *testing.T) {
	ctx := context.Background()
	names, err := fs.Glob(migrations, "migration/*.sql")
	must(t, err)
	path := filepath.Join(t.TempDir(), "canteen.db")
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	must(t, err)
	must(t, migrate(ctx, newConn(c), names[:15], 0))
	must(t, sqlitex.ExecuteScript(c, `INSERT INTO inbox VALUES
		('a', 'm.r.1', 'mention', 'why', 'r', 1, '', 10, '', 0, 0), ('a', 'm.r.2', 'mention', 'why', 'r', 2, '', 20, '', 0, 1),
		('a', 'm.r.3', 'broadcast', 'why', 'r', 3, '', 30, '', 0, 0), ('a', 'm.r.4', 'broadcast', 'why', 'r', 4, '', 40, '', 0, 1);
		INSERT INTO inbox_mark VALUES ('b', 1, 2);`, nil))
	must(t, c.Close())
	s, err := Open(ctx, path, Options{Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	defer s.Close()
	rows, err := s.InboxRows(ctx, "a", []string{"m.r.1", "m.r.2", "m.r.3", "m.r.4"})
	must(t, err)
	got := ""
	for _, r := range rows {
		got += fmt.Sprintln(r.Key, r.Cause, r.Reason, r.At.UnixMilli(), r.ClearedAt.UnixMilli(), r.Hidden())
	}
	if want := "m.r.1 mention why 10 0 false\nm.r.2 mention why 20 20 true\nm.r.4  why 40 40 true\n"; got != want {
		t.Errorf("rows:\n%swant:\n%s", got, want)
	}
	for user, want := range map[string][3]int64{"a": {0, 0, 40}, "b": {1, 2, 0}} {
		if _, m, err := s.InboxRooms(ctx, user); err != nil ||
			[3]int64{m.SeenAt.UnixMilli(), m.ClearedBefore.UnixMilli(), m.KeysCleared.UnixMilli()} != want {
			t.Errorf("marks of %s: %+v, %v", user, m, err)
		}
	}
}
