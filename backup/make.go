package backup

import (
	"bufio"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/disk"
	"github.com/canteen-chat/canteen/emoji"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/sqlite"
)

// Source is what is backed up.
type Source struct {
	Database string       // path of the database
	Bodies   *disk.Bodies // of its files
	Clock    chat.Clock
	Program  string // version of this program
	// Fits says whether the disk of the database has room for this many bytes more. nil: it is not asked.
	Fits func(size int64) error
}

// Make writes a backup to w. It may run beside the store of the same process. Errors name the file that is missing or damaged.
func Make(ctx context.Context, s Source, w io.Writer) (err error) {
	release := s.Bodies.Hold() // before the copy: the copy decides which bodies are needed
	defer func() { err = errors.Join(err, release()) }()
	at := s.Clock.Time().Truncate(time.Second)
	copied, contents, err := s.copy(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, copied.Close()) }()
	needed := neededBodies(contents)
	out, err := newWriter(w, Header{Format: format, At: at, Program: s.Program, Schema: contents.Schema, Files: len(needed)})
	if err != nil {
		return err
	}
	size, err := copied.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = copied.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	if _, err := out.add(databaseFile, copied, size); err != nil {
		return err
	}
	for _, b := range needed {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.addBody(ctx, out, b); err != nil {
			return err
		}
	}
	return out.close()
}

// copy copies the database into a file beside it that has no name, so that nothing is left of it if the process is killed.
func (s Source) copy(ctx context.Context) (f *os.File, c sqlite.Contents, err error) {
	name := s.Database + ".copy"
	f, err = os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600) // #nosec G304 -- beside the database
	if err != nil {
		return nil, c, err
	}
	buffered := bufio.NewWriterSize(f, 1<<20)
	if err = os.Remove(name); err == nil {
		c, err = sqlite.Copy(ctx, s.Database, buffered, func(size int64) error {
			if s.Fits == nil {
				return nil
			}
			return s.Fits(size)
		})
	}
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return nil, c, errors.Join(fmt.Errorf("copy the database: %w", err), f.Close())
	}
	return f, c, nil
}

// needed is a body that a database names.
type needed struct {
	key string
	sum string // in hexadecimal; "" if the database does not say
	of  string // what it is, for people
}

// neededBodies are the bodies that a database names, by key.
func neededBodies(c sqlite.Contents) []needed {
	var out []needed
	for _, f := range c.Files {
		out = append(out, needed{f.ID, f.SHA256, "the file " + f.ID})
		for _, size := range f.Thumbs {
			out = append(out, needed{files.ThumbKey(f.ID, size), "", fmt.Sprintf("the thumbnail of %d pixels of the file %s", size, f.ID)})
		}
	}
	for _, id := range c.Pictures {
		out = append(out, needed{emoji.Key(id), "", "the emoji picture " + id})
	}
	slices.SortFunc(out, func(a, b needed) int { return cmp.Compare(a.key, b.key) })
	return out
}

// addBody adds a body, and compares it with what the database says of it.
func (s Source) addBody(ctx context.Context, out *writer, b needed) (err error) {
	body, err := s.Bodies.Open(ctx, b.key)
	if chat.ErrorCode(err) == chat.NotFound {
		return fmt.Errorf("%s is not in the data directory", b.of)
	} else if err != nil {
		return fmt.Errorf("%s: %w", b.of, err)
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	sum, err := out.add(bodies+b.key, body, body.Size())
	if err == nil && b.sum != "" && hex.EncodeToString(sum[:]) != b.sum {
		err = errors.New("it is damaged in the data directory: its bytes have another digest than its row says")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", b.of, err)
	}
	return nil
}
