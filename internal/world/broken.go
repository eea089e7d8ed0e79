package world

import (
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Rename gives a user of a data directory another handle, also one that is reserved now.
func Rename(t testing.TB, dir, handle, to string) {
	t.Helper()
	for _, table := range []string{"handle", "user"} {
		change(t, dir, "UPDATE "+table+" SET handle = ?1 WHERE handle = ?2", to, handle)
	}
}

// change runs a statement on the database of a server that runs.
func change(t testing.TB, dir, statement string, args ...any) {
	t.Helper()
	c := Must[*sqlite.Conn](t)(sqlite.OpenConn(filepath.Join(dir, "canteen.db"), sqlite.OpenReadWrite))
	defer c.Close()
	if err := sqlitex.ExecuteTransient(c, statement, &sqlitex.ExecOptions{Args: args}); err != nil {
		t.Fatal(err)
	}
}

// Break makes the server of a data directory answer with 500 to whoever reads messages, until meanwhile returns.
func Break(t testing.TB, dir string, meanwhile func()) {
	t.Helper()
	change(t, dir, "ALTER TABLE message RENAME TO hidden")
	meanwhile()
	change(t, dir, "ALTER TABLE hidden RENAME TO message")
}
