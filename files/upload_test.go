package files_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/disk"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/picture"
)

// uploads are files of a workspace, and its owner.
func uploads(t *testing.T) (*files.Files, chat.Actor) {
	t.Helper()
	store := model.New(nil)
	owner, err := store.Setup(t.Context(), chat.Setup{
		Workspace: chat.Workspace{Name: "Acme", Epoch: "e", DefaultRooms: []string{"general"}}, RoomID: "general", At: now,
		Owner: chat.NewUser{User: chat.User{ID: chat.NewID(), Handle: "mira", Name: "Mira", Role: chat.Owner, Epoch: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	bodies, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bodies.Close(); err != nil {
			t.Error(err)
		}
	})
	log := slog.New(slog.DiscardHandler)
	rules := chat.New(chat.Options{Store: store, Files: store, Limiter: limit.None{}, Clock: func() time.Time { return now }, Log: log})
	f := files.New(files.Options{Rules: rules, Bodies: bodies, Decoder: picture.NewDecoder(), Log: log})
	return f, chat.Actor{User: owner, SessionID: "s"}
}

// upload sends bytes in one part.
func upload(t *testing.T, f *files.Files, a chat.Actor, name string, b []byte, in files.DoneInput) (chat.File, error) {
	t.Helper()
	file, err := f.Begin(t.Context(), a, chat.NewFileInput{Name: name, Size: int64(len(b))})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.PutPart(t.Context(), a, file.ID, 1, bytes.NewReader(b), files.Sum{}); err != nil {
		t.Fatal(err)
	}
	return f.Done(t.Context(), a, file.ID, in)
}

// photo is a JPEG that says who made it.
func photo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 400, 300)), nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x0f\x00\x02\x00\x00\x00\x06\x00\x00\x00\x1aCANARY\x00\x00"
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(append([]byte{0xff, 0xd8}, segment...), b.Bytes()[2:]...)
}

// TestDone: what is stored of a photo has no metadata, and is described as it is stored.
func TestDone(t *testing.T) {
	f, a := uploads(t)
	b := photo(t)
	file, err := upload(t, f, a, "soup.jpg", b, files.DoneInput{SHA256: sha256.Sum256(b)})
	if err != nil {
		t.Fatal(err)
	}
	d, err := f.File(t.Context(), a, file.ID, false)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(d.Body)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(got)
	if bytes.Contains(got, []byte("CANARY")) || !bytes.Contains(b, []byte("CANARY")) || file.SHA256 != hex.EncodeToString(sum[:]) ||
		file.Size != int64(len(got)) || file.Width != 400 || len(file.Thumbs) != 1 {
		t.Errorf("%+v, and %d bytes", file, len(got))
	}
	if err := d.Body.Close(); err != nil {
		t.Error(err)
	}
}

// TestWrongWhole: a file that is not what its sender meant is deleted, so that they upload it again. What is missing is asked for first.
func TestWrongWhole(t *testing.T) {
	f, a := uploads(t)
	b := photo(t)
	file, err := f.Begin(t.Context(), a, chat.NewFileInput{Name: "soup.jpg", Size: int64(len(b))})
	if err != nil {
		t.Fatal(err)
	}
	wrong := files.DoneInput{SHA256: sha256.Sum256([]byte("another"))}
	if _, err := f.Done(t.Context(), a, file.ID, wrong); chat.ErrorCode(err) != chat.Conflict {
		t.Errorf("without the part: %v", err)
	}
	if err := f.PutPart(t.Context(), a, file.ID, 1, bytes.NewReader(b), files.Sum{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []chat.Code{chat.Invalid, chat.NotFound} {
		if _, err := f.Done(t.Context(), a, file.ID, wrong); chat.ErrorCode(err) != want {
			t.Errorf("a wrong digest: %v, want %s", err, want)
		}
	}
}

// TestBusy: where too many pictures wait, the answer is to try again. Other errors stay.
func TestBusy(t *testing.T) {
	e, ok := errors.AsType[*chat.Error](files.Busy(fmt.Errorf("draw: %w", picture.ErrBusy)))
	if !ok || e.Code != chat.Unavailable || e.RetryAfter <= 0 {
		t.Errorf("busy: %v", e)
	}
	if err := files.Busy(picture.ErrBroken); !errors.Is(err, picture.ErrBroken) || files.Busy(nil) != nil {
		t.Errorf("broken: %v", err)
	}
}

// TestShown: pictures are shown in place, and what could run is an attachment without a type.
func TestShown(t *testing.T) {
	f, a := uploads(t)
	for name, body := range map[string]string{
		"soup.jpg": string(photo(t)), "a.html": "<html><script>", "a.svg": "<svg/>", "a.txt": "hello",
	} {
		file, err := upload(t, f, a, name, []byte(body), files.DoneInput{})
		if err != nil {
			t.Fatal(err)
		}
		d, err := f.File(t.Context(), a, file.ID, false)
		if err != nil {
			t.Fatal(err)
		}
		want, wantType := "attachment; ", "application/octet-stream"
		if name == "soup.jpg" {
			want, wantType = "inline; ", "image/jpeg"
		}
		if !strings.HasPrefix(d.Disposition, want) || d.Type != wantType {
			t.Errorf("%s: %q, %q", name, d.Disposition, d.Type)
		}
		if err := d.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}
