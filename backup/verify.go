package backup

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/canteen-chat/canteen/sqlite"
)

// Verify reads a backup to its end. It checks all digests, the database, and that each file and each emoji of the database has its body.
// It extracts the database into a temporary directory in temp, or in that of the system if temp is "".
func Verify(ctx context.Context, r io.Reader, temp string) (s Summary, err error) {
	dir, err := os.MkdirTemp(temp, "canteen-verify")
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	x := &extraction{ctx: ctx, path: filepath.Join(dir, databaseFile)}
	if s, err = visit(r, x); err != nil {
		return s, err
	}
	return s, s.check(ctx, x.path)
}

// check checks the extracted database at path, and compares it with the bodies that the archive has.
func (s Summary) check(ctx context.Context, path string) error {
	contents, err := sqlite.CheckCopy(ctx, path)
	if err != nil {
		return err
	}
	if contents.Schema != s.Schema {
		return fmt.Errorf("the database has the schema %d, and the backup says %d", contents.Schema, s.Schema)
	}
	names := neededBodies(contents)
	for _, b := range names {
		sum, ok := s.Sums[b.key]
		if !ok {
			return fmt.Errorf("%s is not in the backup", b.of)
		}
		if b.sum != "" && hex.EncodeToString(sum[:]) != b.sum {
			return fmt.Errorf("%s has another digest than its row says", b.of)
		}
	}
	if len(names) != len(s.Sums) || len(names) != s.Files {
		return fmt.Errorf("the backup has %d bodies and says %d; its database names %d", len(s.Sums), s.Files, len(names))
	}
	return nil
}

// extraction is a visitor that writes the database to a file, and bodies where put puts them.
type extraction struct {
	ctx  context.Context
	path string
	put  func(key string, r io.Reader) error // nil: bodies are not extracted
}

func (x *extraction) database(_ Header, r io.Reader, _ int64) error {
	return writeFile(x.ctx, func() (*os.File, error) {
		return os.OpenFile(x.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // #nosec G304 -- in a directory of our own
	}, r)
}

func (x *extraction) body(key string, r io.Reader, _ int64) error {
	if err := x.ctx.Err(); err != nil || x.put == nil {
		return err
	}
	return x.put(key, r)
}

// writeFile writes a new file. It does not wait until the file is on the disk.
func writeFile(ctx context.Context, create func() (*os.File, error), r io.Reader) error {
	f, err := create()
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	_, err = io.Copy(w, untilDone{ctx, r})
	if err == nil {
		err = w.Flush()
	}
	return errors.Join(err, f.Close())
}

// untilDone is a reader that fails when its context ends.
type untilDone struct {
	ctx context.Context //nolint:containedctx // of one call of writeFile
	r   io.Reader
}

func (u untilDone) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}
