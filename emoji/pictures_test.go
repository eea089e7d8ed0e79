package emoji_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/disk"
	"github.com/canteen-chat/canteen/emoji"
	"github.com/canteen-chat/canteen/picture"
)

func pictures(t *testing.T) *emoji.Pictures {
	t.Helper()
	bodies, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bodies.Close(); err != nil {
			t.Error(err)
		}
	})
	return &emoji.Pictures{Bodies: bodies, Decoder: picture.NewDecoder()}
}

// TestPictures: a picture is kept until it is deleted, under its id alone.
func TestPictures(t *testing.T) {
	p, ctx, id := pictures(t), t.Context(), chat.NewID()
	if err := p.Put(ctx, id, []byte("GIF89a and so on")); err != nil {
		t.Fatal(err)
	}
	if got, err := p.Open(ctx, id); err != nil || string(got) != "GIF89a and so on" {
		t.Errorf("%q, %v", got, err)
	}
	for _, other := range []string{chat.NewID(), "", "..", "../" + id, "e." + id, id + ".360"} {
		if _, err := p.Open(ctx, other); chat.ErrorCode(err) != chat.NotFound {
			t.Errorf("%q: %v", other, err)
		}
	}
	for range 2 {
		if err := p.Delete(ctx, id); err != nil {
			t.Error(err)
		}
	}
	if _, err := p.Open(ctx, id); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("after its deletion: %v", err)
	}
}

// TestMake: pictures become small, what moves in a GIF still does, and what is no picture of use is Invalid.
func TestMake(t *testing.T) {
	p, ctx := pictures(t), t.Context()
	var big, moving, many bytes.Buffer
	if err := png.Encode(&big, image.NewNRGBA(image.Rect(0, 0, 600, 200))); err != nil {
		t.Fatal(err)
	}
	frames := func(n, side int) *gif.GIF {
		g := &gif.GIF{}
		for range n {
			colors := color.Palette{color.Black, color.White}
			g.Image, g.Delay = append(g.Image, image.NewPaletted(image.Rect(0, 0, side, side), colors)), append(g.Delay, 5)
		}
		return g
	}
	if err := gif.EncodeAll(&moving, frames(3, 200)); err != nil {
		t.Fatal(err)
	}
	if err := gif.EncodeAll(&many, frames(501, 1)); err != nil {
		t.Fatal(err)
	}
	made, err := p.Make(ctx, big.Bytes())
	if c, e := png.DecodeConfig(bytes.NewReader(made)); err != nil || e != nil || c.Width != 128 || c.Height > 43 {
		t.Errorf("a PNG of 600x200 is %dx%d, %v, %v", c.Width, c.Height, err, e)
	}
	made, err = p.Make(ctx, moving.Bytes())
	if g, e := gif.DecodeAll(bytes.NewReader(made)); err != nil || e != nil || len(g.Image) != 3 || g.Config.Width != 128 {
		t.Errorf("a GIF of three frames: %v, %v", err, e)
	}
	animated := "RIFF\x2e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x07\x00\x00\x07\x00\x00ANIM\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	for what, data := range map[string][]byte{
		"501 frames": many.Bytes(), "a damaged PNG": big.Bytes()[:100], "a text": []byte("hello"), "nothing": nil,
		"a moving WebP": []byte(animated),
	} {
		if _, err := p.Make(ctx, data); chat.ErrorCode(err) != chat.Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
}
