package sqlite

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

//go:embed migration/*.sql
var migrations embed.FS

// application marks a file as Canteen's: "Cant".
const application = 0x43616e74

// migrate brings the schema up to this program's, each step in one transaction. user_version counts the steps done.
func migrate(ctx context.Context, c *sqlite.Conn) error {
	c.SetInterrupt(ctx.Done())
	defer c.SetInterrupt(nil)
	names, err := fs.Glob(migrations, "migration/*.sql") // sorted
	if err != nil {
		return err
	}
	app, _, err := row(c, integer, "PRAGMA application_id")
	if err != nil {
		return err
	}
	done, _, err := row(c, integer, "PRAGMA user_version")
	if err != nil {
		return err
	}
	tables, _, err := row(c, integer, "SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return err
	}
	switch {
	case app == 0 && done == 0 && tables == 0: // a new file
	case app != application:
		return fmt.Errorf("this file is not Canteen's (application id %d)", app)
	case done > int64(len(names)):
		return fmt.Errorf("this data is of a newer Canteen (schema %d, this program knows %d): upgrade the program", done, len(names))
	}
	for i := int(done); i < len(names); i++ {
		script, err := migrations.ReadFile(names[i])
		if err != nil {
			return err
		}
		step := fmt.Sprintf("%s;\nPRAGMA application_id = %d;\nPRAGMA user_version = %d;", script, application, i+1)
		if err := sqlitex.ExecuteScript(c, step, nil); err != nil { // in one savepoint
			return fmt.Errorf("%s: %w", names[i], err)
		}
	}
	return nil
}
