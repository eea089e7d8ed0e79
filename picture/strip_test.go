package picture_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/gif"
	"image/png"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/bep/imagemeta"
	"github.com/canteen-chat/canteen/picture"
)

// tags are those that an independent reader finds in a picture.
func tags(t *testing.T, body []byte) map[string]any {
	t.Helper()
	format := map[string]imagemeta.ImageFormat{"image/jpeg": imagemeta.JPEG, "image/png": imagemeta.PNG, "image/webp": imagemeta.WebP}
	found := map[string]any{}
	_, err := imagemeta.Decode(imagemeta.Options{R: bytes.NewReader(body), ImageFormat: format[picture.Sniff(body, "").Type],
		Sources:   imagemeta.EXIF | imagemeta.IPTC | imagemeta.XMP,
		HandleTag: func(info imagemeta.TagInfo) error { found[info.Tag] = info.Value; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestStripPictures: neither an independent reader nor a search of the bytes finds metadata, and the pixels are the same.
func TestStripPictures(t *testing.T) {
	plain := jpegOf(t, photo(40, 30))
	for name, c := range map[string]struct {
		body []byte
		want []string // tags that stay
	}{
		"jpeg":        {taggedJPEG(plain, 1), nil},
		"turned jpeg": {taggedJPEG(plain, 6), []string{"Orientation"}},
		"png":         {taggedPNG(pngOf(t, photo(40, 30))), nil},
		"webp":        {taggedWebP(t), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if found := tags(t, c.body); len(found) < 3 {
				t.Fatalf("the reader finds too little in the fixture: %v", found)
			}
			out := stripped(t, c.body)
			if bytes.Contains(out, []byte("secret")) {
				t.Error("metadata are left")
			}
			found := tags(t, out)
			for _, tag := range c.want {
				if found[tag] != uint16(6) {
					t.Errorf("%s is %v", tag, found[tag])
				}
				delete(found, tag)
			}
			if len(found) > 0 {
				t.Errorf("the reader still finds %v", found)
			}
			before, _, err := image.Decode(bytes.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			after, _, err := image.Decode(bytes.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(pngOf(t, before), pngOf(t, after)) {
				t.Error("the picture looks different")
			}
			if again := stripped(t, out); !bytes.Equal(again, out) {
				t.Error("a clean picture is changed once more")
			}
		})
	}
}

// TestStripKeepsColours: what decides how a picture looks stays.
func TestStripKeepsColours(t *testing.T) {
	out := stripped(t, taggedJPEG(jpegOf(t, photo(8, 8)), 1))
	if !bytes.Contains(out, []byte("ICC_PROFILE\x00\x01\x01profile")) {
		t.Error("the colour profile is gone")
	}
	if bytes.Contains(out, []byte("abc")) {
		t.Error("the small picture of JFIF is left")
	}
	plain := pngOf(t, photo(8, 8))
	kept := slices.Concat(plain[:33], chunk("gAMA", u32(45455)), chunk("iCCP", "p\x00\x00x"), plain[33:])
	if out := stripped(t, kept); !bytes.Equal(out, kept) {
		t.Error("a PNG with nothing but colours is changed")
	}
}

// TestStripWebP: a clean WebP no longer announces metadata, and says its new size.
func TestStripWebP(t *testing.T) {
	out := stripped(t, taggedWebP(t))
	if out[20] != 0 || binary.LittleEndian.Uint32(out[4:]) != uint32(len(out)-8) {
		t.Errorf("flags %x, size %d of %d", out[20], binary.LittleEndian.Uint32(out[4:]), len(out)-8)
	}
}

func TestStripGIF(t *testing.T) {
	body := taggedGIF(t)
	out := stripped(t, body)
	if bytes.Contains(out, []byte("secret")) {
		t.Error("metadata are left")
	}
	g, err := gif.DecodeAll(bytes.NewReader(out))
	if err != nil || len(g.Image) != 3 || g.LoopCount != 0 {
		t.Errorf("%d frames, %d loops, %v", len(g.Image), g.LoopCount, err)
	}
}

// TestStripFilms: nothing tells of place and time, in moov, in the tracks, in samples of a metadata track and in XMP, and every byte stays
// at its place.
func TestStripFilms(t *testing.T) {
	for _, brand := range []string{"isom", "qt  "} {
		body := film(brand, "vide", "frames")
		out := stripped(t, body)
		if len(out) != len(body) {
			t.Fatalf("%s: %d bytes become %d", brand, len(body), len(out))
		}
		if bytes.Contains(out, []byte("secret")) || bytes.Contains(out, []byte("48.8577")) {
			t.Errorf("%s: a place is left", brand)
		}
		if bytes.Contains(out, binary.BigEndian.AppendUint32(nil, 3_900_000_000)) {
			t.Errorf("%s: a time is left", brand)
		}
		if at := bytes.Index(body, []byte("frames")); string(out[at:at+6]) != "frames" {
			t.Errorf("%s: the pictures are changed", brand)
		}
		if again := stripped(t, out); !bytes.Equal(again, out) {
			t.Errorf("%s: a clean film is changed once more", brand)
		}
	}
}

// TestStripBroken: a file that ends too early is refused rather than half cleaned.
func TestStripBroken(t *testing.T) {
	for name, body := range map[string][]byte{
		"jpeg": jpegOf(t, photo(40, 30)), "png": pngOf(t, photo(40, 30)), "webp": lossless(t), "gif": gifOf(t, 20, 20, 2),
		"mp4": film("isom", "vide", ""),
	} {
		for _, n := range []int{30, len(body) / 2, len(body) - 2} {
			clean, err := picture.Strip(bytes.NewReader(body[:n]), picture.Sniff(body, ""))
			if err != picture.ErrBroken {
				t.Errorf("%s cut to %d of %d bytes: %v, %v", name, n, len(body), clean, err)
			}
		}
	}
}

// TestStripHostile: what would take memory or time without end is broken.
func TestStripHostile(t *testing.T) {
	const many = 20_100
	still := pngOf(t, photo(8, 8))
	stbl := atom("stbl", atom("stsz", u32(0, 1_000_000, 1)), atom("stsc", u32(0, 1, 1, 1, 1)),
		atom("stco", u32(0, 100), strings.Repeat(u32(24), 100)))
	again := []byte(atom("ftyp", "isom", u32(0)) + atom("mdat", string(make([]byte, 1_000_000))) +
		atom("moov", atom("trak", atom("mdia", atom("hdlr", u32(0, 0), "meta", u32(0, 0, 0)), atom("minf", stbl)))))
	photograph, drawn := jpegOf(t, photo(8, 8)), gifOf(t, 8, 8, 1)
	for name, body := range map[string][]byte{
		"segments of a photograph": slices.Concat(photograph[:2], bytes.Repeat(segment(0xe1, ""), many), photograph[2:]),
		"chunks of a PNG":          slices.Concat(still[:33], bytes.Repeat(chunk("teXt", ""), many), still[33:]),
		"comments of a GIF":        slices.Concat(drawn[:len(drawn)-1], bytes.Repeat([]byte("\x21\xfe\x00"), many), []byte{0x3b}),
		"chunks of a WebP":         append(lossless(t), bytes.Repeat([]byte("EXIF\x00\x00\x00\x00"), many)...),
		"boxes of a film":          append(film("isom", "vide", ""), strings.Repeat(atom("udta"), many)...),
		"tracks of a film":         []byte(atom("ftyp", "isom", u32(0)) + atom("moov", strings.Repeat(atom("trak"), many))),
		"samples at one place":     again,
	} {
		if body[0] == 'R' {
			binary.LittleEndian.PutUint32(body[4:], uint32(len(body)-8))
		}
		if clean, err := picture.Strip(bytes.NewReader(body), picture.Sniff(body, "")); err != picture.ErrBroken {
			t.Errorf("%s: %v, %v", name, clean != nil, err)
		}
	}
}

// TestStripStreams: cleaning a film of 100 MB needs hardly any memory.
func TestStripStreams(t *testing.T) {
	body := film("isom", "vide", string(make([]byte, 100_000_000)))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	clean, err := picture.Strip(bytes.NewReader(body), picture.Sniff(body, ""))
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, struct{ io.Reader }{clean.Reader()})
	runtime.ReadMemStats(&after)
	if err != nil || n != int64(len(body)) || !clean.Changed() {
		t.Fatalf("%d bytes, %v", n, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes of memory were allocated", used)
	}
}

// FuzzStrip: hostile bytes lead to an error or to a body that is clean, never to a panic or to an endless answer.
func FuzzStrip(f *testing.F) {
	f.Add(taggedJPEG(jpegOf(f, photo(8, 8)), 3))
	f.Add(taggedPNG(pngOf(f, photo(8, 8))))
	f.Add(taggedWebP(f))
	f.Add(taggedGIF(f))
	f.Add(film("isom", "vide", "x"))
	f.Fuzz(func(t *testing.T, body []byte) {
		info, err := picture.Inspect(bytes.NewReader(body), "")
		if err != nil {
			t.Fatal(err)
		}
		clean, err := picture.Strip(bytes.NewReader(body), info.Format)
		if err != nil {
			return
		}
		out, err := io.ReadAll(clean.Reader())
		if err != nil || int64(len(out)) != clean.Size() || len(out) > len(body)+64 {
			t.Fatalf("%d bytes of %d, Size says %d: %v", len(out), len(body), clean.Size(), err)
		}
		again, err := picture.Strip(bytes.NewReader(out), info.Format)
		if err != nil || again.Changed() {
			t.Fatalf("the clean body is not clean: %v, %v", again, err)
		}
	})
}

// TestTurnedPNG: the orientation of a PNG stays, in front of the pixels, where browsers look for it; all else that Exif says goes. Size and
// thumbnails are upright.
func TestTurnedPNG(t *testing.T) {
	plain := pngOf(t, photo(40, 30))
	exif, place := chunk("eXIf", string(tiff(6))), chunk("tEXt", "Place\x00"+secret)
	end := len(plain) - 12
	for name, body := range map[string][]byte{
		"in front of the pixels": slices.Concat(plain[:33], place, exif, plain[33:]),
		"behind the pixels":      slices.Concat(plain[:33], place, plain[33:end], place, exif, plain[end:]),
		"twice":                  slices.Concat(plain[:33], exif, chunk("eXIf", string(tiff(3))), plain[33:]),
		"and a long one":         slices.Concat(plain[:33], exif, chunk("eXIf", string(tiff(3))+strings.Repeat("x", 100_000)), plain[33:]),
	} {
		t.Run(name, func(t *testing.T) {
			info := inspected(t, body)
			if info.Width != 30 || info.Height != 40 || info.Orientation != 6 {
				t.Errorf("%d × %d, orientation %d", info.Width, info.Height, info.Orientation)
			}
			out := stripped(t, body)
			if found := tags(t, out); len(found) != 1 || found["Orientation"] != uint16(6) {
				t.Errorf("the reader finds %v", found)
			}
			if exif, pixels := bytes.Index(out, []byte("eXIf")), bytes.Index(out, []byte("IDAT")); exif < 0 || exif > pixels {
				t.Errorf("Exif at %d, pixels at %d", exif, pixels)
			}
			if bytes.Contains(out, []byte("secret")) {
				t.Error("metadata are left")
			}
			if again := stripped(t, out); !bytes.Equal(again, out) {
				t.Error("a clean picture is changed once more")
			}
			if clean := inspected(t, out); clean.Orientation != 6 || clean.Width != 30 {
				t.Errorf("the clean picture: %+v", clean)
			}
			if _, err := png.Decode(bytes.NewReader(out)); err != nil {
				t.Error(err)
			}
		})
	}
	large := pngOf(t, photo(1200, 600))
	body := slices.Concat(large[:33], exif, large[33:])
	drawn, err := picture.NewDecoder().Thumbs(t.Context(), bytes.NewReader(body), inspected(t, body))
	if err != nil || len(drawn.Thumbs) != 2 || drawn.Thumbs[0].Width != 180 || drawn.Thumbs[0].Height != 360 {
		t.Errorf("%+v (%v)", drawn.Thumbs, err)
	}
}

// TestTurnedWebP: the orientation of a WebP goes with the rest of Exif, as browsers do not heed it. Its size is the one they show.
func TestTurnedWebP(t *testing.T) {
	body := bytes.Replace(taggedWebP(t), tiff(1), tiff(6), 1)
	if tags(t, body)["Orientation"] != uint16(6) {
		t.Fatal("the fixture is not turned")
	}
	if info := inspected(t, body); info.Width != 75 || info.Height != 100 {
		t.Errorf("%d × %d", info.Width, info.Height)
	}
	if found := tags(t, stripped(t, body)); len(found) > 0 {
		t.Errorf("the reader still finds %v", found)
	}
}
