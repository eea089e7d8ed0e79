package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

// Contents is what a database says of itself, for a backup.
type Contents struct {
	Schema   int          // number of migrations that it has had
	Files    []StoredFile // that must have a body: those that are ready or in a message
	Pictures []string     // ids of the pictures of custom emoji that are not deleted
}

// StoredFile is what the row of a file says of its bodies.
type StoredFile struct {
	ID     string `json:"-"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // in hexadecimal
	Thumbs []int  `json:"thumbs"` // sizes
}

// Copy writes the database at path to w as it is after one commit, and gives what that database says of itself. It may run beside the
// Store of the same process, whose commands do not wait for it. While it runs, the write-ahead log cannot be emptied: w must be about as
// fast as the disk of the database. start is called once with the size in bytes before w is used; an error of it is that of Copy. The
// copy needs no write-ahead log. Copy refuses a file that Open refuses.
func Copy(ctx context.Context, path string, w io.Writer, start func(size int64) error) (out Contents, err error) {
	c, err := openReader(path)
	if err != nil {
		return out, fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	c.SetInterrupt(ctx.Done())
	defer c.SetInterrupt(nil)
	if err := exec(c, "BEGIN"); err != nil { // its first query begins the snapshot that the others read
		return out, stopped(ctx, err)
	}
	if out, err = contents(c); err != nil {
		return out, stopped(ctx, fmt.Errorf("read %s: %w", path, err))
	}
	return out, stopped(ctx, copyPages(c, w, start))
}

// copyPages writes all pages of the snapshot in their order.
func copyPages(c *conn, w io.Writer, start func(size int64) error) error {
	page, _, err := row(c, integer, "PRAGMA page_size")
	if err != nil {
		return err
	}
	pages, _, err := row(c, integer, "PRAGMA page_count")
	if err != nil {
		return err
	}
	if err := start(page * pages); err != nil {
		return err
	}
	buf := make([]byte, page)
	return c.run("SELECT data FROM sqlite_dbpage('main') ORDER BY pgno", nil, func(st *sqlite.Stmt) error {
		if n := st.ColumnBytes(0, buf); int64(n) != page {
			return fmt.Errorf("a page of the database has %d bytes, want %d", n, page)
		}
		_, err := w.Write(buf)
		return err
	})
}

// stopped is the error of the context, if that has ended, and err otherwise.
func stopped(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// contents reads what a database says of itself. It knows all schemas: the earlier ones have no files and no emoji.
func contents(c *conn) (out Contents, err error) {
	if out.Schema, _, err = schema(c); err != nil {
		return out, err
	}
	if out.Schema == 0 {
		return out, errors.New("this database is empty")
	}
	tables, err := rows(c, text, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('file', 'custom_emoji')")
	if err != nil {
		return out, err
	}
	for _, table := range tables {
		if table == "file" {
			out.Files, err = storedFiles(c)
		} else {
			out.Pictures, err = rows(c, text, "SELECT DISTINCT picture FROM custom_emoji WHERE deleted = 0 ORDER BY picture")
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func storedFiles(c *conn) (out []StoredFile, err error) {
	err = c.run("SELECT id, info FROM file WHERE state IN (?, ?) ORDER BY id", []any{string(chat.FileReady), string(chat.FileAttached)},
		func(st *sqlite.Stmt) error {
			f := StoredFile{ID: st.ColumnText(0)}
			if err := json.Unmarshal([]byte(st.ColumnText(1)), &f); err != nil {
				return fmt.Errorf("the row of the file %s is damaged: %w", f.ID, err)
			}
			out = append(out, f)
			return nil
		})
	return out, err
}

// CheckCopy checks a database that nobody else has open, and gives what it says of itself. An error says what is wrong with it.
func CheckCopy(ctx context.Context, path string) (out Contents, err error) {
	c, err := openAlone(ctx, path)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if out, err = contents(c); err != nil {
		return out, stopped(ctx, err)
	}
	for _, check := range []string{"integrity_check", "foreign_key_check"} {
		found, ok, err := row(c, text, "PRAGMA "+check)
		if err == nil && ok && found != "ok" {
			err = fmt.Errorf("%s: %s", check, found)
		}
		if err != nil {
			return out, stopped(ctx, fmt.Errorf("the database is damaged: %w", err))
		}
	}
	return out, nil
}

// RenewCopy prepares a copied database for its use: the workspace gets a new epoch, so that clients load everything again, and all
// sessions end, since some may have been ended after the copy was made. Nobody else may have the database open.
func RenewCopy(ctx context.Context, path, epoch string) (err error) {
	c, err := openAlone(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	for _, change := range []string{"BEGIN IMMEDIATE", "DELETE FROM session"} {
		if err := exec(c, change); err != nil {
			return stopped(ctx, err)
		}
	}
	if err := exec(c, "UPDATE workspace SET epoch = ?", epoch); err != nil {
		return stopped(ctx, err)
	}
	if err := exec(c, "COMMIT"); err != nil {
		return stopped(ctx, err)
	}
	c.SetInterrupt(nil)
	return exec(c, "PRAGMA wal_checkpoint(TRUNCATE)")
}

// openAlone opens a database that nobody else has open.
func openAlone(ctx context.Context, path string) (*conn, error) {
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	if err := prepare(c); err != nil {
		return nil, errors.Join(fmt.Errorf("the database is damaged: %w", err), c.Close())
	}
	c.SetInterrupt(ctx.Done())
	return newConn(c), nil
}
