package server_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// bodies are the names in the directory of bodies.
func bodies(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestUploadSurvivesAKill: the server is killed in the middle of an upload. The parts that were stored are there afterwards and the upload
// goes on; what belongs to no upload is deleted.
func TestUploadSurvivesAKill(t *testing.T) {
	program, dir := world.Program(t), t.TempDir()
	token := world.FirstRun(t, program, dir)
	addr := world.Address(t)
	p := world.Serve(t, program, dir, addr)
	c := client.New(p.URL, token)
	ctx := context.Background()
	body := bytes.Repeat([]byte("canteen "), 3<<20) // three parts
	u := world.Must[wire.Upload](t)(c.BeginUpload(ctx, "a.bin", "", int64(len(body))))
	put := func(n int, r *slowly) error {
		req, err := http.NewRequest(http.MethodPut, fmt.Sprintf("%s/api/v1/files/%s/parts/%d", p.URL, u.File.ID, n), r)
		if err != nil {
			return err
		}
		req.ContentLength = u.PartSize
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusNoContent {
			return fmt.Errorf("%s (%w)", resp.Status, err)
		}
		return nil
	}
	if err := put(1, &slowly{b: body[:u.PartSize]}); err != nil {
		t.Fatal(err)
	}
	begun, result := make(chan struct{}), make(chan error, 1)
	killed := make(chan struct{})
	go func() {
		result <- put(2, &slowly{b: body[u.PartSize : 2*u.PartSize], at: 3 << 20, then: begun, until: killed})
	}()
	<-begun
	p.Kill(t)
	close(killed)
	if err := <-result; err == nil {
		t.Error("half a part was taken")
	}
	for _, name := range []string{
		chat.NewID(), chat.NewID() + ".360", chat.NewID() + ".upload", chat.NewID() + ".replacing", "e." + chat.NewID(),
	} {
		if err := os.WriteFile(filepath.Join(dir, "files", name), []byte("left"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p = world.Serve(t, program, dir, addr)
	if got := bodies(t, dir); len(got) != 2 || !slices.Contains(got, u.File.ID+".upload") { // that of the upload, and the emoji
		t.Errorf("after the restart: %v", got)
	}
	have := world.Must[wire.Parts](t)(client.New(p.URL, token).PlaceParts(ctx, u.File.ID, nil))
	if !slices.Equal(have.Have, []int{1}) {
		t.Errorf("have %v", have.Have)
	}
	f := world.Must[wire.File](t)(client.New(p.URL, token).ResumeUpload(ctx, u, bytes.NewReader(body), wire.FileDone{}))
	sum := sha256.Sum256(body)
	if f.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("%+v", f)
	}
}

// slowly is a body that stops at a place until a channel is closed, if then is given.
type slowly struct {
	b           []byte
	at          int
	read        int
	then, until chan struct{}
}

func (r *slowly) Read(p []byte) (int, error) {
	if r.then != nil && r.read >= r.at {
		close(r.then)
		r.then = nil
		<-r.until
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, r.b[r.read:min(len(r.b), r.read+64<<10)])
	if n == 0 {
		return 0, io.EOF
	}
	r.read += n
	return n, nil
}

// TestFilesEnd: the bodies of a deleted message go within a minute, and so do uploads and files that were in no message for a day.
func TestFilesEnd(t *testing.T) {
	dir, clock := t.TempDir(), world.NewClock()
	h := world.OpenWith(t, world.Options{Dir: dir, Configure: func(c *server.Config) {
		c.Clock, c.SweepEvery = clock.Now, 20*time.Millisecond
	}})
	ctx := context.Background()
	mira, room := h.As("mira"), h.General()
	upload := func(text string) wire.File {
		return world.Must[wire.File](t)(mira.UploadFile(ctx, "a", "", bytes.NewReader([]byte(text)), int64(len(text))))
	}
	left := func(what string, want int) {
		t.Helper()
		world.Eventually(t, what, func() bool { return len(bodies(t, dir)) == want })
	}
	shown, kept, ready := upload("shown"), upload("kept"), upload("ready")
	world.Must[wire.Upload](t)(mira.BeginUpload(ctx, "a", "", 100))
	m := world.Must[wire.Message](t)(mira.Post(ctx, room, wire.PostMessage{Text: "soup", Files: []string{shown.ID}}))
	world.Must[wire.Message](t)(mira.Post(ctx, room, wire.PostMessage{Files: []string{kept.ID}}))
	left("four bodies", 4)
	if err := mira.Delete(ctx, room, m.Seq); err != nil {
		t.Fatal(err)
	}
	left("the body of a deleted message", 3)
	if err := mira.DropFile(ctx, ready.ID); err != nil {
		t.Fatal(err)
	}
	left("a file that was dropped", 2)
	clock.Advance(chat.FileLife - time.Second)
	time.Sleep(100 * time.Millisecond)
	left("an upload of less than a day", 2)
	clock.Advance(2 * time.Second)
	left("an upload of a day", 1)
	if got := bodies(t, dir); !slices.Equal(got, []string{kept.ID}) {
		t.Errorf("left: %v, want %s", got, kept.ID)
	}
}

// TestUploadTakesLittleMemory: a file of 100 MB is never in memory.
func TestUploadTakesLittleMemory(t *testing.T) {
	h := world.Open(t)
	const size, most = 100_000_000, 16 << 20
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	stop := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				peak.Store(max(peak.Load(), now.HeapInuse))
			}
		}
	})
	f := world.Must[wire.File](t)(h.As("mira").UploadFile(context.Background(), "a", "", zeros{}, size))
	err := h.As("mira").Download(context.Background(), f.ID, discard{})
	close(stop)
	watching.Wait()
	if err != nil || f.Size != size {
		t.Fatalf("%+v (%v)", f, err)
	}
	grown := int64(peak.Load()) - int64(before.HeapInuse) // #nosec G115 -- far below the largest
	t.Logf("the heap grew by %d KiB", grown>>10)
	if grown > most {
		t.Errorf("the heap grew by %d bytes, and may by %d", grown, most)
	}
}

// zeros is a body that is in no memory.
type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
