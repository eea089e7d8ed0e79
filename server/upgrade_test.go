package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

var makeFixture = flag.Bool("fixture", false, "TestReleasedData adds a backup of the present schema to testdata. Do it for each release")

// released is what Ada saw in the workspace of a backup in testdata, by the names of rooms.
type released map[string][]wire.Message

// TestReleasedData restores a backup that each released Canteen has made, and brings it up to date. People see what they saw then. It also
// holds the format of backups: those of all releases can be restored.
func TestReleasedData(t *testing.T) {
	if *makeFixture {
		fixture(t)
	}
	found, err := filepath.Glob("testdata/schema*.tar.gz")
	if err != nil || len(found) == 0 {
		t.Fatalf("%q, %v", found, err)
	}
	for _, name := range found {
		f, err := os.Open(name) // #nosec G304 -- in testdata
		if err != nil {
			t.Fatal(err)
		}
		archive := world.Must[[]byte](t)(io.ReadAll(world.Must[*gzip.Reader](t)(gzip.NewReader(f))))
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		w := restored(t, archive)
		checkInvariants(t, w.Dir)
		ada := w.SignIn("ada")
		var want released
		if err := json.Unmarshal(world.Must[[]byte](t)(os.ReadFile(strings.TrimSuffix(name, "tar.gz")+"json")), &want); err != nil {
			t.Fatal(err)
		}
		if got := seen(t, ada); !reflect.DeepEqual(got, want) {
			a, aerr := json.MarshalIndent(got, "", " ")
			b, berr := json.MarshalIndent(want, "", " ")
			t.Errorf("%s: %v\n%s\nwas\n%s", name, errors.Join(aerr, berr), a, b)
		}
		if n := readFiles(t, ada); n != 1 {
			t.Errorf("%s: %d files", name, n)
		}
		for _, e := range world.Must[[]wire.CustomEmoji](t)(ada.CustomEmoji(t.Context())) {
			world.Must[[]byte](t)(ada.EmojiPicture(t.Context(), e.Picture))
		}
		r := world.Must[[]wire.MyRoom](t)(ada.Rooms(t.Context()))[0]
		world.Must[wire.Message](t)(ada.Post(t.Context(), r.ID, wire.PostMessage{ClientID: world.UUID(999), Text: "after the upgrade"}))
	}
}

// seen are all messages that a user sees.
func seen(t *testing.T, c *client.Client) released {
	t.Helper()
	out := released{}
	for _, r := range world.Must[[]wire.MyRoom](t)(c.Rooms(context.Background())) {
		ch := world.Must[wire.Changes](t)(c.Changes(context.Background(), r.ID, 0))
		out[r.Name] = ch.Messages
	}
	return out
}

// fixture makes a small workspace in which there is something of everything, and writes a backup of it, and what Ada sees.
func fixture(t *testing.T) {
	t.Helper()
	ctx, w := t.Context(), world.OpenFast(t)
	ada, mira, room := w.As("ada"), w.As("mira"), w.General()
	first := w.Say("ada", room, 1, "Lunch is at *noon*, @mira")
	world.Must[wire.Message](t)(ada.Edit(ctx, room, first.Seq, "Lunch is at **one**, @mira"))
	world.Must[wire.Message](t)(mira.React(ctx, room, first.Seq, firework, true))
	world.Must[wire.Message](t)(mira.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(2), Text: "I am there", Thread: &first.Seq}))
	gone := w.Say("mira", room, 3, "nonsense")
	poll := world.Must[wire.Message](t)(ada.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(4), Text: "What shall we eat?",
		Poll: &wire.NewPoll{Options: []string{"soup", "salad"}}}))
	world.Must[wire.Message](t)(mira.Vote(ctx, room, poll.Seq, 1))
	file := world.Must[wire.File](t)(ada.UploadFile(ctx, "menu.txt", "text/plain", strings.NewReader("soup"), 4))
	world.Must[wire.Message](t)(ada.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(5), Files: []string{file.ID}}))
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	world.Must[wire.CustomEmoji](t)(ada.AddCustomEmoji(ctx, "canteen", picture.Bytes()))
	world.Must[wire.Message](t)(ada.React(ctx, room, first.Seq, ":canteen:", true))
	w.Say("ada", w.Room("ada", "private", "kitchen", "mira"), 6, "a secret recipe")
	w.Say("mira", w.Room("mira", "direct", "", "ada"), 7, "hello")
	if err := mira.Delete(ctx, room, gone.Seq); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	packed := gzip.NewWriter(&archive)
	if err := errors.Join(backUp(w, packed), packed.Close()); err != nil {
		t.Fatal(err)
	}
	made := world.Must[backup.Summary](t)(backup.Read(world.Must[*gzip.Reader](t)(gzip.NewReader(bytes.NewReader(archive.Bytes())))))
	name := fmt.Sprintf("testdata/schema%d", made.Schema)
	b := world.Must[[]byte](t)(json.MarshalIndent(seen(t, ada), "", "  "))
	if err := errors.Join(os.WriteFile(name+".tar.gz", archive.Bytes(), 0o600), os.WriteFile(name+".json", b, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// TestOldCopiesEnd: the server deletes a copy from before an upgrade after 7 days.
func TestOldCopiesEnd(t *testing.T) {
	w := world.OpenFast(t)
	w.Stop()
	week := 7 * 24 * time.Hour
	for name, age := range map[string]time.Duration{"canteen.db.schema1": week - time.Hour, "canteen.db.schema2": week + time.Hour} {
		path, at := filepath.Join(w.Dir, name), time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	c := server.Config{Addr: "127.0.0.1:0", Data: w.Dir}
	s := world.Must[*server.Server](t)(server.Start(t.Context(), c, slog.New(slog.DiscardHandler)))
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	_, young := os.Stat(filepath.Join(w.Dir, "canteen.db.schema1"))
	_, old := os.Stat(filepath.Join(w.Dir, "canteen.db.schema2"))
	if young != nil || !errors.Is(old, os.ErrNotExist) {
		t.Errorf("of 7 days without an hour: %v; with an hour more: %v", young, old)
	}
}
