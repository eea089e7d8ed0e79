package picture_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"testing"

	"github.com/canteen-chat/canteen/picture"
)

// TestSmall: a picture is drawn anew, small and upright, and nothing of its metadata is left.
func TestSmall(t *testing.T) {
	clear := image.NewNRGBA(image.Rect(0, 0, 50, 40))
	clear.SetNRGBA(1, 1, color.NRGBA{200, 0, 0, 255})
	for name, c := range map[string]struct {
		body          []byte
		kind          string
		width, height int
	}{
		"a photograph":      {jpegOf(t, photo(1200, 630)), "image/jpeg", 360, 189},
		"one that lies":     {taggedJPEG(jpegOf(t, photo(400, 200)), 6), "image/jpeg", 180, 360},
		"a small one":       {pngOf(t, photo(50, 40)), "image/jpeg", 50, 40},
		"one to be seen by": {pngOf(t, clear), "image/png", 50, 40},
		"with metadata":     {taggedPNG(pngOf(t, photo(720, 720))), "image/jpeg", 360, 360},
		"an animation":      {gifOf(t, 720, 360, 3), "image/png", 360, 180},
	} {
		got, err := picture.NewDecoder().Small(t.Context(), c.body, 360)
		if err != nil || got.Type != c.kind || got.Width != c.width || got.Height != c.height || len(got.Color) != 7 {
			t.Errorf("%s: %s, %d × %d, %q, %v", name, got.Type, got.Width, got.Height, got.Color, err)
			continue
		}
		if info := inspected(t, got.Body); info.Type != c.kind || info.Width != c.width || bytes.Contains(got.Body, []byte(secret)) {
			t.Errorf("%s: the body is %+v", name, info)
		}
	}
}

// TestSmallRefused: what is no picture, or must not be decoded, is not drawn.
func TestSmallRefused(t *testing.T) {
	for name, c := range map[string]struct {
		body []byte
		want error
	}{
		"SVG":         {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), picture.ErrNotPicture},
		"HTML":        {[]byte("<html><title>A</title>"), picture.ErrNotPicture},
		"nothing":     {nil, picture.ErrNotPicture},
		"a film":      {film("isom", "vide", "x"), picture.ErrNotPicture},
		"a bomb":      {headerOnly(65_535, 65_535, "\x08\x06\x00\x00\x00"), picture.ErrTooLarge},
		"100 passes":  {passes(200), picture.ErrTooManyScans},
		"half of it":  {jpegOf(t, photo(400, 300))[:300], picture.ErrBroken},
		"moving WebP": {animated(3), picture.ErrAnimated},
		"600 frames":  {gifOf(t, 4, 4, 600), picture.ErrTooManyFrames},
	} {
		if got, err := picture.NewDecoder().Small(t.Context(), c.body, 360); !errors.Is(err, c.want) || len(got.Body) > 0 {
			t.Errorf("%s: %d bytes, %v, want %v", name, len(got.Body), err, c.want)
		}
	}
}
