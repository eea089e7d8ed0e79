package files_test

import (
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/disk"
	"github.com/canteen-chat/canteen/files"
)

// TestPagesOnAFullDisk: while a disk is nearly full, no picture of a page takes the room that is left for posts.
func TestPagesOnAFullDisk(t *testing.T) {
	bodies, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := bodies.Close(); err != nil {
			t.Error(err)
		}
	}()
	full := true
	p := files.Pages{Bodies: bodies, Full: func() bool { return full }}
	kept := func() string {
		t.Helper()
		stored, err := bodies.List(t.Context(), "", 10)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, s := range stored {
			keys = append(keys, s.Key)
		}
		return strings.Join(keys, " ")
	}
	id := chat.NewID()
	if err := p.KeepPicture(t.Context(), id, "image/png", []byte("soup")); chat.ErrorCode(err) != chat.Unavailable || kept() != "" {
		t.Errorf("full: %v, kept %q", err, kept())
	}
	full = false
	if err := p.KeepPicture(t.Context(), id, "image/png", []byte("soup")); err != nil || kept() != "p."+id {
		t.Errorf("with room: %v, kept %q", err, kept())
	}
}
