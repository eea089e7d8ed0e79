package disk

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
)

// dirty is how many bytes of the only file in a directory wait in memory for the disk.
func dirty(t *testing.T, dir string) int64 {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%v (%v)", names, err)
	}
	f, err := os.Open(names[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var s unix.Cachestat_t
	err = unix.Cachestat(uint(f.Fd()), &unix.CachestatRange{}, &s, 0)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EOPNOTSUPP) {
		t.Skip("the system does not say how much waits for the disk")
	} else if err != nil {
		t.Fatal(err)
	}
	return int64(s.Dirty+s.Writeback) * int64(os.Getpagesize()) // #nosec G115 -- fewer pages than the body has bytes
}

// watched is a body that looks, whenever it is read, how much of it waits for the disk.
type watched struct {
	io.Reader
	look func() int64
	most int64
}

func (w *watched) Read(p []byte) (int, error) {
	w.most = max(w.most, w.look())
	return w.Reader.Read(p)
}

// TestSteady: while a body is written, little of it waits in memory for the disk, and none when it is there.
func TestSteady(t *testing.T) {
	const size = files.PartSize - 100_000
	for _, way := range []string{"part", "whole"} {
		dir := t.TempDir()
		b := open(t, dir)
		look := func() int64 { return dirty(t, dir) }
		id, body := chat.NewID(), &watched{Reader: io.LimitReader(zeros{}, size), look: look}
		var err error
		if way == "part" {
			u := files.Upload{ID: id, Size: size}
			if _, err := b.Begin(t.Context(), id, size); err != nil {
				t.Fatal(err)
			}
			err = b.PutPart(t.Context(), u, 1, body, files.Sum{})
		} else {
			err = b.Put(t.Context(), id, "", body, size)
		}
		if err != nil {
			t.Fatal(err)
		}
		const page = 4096 // the digest of the part
		if left := look(); body.most > flushEvery+page || left > page {
			t.Errorf("%s: %d bytes waited for the disk, and %d do at the end", way, body.most, left)
		}
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestLane: bodies are not written while the lane is taken.
func TestLane(t *testing.T) {
	b := open(t, t.TempDir())
	b.Lane = files.NewLane()
	u := files.Upload{ID: chat.NewID(), Size: 10}
	if _, err := b.Begin(t.Context(), u.ID, u.Size); err != nil {
		t.Fatal(err)
	}
	for what, act := range map[string]func() error{
		"a part": func() error { return b.PutPart(t.Context(), u, 1, strings.NewReader("0123456789"), files.Sum{}) },
		"a body": func() error { return b.Put(t.Context(), chat.NewID(), "", strings.NewReader("0"), 1) },
	} {
		done := make(chan error, 1)
		err := b.Lane.Do(t.Context(), func() error {
			go func() { done <- act() }()
			select {
			case err := <-done:
				done <- err
				return errors.New("it was stored at once")
			case <-time.After(20 * time.Millisecond):
				return nil
			}
		})
		if err = errors.Join(err, <-done); err != nil {
			t.Errorf("%s while the lane is taken: %v", what, err)
		}
	}
}

// TestLaneWaitsForNobody: a late part and the end of its upload do not wait for each other for ever.
func TestLaneWaitsForNobody(t *testing.T) {
	b := open(t, t.TempDir())
	b.Lane = files.NewLane()
	over := make(chan error, 1)
	go func() {
		for range 100 {
			if err := lateAndDone(b); err != nil {
				over <- err
				return
			}
		}
		over <- nil
	}()
	select {
	case err := <-over:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("they wait for each other")
	}
}

// lateAndDone ends an upload while one of its parts arrives once more.
func lateAndDone(b *Bodies) error {
	ctx, u := context.Background(), files.Upload{ID: chat.NewID(), Size: 10}
	if _, err := b.Begin(ctx, u.ID, u.Size); err != nil {
		return err
	}
	put := func() error { return b.PutPart(ctx, u, 1, strings.NewReader("0123456789"), files.Sum{}) }
	if err := put(); err != nil {
		return err
	}
	late := make(chan error, 1)
	go func() { late <- put() }()
	err := b.Done(ctx, u)
	if late := <-late; late != nil && chat.ErrorCode(late) != chat.NotFound {
		err = errors.Join(err, late)
	}
	return err
}
