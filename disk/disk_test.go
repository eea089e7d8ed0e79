package disk

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/internal/filetest"
)

func open(t testing.TB, dir string) *Bodies {
	t.Helper()
	b, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestContract(t *testing.T) {
	filetest.Run(t, func(t testing.TB) filetest.Home {
		dir := filepath.Join(t.TempDir(), "files")
		return filetest.Home{Bodies: open(t, dir), Again: func() files.Bodies { return open(t, dir) }}
	})
}

// TestFullDisk: an upload for which there is no room is refused before anything is sent, and leaves nothing.
func TestFullDisk(t *testing.T) {
	b := open(t, t.TempDir())
	b.allocate = func(*os.File, int64) error { return unix.ENOSPC }
	if _, err := b.Begin(t.Context(), chat.NewID(), 100); chat.ErrorCode(err) != chat.Unavailable {
		t.Errorf("without room: %v", err)
	}
	if left, err := b.List(t.Context(), "", 10); err != nil || len(left) > 0 {
		t.Errorf("left: %v (%v)", left, err)
	}
	b.allocate, b.Enough = allocate, func() bool { return false }
	if _, err := b.Begin(t.Context(), chat.NewID(), 100); chat.ErrorCode(err) != chat.Unavailable {
		t.Errorf("with too little room for others: %v", err)
	}
	if left, err := b.List(t.Context(), "", 10); err != nil || len(left) > 0 {
		t.Errorf("left: %v (%v)", left, err)
	}
}

// TestAllocate: the room for the whole body is reserved at the beginning.
func TestAllocate(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	id := chat.NewID()
	if _, err := b.Begin(t.Context(), id, 3*files.PartSize); err != nil {
		t.Fatal(err)
	}
	var s unix.Stat_t
	if err := unix.Stat(filepath.Join(dir, id+uploading), &s); err != nil {
		t.Fatal(err)
	}
	if s.Blocks*512 < 3*files.PartSize {
		t.Errorf("%d bytes are reserved", s.Blocks*512)
	}
	if s.Mode&0o777 != 0o600 {
		t.Errorf("mode %o", s.Mode)
	}
}

// TestHold: what is deleted while somebody holds the bodies is there until the last of them lets go, each of them once.
func TestHold(t *testing.T) {
	b := open(t, t.TempDir())
	first, second, key := b.Hold(), b.Hold(), chat.NewID()
	for _, of := range []string{key, chat.NewID()} {
		if err := b.Put(t.Context(), of, "", strings.NewReader("soup"), 4); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Delete(t.Context(), key, chat.NewID()); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		release func() error
		left    int
	}{{nil, 2}, {first, 2}, {first, 2}, {second, 1}, {second, 1}} {
		if step.release != nil {
			if err := step.release(); err != nil {
				t.Fatal(err)
			}
		}
		if left, err := b.List(t.Context(), "", 10); err != nil || len(left) != step.left {
			t.Errorf("left: %v (%v), want %d", left, err, step.left)
		}
	}
	if err := b.Put(t.Context(), key, "", strings.NewReader("soup"), 4); err != nil {
		t.Fatal(err)
	}
	if err := b.Hold()(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Open(t.Context(), key); err != nil {
		t.Errorf("a later hold deleted it again: %v", err)
	}
}

// TestDamage: a part whose bytes changed on the disk is missing again, and the upload goes on with it.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	u := files.Upload{ID: chat.NewID(), Size: 10}
	body := []byte("0123456789")
	if _, err := b.Begin(t.Context(), u.ID, u.Size); err != nil {
		t.Fatal(err)
	}
	put := func() {
		if err := b.PutPart(t.Context(), u, 1, bytes.NewReader(body), files.Sum{}); err != nil {
			t.Fatal(err)
		}
	}
	put()
	f, err := os.OpenFile(filepath.Join(dir, u.ID+uploading), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("x"), 3); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Done(t.Context(), u); chat.ErrorCode(err) != chat.Conflict || !strings.Contains(err.Error(), "parts 1 are missing") {
		t.Errorf("a damaged part: %v", err)
	}
	put()
	if err := b.Done(t.Context(), u); err != nil {
		t.Error(err)
	}
}

// TestKilledAtTheEnd: the process was killed between cutting the file and renaming it. Whoever goes on with the upload finds all parts.
func TestKilledAtTheEnd(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	u := files.Upload{ID: chat.NewID(), Size: 10}
	if _, err := b.Begin(t.Context(), u.ID, u.Size); err != nil {
		t.Fatal(err)
	}
	if err := b.PutPart(t.Context(), u, 1, strings.NewReader("0123456789"), files.Sum{}); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, u.ID+uploading), u.Size); err != nil {
		t.Fatal(err)
	}
	if have, err := b.Have(t.Context(), u); err != nil || len(have) != 1 {
		t.Errorf("the parts: %v (%v)", have, err)
	}
	if err := b.PutPart(t.Context(), u, 1, strings.NewReader("0123456789"), files.Sum{}); err != nil {
		t.Errorf("the part again: %v", err)
	}
	if err := b.PutPart(t.Context(), u, 1, strings.NewReader("9876543210"), files.Sum{}); chat.ErrorCode(err) != chat.Invalid {
		t.Errorf("another part in its place: %v", err)
	}
	if err := b.Done(t.Context(), u); err != nil {
		t.Error(err)
	}
	if r, err := b.Open(t.Context(), u.ID); err != nil || r.Size() != 10 {
		t.Errorf("the body: %v", err)
	} else if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// TestLatePart: bytes that arrive after the end of the upload do not reach the body.
func TestLatePart(t *testing.T) {
	b := open(t, t.TempDir())
	u := files.Upload{ID: chat.NewID(), Size: 200_000}
	if _, err := b.Begin(t.Context(), u.ID, u.Size); err != nil {
		t.Fatal(err)
	}
	body := bytes.Repeat([]byte("a"), int(u.Size))
	other := bytes.NewReader(bytes.Repeat([]byte("b"), int(u.Size)))
	slow, sent := &waiting{other, make(chan struct{}, 9), make(chan struct{})}, make(chan error)
	go func() { sent <- b.PutPart(t.Context(), u, 1, slow, files.Sum{}) }()
	<-slow.reads
	slow.wait <- struct{}{}
	<-slow.reads // what it read first is written
	if err := b.PutPart(t.Context(), u, 1, bytes.NewReader(body), files.Sum{}); err != nil {
		t.Fatal(err)
	}
	if err := b.Done(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	close(slow.wait)
	if err := <-sent; chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("the late part: %v", err)
	}
	r, err := b.Open(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, u.Size)
	if _, err := r.Read(got); err != nil || !bytes.Equal(got, body) {
		t.Errorf("the late part changed the body (%v)", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// waiting is a reader that says when it is read, and waits before each read.
type waiting struct {
	*bytes.Reader
	reads, wait chan struct{}
}

func (r *waiting) Read(p []byte) (int, error) {
	r.reads <- struct{}{}
	<-r.wait
	return r.Reader.Read(p)
}
