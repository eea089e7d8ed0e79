package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/settings"
)

func integrity(s *Store) error {
	_, err := read(context.Background(), s, func(c *conn) (int, error) {
		v, _, err := row(c, text, "PRAGMA integrity_check")
		if err == nil && v != "ok" {
			err = fmt.Errorf("integrity: %s", v)
		}
		bad, _, failed := row(c, text, "PRAGMA foreign_key_check")
		if bad != "" {
			err = fmt.Errorf("foreign key broken in %s", bad)
		}
		return 0, errors.Join(err, failed)
	})
	return err
}

func TestForeignFileStaysAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	must(t, err)
	must(t, sqlitex.ExecuteScript(c, "PRAGMA journal_mode=DELETE; CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1);", nil))
	must(t, c.Close())
	before, err := os.ReadFile(path)
	must(t, err)
	_, err = Open(context.Background(), path, Options{Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		t.Fatal("opened")
	}
	if !strings.Contains(err.Error(), "not Canteen's") {
		t.Error(err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("a refused file was changed")
	}
}

func TestNewerFileIsRefused(t *testing.T) {
	s, _, path := testStore(t)
	must(t, s.Close())
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	must(t, err)
	must(t, sqlitex.ExecuteTransient(c, "PRAGMA user_version = 99", nil))
	must(t, c.Close())
	_, err = Open(context.Background(), path, Options{Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		t.Fatal("opened")
	}
	if !strings.Contains(err.Error(), "newer Canteen") {
		t.Error(err)
	}
}

func TestNotADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	must(t, os.WriteFile(path, bytes.Repeat([]byte("not a database "), 1000), 0o600))
	if _, err := Open(context.Background(), path, Options{Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Fatal("opened")
	}
}

func TestPathWithOddCharacters(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c#d%20e")
	must(t, os.MkdirAll(dir, 0o700))
	open(t, filepath.Join(dir, "canteen.db"), &recorder{})
	if _, err := os.Stat(filepath.Join(dir, "canteen.db")); err != nil {
		t.Error(err)
	}
}

// TestUpgradeFollowsThreads: who has replied, and who was answered, follows the thread after the upgrade, and has read it. Who has left the
// room does not.
func TestUpgradeFollowsThreads(t *testing.T) {
	ctx := context.Background()
	names, err := fs.Glob(migrations, "migration/*.sql")
	must(t, err)
	path := filepath.Join(t.TempDir(), "canteen.db")
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	must(t, err)
	must(t, migrate(ctx, newConn(c), names[:10], 0))
	must(t, sqlitex.ExecuteScript(c, `
		PRAGMA foreign_keys = OFF;
		INSERT INTO room (id, kind, name, name_fold, topic, archived, posting, people, created_by, created_at, rev, last_seq,
			version, member_count) VALUES ('r', 'public', 'general', 'general', '', 0, 'everyone', '', 'a', 0, 4, 4, 1, 3);
		INSERT INTO member (room, user, role, joined_at, read_seq, read_rev, notify, starred, muted, settings_rev)
			SELECT 'r', value, 'member', 0, 0, 0, 'all', 0, 0, 1 FROM json_each('["a", "b", "d"]');
		INSERT INTO message (room, seq, rev, author, text, created_at, deleted_at, thread, also_in_room, replies, repliers, mentions,
			system_what, system_value, reactions) VALUES
			('r', 1, 1, 'a', 'root', 1, NULL, 0, 0, 2, '["b", "c"]', '[]', '', '', '[]'),
			('r', 2, 2, 'b', 'reply', 2, NULL, 1, 0, 0, '[]', '["a"]', '', '', '[]'),
			('r', 3, 3, 'c', 'of who left', 3, NULL, 1, 0, 0, '[]', '[]', '', '', '[]'),
			('r', 4, 4, 'd', '', 4, 5, 1, 0, 0, '[]', '[]', '', '', '[]');
		INSERT INTO mention VALUES ('a', 'r', 2);`, nil))
	must(t, c.Close())
	s, err := Open(ctx, path, Options{Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	defer s.Close()
	for user, want := range map[string]string{"a": "auto 4 0 0", "b": "auto 4 0 0", "c": "off 3 0 0", "d": "off 3 0 0"} {
		th, err := s.MyThread(ctx, "r", 1, user)
		must(t, err)
		if got := fmt.Sprint(th.Follow, " ", th.ReadSeq, " ", th.Unread, " ", th.MentionCount); got != want {
			t.Errorf("%s: %s, want %s", user, got, want)
		}
	}
	th, err := s.ReadThread(ctx, chat.ReadThread{Room: "r", Root: 1, User: "a", Seq: 0})
	if err != nil || th.Unread != 2 || th.MentionCount != 1 {
		t.Errorf("marked as unread: %d unread, %d mentions, %v", th.Unread, th.MentionCount, err)
	}
}

// TestUpgrade migrates a database of every earlier schema, which has a user in a room.
func TestUpgrade(t *testing.T) {
	names, err := fs.Glob(migrations, "migration/*.sql")
	must(t, err)
	for done := 1; done < len(names); done++ {
		path := filepath.Join(t.TempDir(), "canteen.db")
		c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
		must(t, err)
		must(t, migrate(context.Background(), newConn(c), names[:done], 0))
		script := `
			INSERT INTO workspace (one, name, epoch, default_rooms, directory) VALUES (1, 'Acme', 'e', '[]', 1);
			INSERT INTO user (id, handle, name, name_fold, mixed, title, time_zone, bot, role, deactivated, ambiguous, status_emoji,
				status_text, status_until, email, email_fold, password, theme, skin_tone, enter_sends, epoch) VALUES ('u', 'mira', 'Mira', 'mira', 0, '', '', 0, 'owner', 0, 0, '', '', NULL, 'm@example.com', 'm@example.com', '', 'system', 0, 1, 1);
			INSERT INTO room (id, kind, name, name_fold, topic, archived, posting, people, created_by, created_at, rev, last_seq,
				version, member_count) VALUES ('r', 'public', 'general', 'general', '', 0, 'everyone', '', 'u', 0, 0, 0, 1, 1);
			INSERT INTO message (room, seq, rev, author, text, created_at, edited_at, thread, also_in_room, replies, repliers, mentions,
				system_what, system_value, reactions) VALUES ('r', 1, 1, 'u', 'v150', 0, 0, 0, 0, 0, '[]', '[]', '', '', '[]');
			WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 149)
				INSERT INTO version SELECT 'r', 1, i, 'v' || i, 0 FROM n;
			INSERT INTO member (room, user, role, joined_at, read_seq, read_rev, notify, starred, muted, settings_rev)
				VALUES ('r', 'u', 'owner', 0, 0, 7, 'all', 0, 0, 1);`
		if done >= 10 { // from then on names are compared by keys
			script = strings.Replace(strings.Replace(script, "name, name_fold, mixed", "name, mixed", 1), "'Mira', 'mira', 0", "'Mira', 0", 1)
		}
		must(t, sqlitex.ExecuteScript(c, script, nil))
		if done >= 8 { // from then on edits were counted, and the newest 100 versions kept
			must(t, sqlitex.ExecuteScript(c, "UPDATE message SET edits = 150; DELETE FROM version WHERE n < 51;", nil))
		}
		must(t, c.Close())
		s, err := Open(context.Background(), path, Options{Log: slog.New(slog.DiscardHandler)})
		must(t, err)
		must(t, integrity(s))
		must(t, s.RemoveMember(context.Background(), chat.RemoveMember{Room: "r", User: "u"}))
		must(t, s.AddMembers(context.Background(), chat.AddMembers{Room: "r", Users: []string{"u"}, Role: chat.RoomMember}))
		u, err := s.User(context.Background(), "u")
		must(t, err)
		if !reflect.DeepEqual(u.Settings, settings.Default()) {
			t.Errorf("from schema %d: settings %+v, want the defaults for what is new", done, u.Settings)
		}
		r, err := s.MyRoom(context.Background(), "r", "u")
		must(t, err)
		if r.ReadRev <= 7 {
			t.Errorf("from schema %d: read_rev %d after 7", done, r.ReadRev)
		}
		if done < 5 { // until then rooms were not counted
			Inspect(t, s)
		}
		edited, err := s.EditMessage(context.Background(), chat.EditMessage{Room: "r", Seq: 1, By: "u", Text: "v151", At: noon})
		must(t, err)
		h, err := s.Versions(context.Background(), chat.VersionQuery{Room: "r", Seq: 1, Bytes: chat.PageBytes})
		must(t, err)
		if last := h.Versions[len(h.Versions)-1]; edited.Edits != 151 || len(h.Versions) != chat.MaxVersions || last.N != 52 || last.Text != "v52" {
			t.Errorf("from schema %d: %d edits, %d versions down to %+v", done, edited.Edits, len(h.Versions), last)
		}
		must(t, s.Close())
	}
}

// earlier makes a database of the schema done, with a workspace.
func earlier(t *testing.T, done int) (path string, names []string) {
	t.Helper()
	names, err := fs.Glob(migrations, "migration/*.sql")
	must(t, err)
	path = filepath.Join(t.TempDir(), "canteen.db")
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	must(t, err)
	must(t, migrate(context.Background(), newConn(c), names[:done], 0))
	must(t, sqlitex.ExecuteScript(c, `
		INSERT INTO workspace (one, name, epoch, default_rooms, directory) VALUES (1, 'Acme', 'before', '[]', 1);`, nil))
	must(t, c.Close())
	return path, names
}

// TestUpgradeKeepsCopy: before a migration the database is copied, with another epoch, and earlier copies go. Without a migration nothing
// is copied.
func TestUpgradeKeepsCopy(t *testing.T) {
	path, names := earlier(t, 18)
	must(t, os.WriteFile(path+".schema7", nil, 0o600))
	for range 2 { // the second time there is nothing to migrate
		s, err := Open(t.Context(), path, Options{Log: slog.New(slog.DiscardHandler)})
		must(t, err)
		must(t, s.Close())
		kept, err := KeptCopies(path)
		if err != nil || !reflect.DeepEqual(kept, []string{path + ".schema18"}) {
			t.Fatalf("kept %q, %v", kept, err)
		}
		c, err := CheckCopy(t.Context(), kept[0])
		info, serr := os.Stat(kept[0])
		if err != nil || serr != nil || c.Schema != 18 || info.Mode() != 0o600 {
			t.Errorf("schema %d, mode %v, %v", c.Schema, info.Mode(), errors.Join(err, serr))
		}
	}
	was, err := sqlite.OpenConn(path+".schema18", sqlite.OpenReadWrite)
	must(t, err)
	defer was.Close()
	if epoch, _, err := row(newConn(was), text, "SELECT epoch FROM workspace"); err != nil || !chat.IsID(epoch) {
		t.Errorf("epoch %q, %v", epoch, err)
	}
	if c, err := CheckCopy(t.Context(), path); err != nil || c.Schema != len(names) {
		t.Errorf("schema %d, %v", c.Schema, err)
	}
}

// TestFailedUpgradeChangesNothing: if one of several migrations fails, or the process is interrupted, the database has none of them.
func TestFailedUpgradeChangesNothing(t *testing.T) {
	path, names := earlier(t, 18)
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	must(t, err)
	writer := newConn(c)
	must(t, prepare(c))
	tables := func() []string {
		out, err := rows(writer, text, "SELECT name || ' ' || sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
		must(t, err)
		return out
	}
	before := tables()
	if err := upgrade(t.Context(), path, writer, append(names, "migration/none.sql"), 18); err == nil ||
		!strings.Contains(err.Error(), "none.sql") {
		t.Error(err)
	}
	ctx, end := context.WithCancel(t.Context())
	end()
	if err := upgrade(ctx, path, writer, names, 18); err == nil {
		t.Error("it went on")
	}
	if done, _, err := schema(writer); err != nil || done != 18 || !reflect.DeepEqual(tables(), before) {
		t.Errorf("schema %d after a failure, %v", done, err)
	}
	if kept, err := KeptCopies(path); err != nil || len(kept) != 1 {
		t.Errorf("kept %q, %v", kept, err)
	}
	must(t, c.Close())
	s, err := Open(context.Background(), path, Options{Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	must(t, s.Close())
}
