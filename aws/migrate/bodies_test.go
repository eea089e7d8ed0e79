package migrate

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/disk"
	"github.com/canteen-chat/canteen/files"
)

// counting counts what is put, and fails at the second.
type counting struct {
	files.Bodies
	puts  []string
	fails int
}

func (c *counting) Put(ctx context.Context, key, mediaType string, r io.Reader, size int64) error {
	if c.puts = append(c.puts, key+" "+mediaType); len(c.puts) == c.fails {
		return errors.New("no network")
	}
	return c.Bodies.Put(ctx, key, mediaType, r, size)
}

// TestBodies: all bodies are copied once, with their types, and uploads that are not finished stay where they are.
func TestBodies(t *testing.T) {
	ctx := t.Context()
	open := func() *disk.Bodies {
		b, err := disk.Open(t.TempDir())
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
	from, to := open(), &counting{Bodies: open(), fails: 2}
	id := "aaaaaaaaaaaa"
	want := map[string]string{id: "hello", files.ThumbKey(id, 360): "\x89PNG\r\n\x1a\n", "e." + id: "GIF89a", "bbbbbbbbbbbb": ""}
	for key, body := range want {
		if err := from.Put(ctx, key, "", strings.NewReader(body), int64(len(body))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := from.Begin(ctx, "cccccccccccc", 100); err != nil {
		t.Fatal(err)
	}
	said := &bytes.Buffer{}
	m := &mover{Options: Options{Clock: time.Now, Out: said, From: from, To: to}}
	if err := m.bodies(ctx); err == nil || !strings.Contains(err.Error(), "run the same command again") {
		t.Errorf("without a network: %v", err)
	}
	for range 2 {
		if err := m.bodies(ctx); err != nil {
			t.Error(err)
		}
	}
	for key, body := range want {
		r, err := to.Open(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil || string(got) != body {
			t.Errorf("%s holds %q, %v", key, got, err)
		}
	}
	if got := strings.Join(to.puts, ", "); got != id+" text/plain, "+id+".360 image/png, "+id+".360 image/png, bbbbbbbbbbbb text/plain, e."+id+
		" image/gif" {
		t.Errorf("put %s", got)
	}
	if said.String() != strings.Repeat("Copied 4 files and thumbnails, 0 MB.\n", 2) {
		t.Error(said)
	}
	all, err := to.List(ctx, "", 10)
	if err != nil || len(all) != 4 {
		t.Errorf("the target holds %v, %v", all, err)
	}
	if _, err := to.Open(ctx, "cccccccccccc"); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("the upload: %v", err)
	}
}
