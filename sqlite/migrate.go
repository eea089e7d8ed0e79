package sqlite

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/chat"
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

// upgrade runs the migrations after the first done, all in one transaction: if one fails, the file stays as it was. A file with data is
// copied before.
func upgrade(ctx context.Context, path string, c *conn, names []string, done int) (err error) {
	if done > 0 && done < len(names) {
		if err := keepCopy(ctx, path, done); err != nil {
			return fmt.Errorf("keep a copy before the upgrade: %w", err)
		}
	}
	end, err := sqlitex.ImmediateTransaction(c.Conn)
	if err != nil {
		return err
	}
	defer end(&err)
	if err := migrate(ctx, c, names, done); err != nil {
		return err
	}
	return compareNames(ctx, c)
}

// keepCopy copies the database to a file beside it, which is named after its schema, and deletes earlier copies. Whoever puts the copy in
// place of the database gets another epoch and no sessions, as after a restore.
func keepCopy(ctx context.Context, path string, schema int) (err error) {
	name, part := fmt.Sprintf("%s%s%d", path, keptSuffix, schema), path+".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // #nosec G304 -- beside the database
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part))
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	_, err = Copy(ctx, path, w, func(int64) error { return nil })
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := RenewCopy(ctx, part, chat.NewID()); err != nil {
		return err
	}
	earlier, err := KeptCopies(path)
	for _, was := range earlier {
		err = errors.Join(err, os.Remove(was))
	}
	if err != nil {
		return err
	}
	return os.Rename(part, name)
}

const keptSuffix = ".schema"

// KeptCopies are the copies of the database at path that Open made before it migrated the database.
func KeptCopies(path string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	var out []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(path)+keptSuffix) {
			out = append(out, filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
	return out, err
}

// migrate runs the migrations after the first done. user_version counts them.
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
