package sqlite

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"zombiezen.com/go/sqlite/sqlitex"
)

//go:embed migration/*.sql
var migrations embed.FS

// application is the application_id of Canteen files: "Cant" in ASCII.
const application = 0x43616e74

// schema returns the number of migrations that the file has had, and the names of all migrations. It refuses a file that another
// program made or that a newer Canteen wrote. It writes nothing, so a refused file stays unchanged.
func schema(c *conn) (done int, names []string, err error) {
	c.SetBusyTimeout(busyTimeout)
	if names, err = fs.Glob(migrations, "migration/*.sql"); err != nil { // sorted
		return 0, nil, err
	}
	var found [3]int64
	for i, query := range []string{"PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_schema"} {
		if found[i], _, err = row(c, integer, query); err != nil {
			return 0, nil, err
		}
	}
	app, version, tables := found[0], found[1], found[2]
	switch {
	case app == 0 && version == 0 && tables == 0: // a new file
	case app != application:
		return 0, nil, fmt.Errorf("this file is not Canteen's (application id %d)", app)
	case version > int64(len(names)):
		return 0, nil, fmt.Errorf("this data was written by a newer Canteen (schema %d, this program knows %d): upgrade the program",
			version, len(names))
	}
	return int(version), names, nil
}

// migrate runs the migrations after the first done, each in one transaction. user_version counts them.
func migrate(ctx context.Context, c *conn, names []string, done int) error {
	c.SetInterrupt(ctx.Done())
	defer c.SetInterrupt(nil)
	for i := done; i < len(names); i++ {
		script, err := migrations.ReadFile(names[i])
		if err != nil {
			return err
		}
		step := fmt.Sprintf("%s;\nPRAGMA application_id = %d;\nPRAGMA user_version = %d;", script, application, i+1)
		if err := sqlitex.ExecuteScript(c.Conn, step, nil); err != nil { // runs the script in one savepoint
			return fmt.Errorf("%s: %w", names[i], err)
		}
	}
	return nil
}
