package sqlite

import (
	"context"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/chat"
)

// TestNamesOfAnOlderFile opens a file whose names were compared without case only. Names that turn out to look alike stay. Who has one
// is ambiguous, and nobody gets such a name anew.
func TestNamesOfAnOlderFile(t *testing.T) {
	names, err := fs.Glob(migrations, "migration/*.sql")
	must(t, err)
	path := filepath.Join(t.TempDir(), "canteen.db")
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	must(t, err)
	must(t, migrate(context.Background(), newConn(c), names[:8], 0))
	must(t, sqlitex.ExecuteScript(c, `
		INSERT INTO workspace (one, name, epoch, default_rooms, directory) VALUES (1, 'Acme', 'e', '[]', 1);
		WITH u (id, name) AS (VALUES ('a', 'Al Green'), ('b', 'AI Green'), ('c', 'admin'), ('d', 'Мира'), ('e', 'Gus'), ('f', 'Мира'))
			INSERT INTO user (id, handle, name, name_fold, mixed, title, time_zone, bot, role, deactivated, ambiguous, status_emoji,
			status_text, status_until, email, email_fold, password, theme, skin_tone, enter_sends, epoch)
			SELECT id, id, name, lower(name), 0, '', '', 0, iif(id = 'f', 'guest', 'owner'), 0, id = 'e', '', '', NULL, id, id, '', 'system', 0, 1, 1 FROM u;
		WITH r (id, name) AS (VALUES ('r1', 'general'), ('r2', 'gеneral'), ('r3', 'ㅤ'))
			INSERT INTO room (id, kind, name, name_fold, topic, archived, posting, people, created_by, created_at, rev, last_seq,
			version, member_count, first_read_rev) SELECT id, 'public', name, name, '', 0, 'everyone', '', 'a', 0, 0, 0, 1, 0, 0 FROM r;
		`, nil))
	must(t, c.Close())
	ctx := context.Background()
	s, err := Open(ctx, path, Options{Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	must(t, integrity(s))
	all, version, err := s.Users(ctx)
	must(t, err)
	if version != 2 {
		t.Errorf("the directory has version %d: clients would not fetch it", version)
	}
	for _, u := range all {
		if want := strings.Contains("abcf", u.ID); u.Ambiguous != want {
			t.Errorf("%s: ambiguous %v", u.Name, u.Ambiguous)
		}
	}
	taken := func(name string) bool {
		_, _, err := s.AddRoom(ctx, chat.AddRoom{Room: chat.Room{ID: "new" + name, Kind: chat.Public, Name: name, CreatedBy: "a"}})
		return chat.ErrorCode(err) == chat.Conflict
	}
	if !taken("genera1") || taken("lunch") {
		t.Error("a new room is not compared with the old ones")
	}
	for room, name := range map[string]string{"r1": "general", "r2": "gеneral"} {
		if id, err := s.RoomByName(ctx, name); err != nil || id != room {
			t.Errorf("#%s is %q, %v", name, id, err)
		}
		topic := "food"
		if _, err := s.UpdateRoom(ctx, chat.UpdateRoom{Room: room, By: "a", Topic: &topic}); err != nil {
			t.Errorf("#%s takes no topic: %v", name, err)
		}
	}
	other := "leads"
	if _, err := s.UpdateRoom(ctx, chat.UpdateRoom{Room: "r2", By: "a", Name: &other}); err != nil || !taken("gеneral") {
		t.Errorf("the other room's name is free: %v", err)
	}
}

// TestNamesAreComparedOnce: a file whose names were computed by this version stays as it is.
func TestNamesAreComparedOnce(t *testing.T) {
	s, _, path := testStore(t)
	_, before, err := s.Users(context.Background())
	must(t, err)
	must(t, s.Close())
	again, err := Open(context.Background(), path, Options{Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	_, after, err := again.Users(context.Background())
	must(t, err)
	if after != before {
		t.Errorf("the directory goes from %d to %d", before, after)
	}
	must(t, again.Close())
}
