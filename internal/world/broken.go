package world

import (
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Break makes the server of a data directory answer with 500 to whoever reads messages, until meanwhile returns.
func Break(t testing.TB, dir string, meanwhile func()) {
	t.Helper()
	c := Must[*sqlite.Conn](t)(sqlite.OpenConn(filepath.Join(dir, "canteen.db"), sqlite.OpenReadWrite))
	defer c.Close()
	change := func(statement string) {
		if err := sqlitex.ExecuteTransient(c, statement, nil); err != nil {
			t.Fatal(err)
		}
	}
	change("ALTER TABLE message RENAME TO hidden")
	meanwhile()
	change("ALTER TABLE hidden RENAME TO message")
}
