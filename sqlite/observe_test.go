package sqlite

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wal"
)

// TestCommitsAreObserved: each batch is reported once, with its commands and the time of COMMIT as a part of the whole; so is one that
// fails.
func TestCommitsAreObserved(t *testing.T) {
	var mu sync.Mutex
	var seen []Committed
	var moments []wal.Moment
	path := filepath.Join(t.TempDir(), "c.db")
	s, err := Open(context.Background(), path, Options{
		Log: slog.New(slog.DiscardHandler), Observe: func(c Committed) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, c)
		}, Logged: func(m wal.Moment) func() {
			moments = append(moments, m)
			return func() {}
		},
	})
	must(t, err)
	for range 3 {
		must(t, s.Probe(context.Background()))
	}
	must(t, do(context.Background(), s, func(tx *tx) error { return exec(tx.Conn, "PRAGMA busy_timeout = 1") }))
	other, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	must(t, err)
	must(t, sqlitex.ExecuteTransient(other, "BEGIN IMMEDIATE", nil))
	if err := s.Probe(context.Background()); err == nil {
		t.Fatal("it commits while another process writes")
	}
	must(t, other.Close())
	must(t, s.Close())
	mu.Lock()
	defer mu.Unlock()
	if len(seen) != 5 {
		t.Fatalf("%d batches", len(seen))
	}
	for i, c := range seen[:4] {
		if c.Commands != 1 || c.Err != nil || c.Synced <= 0 || c.Synced > c.Took || c.Took > time.Minute {
			t.Errorf("batch %d: %+v", i, c)
		}
	}
	if seen[4].Err == nil {
		t.Error("the failed batch is reported as done")
	}
	want := append(slices.Repeat([]wal.Moment{wal.AfterCommit}, 4), wal.AfterFailure, wal.BeforeEmptying)
	if !slices.Equal(moments, want) {
		t.Errorf("the moments were %v", moments)
	}
}

// TestLogIsReadAfterTheAnswer: a command is acknowledged before the log is read, and the next batch begins after that.
func TestLogIsReadAfterTheAnswer(t *testing.T) {
	reads, logged := make(chan struct{}), 0
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "c.db"), Options{
		Log: slog.New(slog.DiscardHandler), Logged: func(wal.Moment) func() {
			logged++
			return func() { <-reads }
		},
	})
	must(t, err)
	within, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	must(t, do(within, s, func(*tx) error { return nil }))
	if logged != 1 {
		t.Error("the command is acknowledged before that is said")
	}
	ran := false
	soon, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	if err := do(soon, s, func(*tx) error { ran = true; return nil }); !errors.Is(err, context.DeadlineExceeded) || ran {
		t.Errorf("the next command ran: %v, %v", ran, err)
	}
	close(reads)
	must(t, s.Close())
}

// TestLogIsReadBeforeItIsEmptied, both while the store is open and when it is closed.
func TestLogIsReadBeforeItIsEmptied(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	emptied, last, size := make(chan int64, 100), wal.AfterCommit, int64(0)
	logged := func(m wal.Moment) func() {
		return func() {
			info, err := os.Stat(path + "-wal")
			if last = m; err == nil {
				size = info.Size()
			}
			if m == wal.BeforeEmptying {
				emptied <- size
			}
		}
	}
	s, err := Open(t.Context(), path, Options{
		Log: slog.New(slog.DiscardHandler), EraseWithin: 50 * time.Millisecond, Logged: logged,
	})
	must(t, err)
	write := func(tx *tx) error { return exec(tx.Conn, "PRAGMA user_version = 1") }
	for range 2 {
		must(t, do(t.Context(), s, func(tx *tx) error { tx.erases(); return write(tx) }))
		select {
		case n := <-emptied:
			if n == 0 {
				t.Error("it is told after the log was emptied")
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the log is not emptied, or without a word")
		}
	}
	must(t, do(t.Context(), s, write))
	must(t, s.Close())
	if last != wal.BeforeEmptying || size == 0 {
		t.Errorf("the last moment was %d, with a log of %d bytes", last, size)
	}
}

// TestFileBytes: what was uploaded counts, and what is not complete or deleted does not.
func TestFileBytes(t *testing.T) {
	s, _, _ := testStore(t)
	ctx := context.Background()
	for id, state := range map[string]chat.FileState{"a": chat.FileReady, "b": chat.FileAttached, "c": chat.FileOpen, "d": chat.FileDead} {
		must(t, do(ctx, s, func(tx *tx) error {
			return tx.putFile(chat.FileRow{File: chat.File{ID: id, Size: 1000, Name: id}, State: state, Owner: "mira", At: noon}, 0)
		}))
	}
	if n, err := s.FileBytes(ctx); err != nil || n != 2000 {
		t.Errorf("%d bytes, %v", n, err)
	}
	// The files belong to no message.
	must(t, do(ctx, s, func(tx *tx) error { return exec(tx.Conn, "DELETE FROM file WHERE id IN ('a', 'b', 'c', 'd')") }))
}
