package chat_test

import (
	"reflect"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// TestParts: what a store keeps says all of the parts, and nothing where there are none. What a later release adds does no harm.
func TestParts(t *testing.T) {
	all := chat.Parts{Files: []chat.File{{
		ID: "f", Name: "a \"b\".png", Size: 7, Type: "image/png", Kind: chat.ImageFile, Width: 3, Height: 2, Color: "#102030",
		Thumbs: []int{360, 960}, Poster: true, Duration: 9, Kept: "damaged", Waveform: []byte{0, 1, 255}, SHA256: "ab",
	}}}
	for _, p := range []chat.Parts{{}, all} {
		if got, err := chat.DecodeParts(p.Encode()); err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%+v, want %+v (%v)", got, p, err)
		}
	}
	if s := (chat.Parts{}).Encode(); s != "" {
		t.Errorf("no parts are %q", s)
	}
	if got, err := chat.DecodeParts(`{"hologram":{},"files":[{"id":"f","smell":1}]}`); err != nil || got.Files[0].ID != "f" {
		t.Errorf("of a later release: %+v, %v", got, err)
	}
	if _, err := chat.DecodeParts(`{"files":`); err == nil {
		t.Error("damaged parts are no error")
	}
}
