package server_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

func backUp(w *world.World, to io.Writer) error {
	return server.Backup(context.Background(), w.Dir, to, slog.New(slog.DiscardHandler))
}

// restored serves what a backup holds.
func restored(t *testing.T, b []byte) *world.World {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "restored")
	world.Must[backup.Summary](t)(server.Restore(context.Background(), bytes.NewReader(b), dir))
	return world.OpenWith(t, world.Options{Dir: dir, NoRates: true, Empty: true})
}

// TestBackupUnderLoad makes backups while 20 clients write and another one posts and deletes files, and serves them elsewhere. What was
// acknowledged before a backup began is in it; all that is in it is as it was at one commit.
func TestBackupUnderLoad(t *testing.T) {
	w := world.OpenWith(t, world.Options{NoRates: true, Configure: func(c *server.Config) { c.SweepEvery = 10 * time.Millisecond }})
	l := newLedger(t, w.URL, w.As("ada"), 20)
	wait, waitFiles := l.work(), postFiles(t, w)
	type made struct {
		archive []byte
		least   int64 // highest revision that was acknowledged before
	}
	var all []made
	for range 3 {
		l.underWay(50 * time.Millisecond)
		l.mu.Lock()
		least := slices.Max(slices.Collect(maps.Keys(l.acks)))
		l.mu.Unlock()
		var out bytes.Buffer
		if err := backUp(w, &out); err != nil {
			t.Fatal(err)
		}
		all = append(all, made{out.Bytes(), least})
	}
	l.down.Store(true)
	wait()
	waitFiles()
	read := 0
	now, epoch, _ := changesOf(t, w.As("ada"), l.room)
	for i, m := range all {
		if _, err := backup.Verify(t.Context(), bytes.NewReader(m.archive), t.TempDir()); err != nil {
			t.Errorf("backup %d: %v", i, err)
		}
		r := restored(t, m.archive)
		checkInvariants(t, r.Dir)
		ada := client.New(r.URL, w.Token["ada"])
		then, renewed, head := changesOf(t, ada, l.room)
		if head < m.least || len(then) == 0 || renewed == epoch {
			t.Errorf("backup %d: rev %d, and %d was acknowledged before; epoch %s and %s", i, head, m.least, renewed, epoch)
		}
		compareRooms(t, now, then, head)
		read += readFiles(t, client.New(r.URL, w.Token["mira"]))
	}
	if read == 0 {
		t.Error("no backup has a file")
	}
	t.Logf("%s acknowledged beside 3 backups with %d files", l.acknowledged(), read)
}

// changesOf are the messages of a room by seq, the epoch of the workspace, and the revision of the room.
func changesOf(t *testing.T, c *client.Client, room string) (messages map[int64]wire.Message, epoch string, head int64) {
	t.Helper()
	ctx := context.Background()
	messages = map[int64]wire.Message{}
	for next, more := int64(0), true; more; {
		ch := world.Must[wire.Changes](t)(c.Changes(ctx, room, next))
		for _, m := range ch.Messages {
			messages[m.Seq] = m
		}
		next, more, head = ch.Next, ch.More, ch.Head
	}
	list := world.Must[wire.MyRooms](t)(world.Get[wire.MyRooms](ctx, c, "/rooms"))
	return messages, list.Epoch, head
}

// compareRooms compares a room with what it was at the revision head.
func compareRooms(t *testing.T, now, then map[int64]wire.Message, head int64) {
	t.Helper()
	for seq, m := range then {
		is, ok := now[seq]
		a, aerr := json.Marshal(m)
		b, berr := json.Marshal(is)
		if err := errors.Join(aerr, berr); err != nil {
			t.Fatal(err)
		}
		if !ok || m.Rev > head || is.Rev <= head && !bytes.Equal(a, b) {
			t.Errorf("message %d was %s and is %s at rev %d", seq, a, b, head)
		}
	}
	for seq, m := range now {
		if _, ok := then[seq]; m.Rev <= head && !ok {
			t.Errorf("message %d of rev %d is not there at rev %d", seq, m.Rev, head)
		}
	}
}

// postFiles posts messages with files, and deletes half of them, until wait is called.
func postFiles(t *testing.T, w *world.World) (wait func()) {
	t.Helper()
	var over atomic.Bool
	var working sync.WaitGroup
	ctx, mira, room := context.Background(), w.As("mira"), w.Room("mira", "public", "files")
	one := func(n int) {
		body := make([]byte, 30_000)
		_, _ = rand.Read(body)
		f, err := mira.UploadFile(ctx, "a.bin", "", bytes.NewReader(body), int64(len(body)))
		if err != nil {
			t.Errorf("upload: %v", err)
			return
		}
		m, err := mira.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(n), Text: "a file", Files: []string{f.ID}})
		if err == nil && n%2 == 0 {
			err = mira.Delete(ctx, room, m.Seq)
		}
		if err != nil {
			t.Errorf("post or delete: %v", err)
		}
	}
	one(1)
	working.Go(func() {
		for n := 2; !over.Load(); n++ {
			one(n)
		}
	})
	return func() {
		over.Store(true)
		working.Wait()
	}
}

// readFiles downloads all files of all rooms that a user is in. The client checks their digests.
func readFiles(t *testing.T, c *client.Client) (n int) {
	t.Helper()
	ctx := context.Background()
	list := world.Must[wire.MyRooms](t)(world.Get[wire.MyRooms](ctx, c, "/rooms"))
	for _, r := range list.Rooms {
		for _, f := range world.Must[wire.RoomFiles](t)(c.RoomFiles(ctx, r.ID, "", 0)).Files {
			if err := c.Download(ctx, f.File.ID, io.Discard); err != nil {
				t.Errorf("%s: %v", f.File.ID, err)
			}
			n++
		}
	}
	return n
}

// slow is a writer that takes nothing after its first bytes until go on is closed.
type slow struct {
	got         bytes.Buffer // not embedded: its ReadFrom would not wait
	begun, goOn chan struct{}
	once        sync.Once
}

func newSlow() *slow { return &slow{begun: make(chan struct{}), goOn: make(chan struct{})} }

func (s *slow) Write(b []byte) (int, error) {
	s.once.Do(func() { close(s.begun) })
	<-s.goOn
	return s.got.Write(b)
}

// TestSlowBackup: while somebody reads a backup slowly, everything works: posts, and deletions, whose bodies go when the backup has ended.
// A second backup is refused meanwhile.
func TestSlowBackup(t *testing.T) {
	w := world.OpenWith(t, world.Options{NoRates: true, Configure: func(c *server.Config) { c.SweepEvery = 10 * time.Millisecond }})
	ctx, mira, room := t.Context(), w.As("mira"), w.General()
	large := bytes.Repeat([]byte("canteen "), 2<<20) // more than the buffers on the way
	f := world.Must[wire.File](t)(mira.UploadFile(ctx, "a.bin", "", bytes.NewReader(large), int64(len(large))))
	m := world.Must[wire.Message](t)(mira.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(1), Files: []string{f.ID}}))
	to, result := newSlow(), make(chan error, 1)
	go func() { result <- backUp(w, to) }()
	<-to.begun
	if err := backUp(w, io.Discard); err == nil || !strings.Contains(err.Error(), "another backup of this workspace is being made") {
		t.Errorf("a second backup: %v", err)
	}
	if err := mira.Delete(ctx, room, m.Seq); err != nil {
		t.Fatal(err)
	}
	for n := range 50 { // takes longer than a few sweeps
		w.Post("mira", room, 10+n)
	}
	if left := bodies(t, w.Dir); !slices.Contains(left, f.ID) {
		t.Errorf("the file was deleted while it was backed up: %q", left)
	}
	close(to.goOn)
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	if s, err := backup.Verify(ctx, &to.got, t.TempDir()); err != nil || s.Files != 1 {
		t.Errorf("%d files, %v", s.Files, err)
	}
	world.Eventually(t, "the file is deleted after the backup", func() bool { return len(bodies(t, w.Dir)) == 0 })
	if err := backUp(w, io.Discard); err != nil {
		t.Errorf("the next backup: %v", err)
	}
}

// TestBackupEnds: a backup ends when its reader goes or the server stops, and the error says so.
func TestBackupEnds(t *testing.T) {
	w := world.OpenWith(t, world.Options{Dir: filepath.Join(t.TempDir(), "data"), NoRates: true})
	large := make([]byte, 40<<20)
	world.Must[wire.File](t)(w.As("mira").UploadFile(t.Context(), "a.bin", "", bytes.NewReader(large), int64(len(large))))
	gone := errors.New("the line is cut")
	if err := backUp(w, failing{gone}); !errors.Is(err, gone) {
		t.Errorf("a cut line: %v", err)
	}
	ctx, end := context.WithCancel(t.Context())
	to, result := beginBackup(ctx, t, w)
	end()
	close(to.goOn)
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	to, result = beginBackup(t.Context(), t, w)
	stopped := make(chan struct{})
	go func() {
		w.Stop()
		close(stopped)
	}()
	close(to.goOn)
	if err := <-result; err == nil || !strings.Contains(err.Error(), "the server") {
		t.Errorf("the server stops: %v", err)
	}
	<-stopped
	var out bytes.Buffer
	if err := backUp(w, &out); err != nil { // without a server
		t.Error(err)
	}
	if _, err := backup.Verify(t.Context(), &out, t.TempDir()); err != nil {
		t.Error(err)
	}
}

// beginBackup begins a backup that goes on with goOn. It waits until the server has noticed that an earlier one has ended.
func beginBackup(ctx context.Context, t *testing.T, w *world.World) (to *slow, result chan error) {
	t.Helper()
	world.Eventually(t, "a backup has begun", func() bool {
		to, result = newSlow(), make(chan error, 1)
		go func() { result <- server.Backup(ctx, w.Dir, to, slog.New(slog.DiscardHandler)) }()
		select {
		case <-to.begun:
			return true
		case <-result:
			return false
		}
	})
	return to, result
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestUnfinishedRestoreIsNotServed: nobody serves, checks or backs up a directory into which a restore was interrupted.
func TestUnfinishedRestoreIsNotServed(t *testing.T) {
	for _, done := range []bool{false, true} {
		dir := t.TempDir()
		if err := errors.Join(
			os.WriteFile(filepath.Join(dir, backup.Marker), nil, 0o600), os.Mkdir(filepath.Join(dir, "files"), 0o700),
		); err != nil {
			t.Fatal(err)
		}
		if done { // the power was cut between the last two steps
			if err := os.WriteFile(filepath.Join(dir, "canteen.db"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := server.Start(t.Context(), server.Config{Addr: "127.0.0.1:0", Data: dir}, slog.New(slog.DiscardHandler))
		_, _, aerr := server.OpenAdmin(t.Context(), dir, true, slog.New(slog.DiscardHandler))
		berr := server.Backup(t.Context(), dir, io.Discard, slog.New(slog.DiscardHandler))
		for what, err := range map[string]error{"serve": err, "user add": aerr, "backup": berr} {
			if err == nil || !strings.Contains(err.Error(), "run the same canteen restore again") {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	if err := backUp(world.OpenFast(t), failing{fmt.Errorf("never: %w", io.ErrClosedPipe)}); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}
