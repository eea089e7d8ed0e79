package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/server"
)

// backupCommand writes a backup. (The name backup is that of the package.)
type backupCommand struct {
	Data string `help:"Data directory." default:"data" placeholder:"DIR"`
	File string `arg:"" help:"The file to write, such as canteen-2026-03-02.tar. It must not exist. -: standard output."`
}

// Run writes the backup beside its final name, so that there is never half a file of that name. It reads what it writes, and gives it its
// name when it is whole and on the disk.
func (c backupCommand) Run(ctx context.Context, s streams) error {
	log := slog.New(slog.NewTextHandler(s.err, nil))
	if c.File == "-" {
		_, err := c.write(ctx, s.out, log)
		return err
	}
	if err := absent(c.File); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(c.File), filepath.Base(c.File)+".*.part") // mode 0600
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", c.File, err)
	}
	made, err := c.write(ctx, f, log)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = absent(c.File)
	}
	if err == nil {
		err = os.Rename(f.Name(), c.File)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
		if ctx.Err() != nil {
			err = errors.New("interrupted: no backup was made")
		}
		return err
	}
	if err := syncDir(filepath.Dir(c.File)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s holds the workspace as of %s: %s.\nCheck it with: canteen verify %[1]s\n",
		c.File, stamp(made), amount(made))
	return err
}

// write writes a backup, and checks what it writes.
func (c backupCommand) write(ctx context.Context, out io.Writer, log *slog.Logger) (s backup.Summary, err error) {
	r, w := io.Pipe()
	read := make(chan error, 1)
	go func() {
		var err error
		s, err = backup.Read(r)
		read <- errors.Join(err, r.CloseWithError(err))
	}()
	buffered := bufio.NewWriterSize(out, 1<<20)
	err = server.Backup(ctx, c.Data, io.MultiWriter(buffered, w), log)
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		closed := w.CloseWithError(err)
		<-read // its error follows from err
		return s, errors.Join(err, closed)
	}
	err = w.Close()
	return s, errors.Join(err, <-read)
}

func absent(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s exists already: name another file, or delete it first", path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncDir waits until the names in a directory are on the disk.
func syncDir(dir string) error {
	d, err := os.Open(dir) // #nosec G304 -- the operator names it
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func stamp(s backup.Summary) string { return s.At.Format("2006-01-02T15:04:05Z") }

// amount says how much a backup holds.
func amount(s backup.Summary) string {
	kind := "files and pictures"
	if s.Files == 1 {
		kind = "file or picture"
	}
	return fmt.Sprintf("%d %s, %.1f MB", s.Files, kind, float64(s.Bytes)/1e6)
}

type verify struct {
	File string `arg:"" help:"The backup, or what serve --ship names: a directory or s3://BUCKET/PREFIX. -: standard input."`
}

// Run checks a backup, or what was shipped. It needs room for the database in the directory for temporary files (TMPDIR).
func (c verify) Run(ctx context.Context, s streams) error {
	if isPlace(c.File) {
		return c.shipped(ctx, s)
	}
	var sum backup.Summary
	err := reading(s, c.File, func(r io.Reader) (err error) {
		sum, err = backup.Verify(ctx, r, "")
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	_, err = fmt.Fprintf(s.out, "%s is whole. It holds the workspace as of %s: %s.\n", c.File, stamp(sum), amount(sum))
	return err
}

// shipped checks what was shipped to a place.
func (c verify) shipped(ctx context.Context, s streams) error {
	place, err := openPlace(ctx, c.File)
	if err != nil {
		return err
	}
	is, err := backup.VerifyShipped(ctx, place, "")
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	_, err = fmt.Fprintf(s.out, "%s is whole. Each second from %s to %s can be restored.\n"+
		"Copies of the database: %d. Segments: %d. Files and pictures: %d.\n",
		c.File, is.From.Format(time.RFC3339), is.To.Format(time.RFC3339), is.Generations, is.Segments, is.Bodies)
	return err
}

// reading opens a file for reading, or standard input.
func reading(s streams, name string, do func(io.Reader) error) error {
	if name == "-" {
		return do(s.in)
	}
	f, err := os.Open(name) // #nosec G304 -- the operator names it
	if err != nil {
		return err
	}
	return errors.Join(do(bufio.NewReaderSize(f, 1<<20)), f.Close())
}

type restore struct {
	Data string    `help:"The data directory to make. It must be new or empty." default:"data" placeholder:"DIR"`
	To   time.Time `env:"-" placeholder:"TIME" help:"Of what serve --ship wrote: the last second to keep, such as 2026-03-02T09:30:00Z."`
	File string    `arg:"" help:"The backup, or what serve --ship named: a directory or s3://BUCKET/PREFIX. -: standard input."`
}

// Run restores a backup or what was shipped, and says what comes next.
func (c restore) Run(ctx context.Context, s streams) error {
	var as string
	var err error
	switch {
	case isPlace(c.File):
		as, err = c.shipped(ctx)
	case !c.To.IsZero():
		return usage{fmt.Errorf("--to: %s must be what serve --ship wrote to", c.File)}
	default:
		err = reading(s, c.File, func(r io.Reader) error {
			sum, err := server.Restore(ctx, r, c.Data)
			as = stamp(sum) + ": " + amount(sum)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("%w\nNothing was restored", err)
	}
	_, err = fmt.Fprintf(s.out, "%s holds the workspace as of %s.\n"+
		"Everybody must sign in again. Tokens, invites and roles are as they were then: repeat what was changed since.\n"+
		"Check it with: canteen check --data %[1]s\nServe it with: canteen serve --data %[1]s\n", c.Data, as)
	return err
}

// shipped restores what was shipped to a place, and says as of when.
func (c restore) shipped(ctx context.Context) (as string, err error) {
	place, err := openPlace(ctx, c.File)
	if err != nil {
		return "", err
	}
	at, err := server.RestoreShipped(ctx, place, c.To, c.Data)
	return at.Format(time.RFC3339), err
}
