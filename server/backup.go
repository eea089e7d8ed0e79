package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/disk"
	"github.com/canteen-chat/canteen/sqlite"
)

const (
	failure     = "Canteen-Failure" // trailer of a backup: why it is not complete, as a Go string literal
	backupWrite = time.Minute       // longest time without progress of whoever reads a backup
)

// errBackupRuns is the error of a backup beside another one.
var errBackupRuns = errors.New("another backup of this workspace is being made: try again when it has ended")

// backups makes backups of an open data directory, one at a time.
type backups struct {
	source backup.Source
	dir    string
	clock  chat.Clock
	log    *slog.Logger
	one    sync.Mutex // held while a backup is made
	done   done
	ctx    context.Context
	end    context.CancelFunc
}

func newBackups(h *dataDir, log *slog.Logger) *backups {
	ctx, end := context.WithCancel(context.Background())
	return &backups{source: sourceOf(h.dir, h.bodies), dir: h.dir, clock: h.clock, log: log, ctx: ctx, end: end}
}

func sourceOf(dir string, bodies *disk.Bodies) backup.Source {
	return backup.Source{
		Database: filepath.Join(dir, databaseFile), Bodies: bodies, Clock: time.Now, Program: Version(),
		Fits: func(size int64) error { return fits(dir, size) },
	}
}

// fits says whether the disk of dir has room for size bytes, and for what posts need beside them.
func fits(dir string, size int64) error {
	free, total, err := diskOf(dir)()
	if need := uint64(max(0, size)); err == nil && free < need+2*min(leastSpace, total/50) { // #nosec G115 -- not negative
		err = fmt.Errorf("the disk of %s has %d MB left, which is too little for a copy of the database of %d MB", dir, free/megabyte,
			need/megabyte)
	}
	return err
}

// stop ends the backup that is being made, and waits for its end. No other begins.
func (b *backups) stop() {
	b.end()
	b.one.Lock()
}

// write makes a backup, if no other is being made.
func (b *backups) write(ctx context.Context, w io.Writer) error {
	if !b.one.TryLock() {
		return errBackupRuns
	}
	defer b.one.Unlock()
	ctx, end := context.WithCancel(ctx)
	defer end()
	defer context.AfterFunc(b.ctx, end)()
	began := time.Now()
	err := backup.Make(ctx, b.source, w)
	if ctx.Err() != nil && b.ctx.Err() != nil {
		err = errors.New("the server is stopping")
	}
	b.done.at(b.clock(), err)
	if err != nil {
		b.log.Error("no backup was made", "error", err)
	} else {
		b.log.Info("a backup was made", "seconds", int(time.Since(began).Seconds()))
		if err := noteBackup(b.dir, b.clock()); err != nil { // the backup is whole nevertheless
			b.log.Error("when the last backup was made is not known", "error", err)
		}
	}
	return err
}

// lastBackupFile holds when the last whole backup was made (RFC 3339).
const lastBackupFile = "last-backup"

func noteBackup(dir string, at time.Time) error {
	return writeAtomic(filepath.Join(dir, lastBackupFile), []byte(at.UTC().Format(time.RFC3339)+"\n"))
}

// lastBackup is when the last whole backup of a data directory was made; zero if none ever was.
func lastBackup(dir string) (at time.Time, err error) {
	b, err := os.ReadFile(filepath.Join(dir, lastBackupFile)) // #nosec G304 -- the operator names the directory
	if errors.Is(err, os.ErrNotExist) {
		return at, nil
	}
	if err == nil {
		at, err = time.Parse(time.RFC3339, strings.TrimSpace(string(b)))
	}
	return at, err
}

// handler answers with a backup. Since that may fail after its first byte, the trailer says whether it has.
func (b *backups) handler(secret string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !authorized(w, r, secret) {
			return
		}
		conn := http.NewResponseController(w)
		if err := conn.SetReadDeadline(time.Time{}); err != nil { // that of the request, which has been read
			b.log.Warn("a backup may end early", "error", err)
		}
		w.Header().Set("Trailer", failure)
		w.Header().Set("Content-Type", "application/x-tar")
		if err := b.write(r.Context(), patient{w, conn}); err != nil {
			w.Header().Set(failure, strconv.QuoteToASCII(err.Error()))
		}
	}
}

// patient is the writer of an answer. Each write may take a minute.
type patient struct {
	io.Writer
	conn *http.ResponseController
}

func (p patient) Write(b []byte) (int, error) {
	if err := p.conn.SetWriteDeadline(time.Now().Add(backupWrite)); err != nil {
		return 0, err
	}
	return p.Writer.Write(b)
}

// backup reads a backup that the running server makes.
func (r remote) backup(ctx context.Context, w io.Writer) error {
	resp, err := r.send(ctx, "/backup", http.NoBody)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return errors.New("the running server is an older Canteen, which cannot make backups: stop it, or restart it with this program")
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server refused the command: %s", resp.Status)
	}
	in := &received{r: resp.Body}
	if _, err = io.Copy(w, in); in.err != nil && ctx.Err() == nil {
		return fmt.Errorf("the server ended before the backup was complete: %w", in.err)
	} else if err != nil {
		return err
	}
	if why, err := strconv.Unquote(resp.Trailer.Get(failure)); err == nil {
		return errors.New(why)
	}
	return nil
}

// received keeps the error of a reader, to tell it from that of the writer.
type received struct {
	r   io.Reader
	err error
}

func (r *received) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// Backup writes a backup of a data directory to w: in the running server that has it open, or in this process. It does not bring an older
// database up to date. If it fails, what w got is not a backup.
func Backup(ctx context.Context, dir string, w io.Writer, log *slog.Logger) (err error) {
	if err := prepare(dir, false, log); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	var held *os.File
	running, err := openOrFind(ctx, dir, func() (err error) {
		held, err = lock(dir)
		return err
	})
	if err != nil {
		return err
	}
	if running != nil {
		return running.backup(ctx, w)
	}
	defer func() { err = errors.Join(err, held.Close()) }()
	bodies, err := OpenBodies(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bodies.Close()) }()
	if err := backup.Make(ctx, sourceOf(dir, bodies), w); err != nil {
		return err
	}
	if err := noteBackup(dir, time.Now()); err != nil { // the backup is whole nevertheless
		log.Error("when the last backup was made is not known", "error", err)
	}
	return nil
}

// Restore makes a data directory of a backup. The directory must be empty or new, or what an interrupted Restore left. Nothing is left if
// it fails.
func Restore(ctx context.Context, r io.Reader, dir string) (s backup.Summary, err error) {
	err = restoreInto(dir, func() (err error) {
		s, err = backup.Restore(ctx, r, dir, lockFile)
		return err
	})
	return s, err
}

// RestoreShipped is Restore of what a server has shipped to a place, as of the moment to; zero: the last one. It gives the moment of the
// last change.
func RestoreShipped(ctx context.Context, from backup.Place, to time.Time, dir string) (at time.Time, err error) {
	err = restoreInto(dir, func() (err error) {
		at, err = backup.RestoreShipped(ctx, from, to, dir, lockFile)
		return err
	})
	return at, err
}

// restoreInto creates a data directory if necessary, and lets do restore into it. If that fails, it removes a directory that it created.
func restoreInto(dir string, do func() error) (err error) {
	_, statErr := os.Stat(dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("--data: the directory %s cannot be created: %w", dir, cause(err))
	}
	if err := backup.Vacant(dir, lockFile); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	held, err := lock(dir)
	if err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	defer func() { err = errors.Join(err, held.Close()) }()
	if err = do(); err != nil && errors.Is(statErr, os.ErrNotExist) {
		err = errors.Join(err, os.Remove(filepath.Join(dir, lockFile)), os.Remove(dir))
	}
	return err
}

// keepCopies is how long a copy from before an upgrade is kept. It holds what people have deleted since.
const keepCopies = 7 * 24 * time.Hour

// forgetCopies deletes copies from before an upgrade that are old.
func forgetCopies(dir string, now time.Time) error {
	kept, err := sqlite.KeptCopies(filepath.Join(dir, databaseFile))
	for _, path := range kept {
		info, serr := os.Stat(path)
		if serr == nil && now.Sub(info.ModTime()) > keepCopies {
			serr = os.Remove(path)
		}
		err = errors.Join(err, serr)
	}
	return err
}

// Version is the version of this program.
func Version() string {
	if b, ok := debug.ReadBuildInfo(); ok {
		return b.Main.Version
	}
	return "unknown"
}
