package picture_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/gif"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/picture"
)

func inspected(t testing.TB, body []byte) picture.Info {
	t.Helper()
	info, err := picture.Inspect(bytes.NewReader(body), "")
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// TestSniff: the bytes beat the claim, and nothing that can run or contain a script is inline.
func TestSniff(t *testing.T) {
	frames := string(film("isom", "vide", ""))
	for _, c := range []struct {
		head, claim, want string
		kind              picture.Kind
		inline            bool
	}{
		{string(pngOf(t, photo(2, 2))), "text/html", "image/png", picture.Image, true},
		{string(jpegOf(t, photo(2, 2))), "", "image/jpeg", picture.Image, true},
		{"GIF89a/*<script>alert(1)</script>*/=1;", "text/javascript", "image/gif", picture.Image, true},
		{string(lossless(t)), "", "image/webp", picture.Image, true},
		{"RIFF\x24\x00\x00\x00WAVEfmt ", "", "audio/wav", picture.Audio, true},
		{"ID3\x04\x00\x00", "", "audio/mpeg", picture.Audio, true},
		{"\xff\xfb\x90\x00", "", "audio/mpeg", picture.Audio, true},
		{"OggS\x00\x02", "", "audio/ogg", picture.Audio, true},
		{"OggS\x00\x02\x80theora", "", "video/ogg", picture.Other, false},
		{"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm V_VP9 A_OPUS", "", "video/webm", picture.Video, true},
		{"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm A_OPUS", "", "audio/webm", picture.Audio, true},
		{"\x1a\x45\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska", "", "video/x-matroska", picture.Other, false},
		{frames, "", "video/mp4", picture.Video, true},
		{string(film("qt  ", "vide", "")), "", "video/quicktime", picture.Video, false},
		{"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "image/jpeg", "image/heic", picture.Other, false},
		{"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif", "", "image/avif", picture.Other, false},
		{`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "image/svg+xml", "image/svg+xml", picture.Other, false},
		{`<?xml version="1.0"?><svg onload="alert(1)"/>`, "image/png", "text/xml", picture.Other, false},
		{"<!DOCTYPE html><script>alert(1)</script>", "image/png", "text/html", picture.Other, false},
		{"<html><script>alert(1)</script>", "application/zip", "text/html", picture.Other, false},
		{"%PDF-1.7", "image/png", "application/pdf", picture.Other, false},
		{"hello", "image/png", "text/plain", picture.Other, false},
		{"hello", "text/html; charset=utf-7", "text/html", picture.Other, false},
		{"hello", "text/markdown", "text/markdown", picture.Other, false},
		{"PK\x03\x04", "application/java-archive", "application/java-archive", picture.Other, false},
		{"PK\x03\x04", "a b/c\r\nX: y", "application/zip", picture.Other, false},
		{"\x00\x01", strings.Repeat("a", 200) + "/b", "application/octet-stream", picture.Other, false},
		{"", "", "text/plain", picture.Other, false},
	} {
		got := picture.Sniff([]byte(c.head), c.claim)
		if got != (picture.Format{Type: c.want, Kind: c.kind, Inline: c.inline}) {
			t.Errorf("%.20q claimed as %q is %+v", c.head, c.claim, got)
		}
	}
}

// TestInspect tells sizes as people see them, and what a film holds.
func TestInspect(t *testing.T) {
	for name, c := range map[string]struct {
		body   []byte
		kind   picture.Kind
		w, h   int
		frames int
	}{
		"jpeg":       {taggedJPEG(jpegOf(t, photo(40, 30)), 1), picture.Image, 40, 30, 1},
		"turned":     {taggedJPEG(jpegOf(t, photo(40, 30)), 6), picture.Image, 30, 40, 1},
		"png":        {pngOf(t, photo(40, 30)), picture.Image, 40, 30, 1},
		"gif":        {gifOf(t, 40, 30, 5), picture.Image, 40, 30, 5},
		"webp":       {lossless(t), picture.Image, 75, 100, 1},
		"turned mp4": {film("isom", "vide", ""), picture.Video, 1080, 1920, 1},
		"sound":      {film("isom", "soun", ""), picture.Audio, 0, 0, 0},
	} {
		info := inspected(t, c.body)
		if info.Refused != nil || info.Kind != c.kind || info.Width != c.w || info.Height != c.h || info.Frames != c.frames {
			t.Errorf("%s is %+v", name, info)
		}
	}
	if info := inspected(t, film("isom", "soun", "")); info.Type != "audio/mp4" {
		t.Errorf("sound in an MP4 is %s", info.Type)
	}
}

// animated is a WebP of frames that nobody decodes.
func animated(frames int) []byte {
	parts := []string{"VP8X", "\x02\x00\x00\x00\x07\x00\x00\x07\x00\x00", "ANIM", "\x00\x00\x00\x00\x00\x00"}
	for range frames {
		parts = append(parts, "ANMF", strings.Repeat("\x00", 24))
	}
	return riff(parts...)
}

// headerOnly is a PNG that announces a size and has no pixels.
func headerOnly(width, height uint32, rest string) []byte {
	return append(append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", u32(width, height)+rest)...), chunk("IEND", "")...)
}

// bigJPEG announces another size than it has.
func bigJPEG(t testing.TB, width, height uint16, progressive bool) []byte {
	b := jpegOf(t, photo(8, 8))
	at := bytes.Index(b, []byte{0xff, 0xc0})
	if progressive {
		b[at+1] = 0xc2
	}
	binary.BigEndian.PutUint16(b[at+5:], height)
	binary.BigEndian.PutUint16(b[at+7:], width)
	return b
}

// TestBombs: what would need too much memory or time is refused from its header, and stays a plain file.
func TestBombs(t *testing.T) {
	gifCanvas := gifOf(t, 8, 8, 1)
	binary.LittleEndian.PutUint16(gifCanvas[6:], 60_000)
	binary.LittleEndian.PutUint16(gifCanvas[8:], 60_000)
	canvas := "\x00\x00\x00\x00\x07\x00\x00\x07\x00\x00" // 8 × 8
	table := []byte{0xff, 0xc4}
	twice := bytes.Replace(bigJPEG(t, 8, 8, false), table, append(segment(0xc0, "\x08\xff\xff\xff\xff\x01\x01\x11\x00"), table...), 1)
	for name, c := range map[string]struct {
		body []byte
		want error
	}{
		"65,535 × 65,535 in a PNG":         {headerOnly(65_535, 65_535, "\x08\x06\x00\x00\x00"), picture.ErrTooLarge},
		"a side of 16,385":                 {headerOnly(16_385, 1, "\x08\x06\x00\x00\x00"), picture.ErrTooLarge},
		"101 MB of 16 bit":                 {headerOnly(3_000, 4_210, "\x10\x06\x00\x00\x00"), picture.ErrTooLarge},
		"101 MB interlaced":                {headerOnly(3_000, 5_620, "\x08\x06\x00\x00\x01"), picture.ErrTooLarge},
		"100 MB":                           {headerOnly(5_000, 5_000, "\x08\x06\x00\x00\x00"), nil},
		"2³¹ pixels a side":                {headerOnly(1<<31, 1<<31, "\x08\x06\x00\x00\x00"), picture.ErrBroken},
		"no pixels":                        {headerOnly(0, 5, "\x08\x06\x00\x00\x00"), picture.ErrBroken},
		"a photograph of 64 million":       {bigJPEG(t, 8_000, 8_000, false), nil},
		"a photograph of 100 million":      {bigJPEG(t, 10_000, 10_000, false), picture.ErrTooLarge},
		"a progressive one of 20 million":  {bigJPEG(t, 5_000, 4_000, true), picture.ErrTooLarge},
		"a GIF of 500 frames":              {gifOf(t, 4, 4, 500), nil},
		"a GIF of 501 frames":              {gifOf(t, 4, 4, 501), picture.ErrTooManyFrames},
		"a GIF of 60,000 × 60,000":         {gifCanvas, picture.ErrTooLarge},
		"a WebP of 501 frames":             {animated(501), picture.ErrTooManyFrames},
		"a canvas of other size":           {riff("VP8X", canvas, "VP8L", "\x2f\xff\xff\xff\x0f"), picture.ErrBroken},
		"a film that contains itself":      {[]byte(atom("ftyp", "isom", u32(0), "isom") + nested(20)), picture.ErrBroken},
		"a photograph with two beginnings": {twice, picture.ErrBroken},
		"a photograph of 100 passes":       {passes(100), nil},
		"a photograph of 101 passes":       {passes(101), picture.ErrTooManyScans},
	} {
		info := inspected(t, c.body)
		if !errors.Is(info.Refused, c.want) || c.want != nil && (info.Kind != picture.Other || info.Inline) {
			t.Errorf("%s: %+v", name, info)
		}
	}
}

func nested(depth int) string {
	if depth == 0 {
		return ""
	}
	return atom("moov", nested(depth-1))
}

// TestThumbs draws both sizes, upright, without anything that shows a picture larger than it is.
func TestThumbs(t *testing.T) {
	ctx, d := t.Context(), picture.NewDecoder()
	seen := photo(1200, 800)
	clear(seen.Pix[:4*1200*400]) // the upper half is transparent
	for name, c := range map[string]struct {
		body  []byte
		sizes []int
		kind  string
		dark  image.Point // the corner, in halves, that is dark
	}{
		"upright":         {jpegOf(t, photo(1200, 800)), []int{360, 960}, "image/jpeg", image.Pt(0, 0)},
		"mirrored":        {taggedJPEG(jpegOf(t, photo(1200, 800)), 2), []int{360, 960}, "image/jpeg", image.Pt(1, 0)},
		"upside down":     {taggedJPEG(jpegOf(t, photo(1200, 800)), 3), []int{360, 960}, "image/jpeg", image.Pt(1, 1)},
		"mirrored down":   {taggedJPEG(jpegOf(t, photo(1200, 800)), 4), []int{360, 960}, "image/jpeg", image.Pt(0, 1)},
		"at the diagonal": {taggedJPEG(jpegOf(t, photo(1200, 800)), 5), []int{360, 960}, "image/jpeg", image.Pt(0, 0)},
		"to the right":    {taggedJPEG(jpegOf(t, photo(1200, 800)), 6), []int{360, 960}, "image/jpeg", image.Pt(1, 0)},
		"at the other":    {taggedJPEG(jpegOf(t, photo(1200, 800)), 7), []int{360, 960}, "image/jpeg", image.Pt(1, 1)},
		"to the left":     {taggedJPEG(jpegOf(t, photo(1200, 800)), 8), []int{360, 960}, "image/jpeg", image.Pt(0, 1)},
		"between":         {pngOf(t, photo(500, 400)), []int{360}, "image/jpeg", image.Pt(0, 0)},
		"small":           {pngOf(t, photo(360, 200)), nil, "", image.Point{}},
		"see-through":     {pngOf(t, seen), []int{360, 960}, "image/png", image.Point{}},
		"gif":             {gifOf(t, 400, 300, 3), []int{360}, "image/png", image.Pt(2, 2)},
	} {
		t.Run(name, func(t *testing.T) {
			info := inspected(t, c.body)
			drawn, err := d.Thumbs(ctx, bytes.NewReader(c.body), info)
			if err != nil || len(drawn.Thumbs) != len(c.sizes) || len(drawn.Color) != 7 {
				t.Fatalf("%+v: %d thumbnails, color %q, %v", info, len(drawn.Thumbs), drawn.Color, err)
			}
			for n, thumb := range drawn.Thumbs {
				m, kind, err := image.Decode(bytes.NewReader(thumb.Body))
				if err != nil || "image/"+kind != c.kind || thumb.Type != c.kind || thumb.Size != c.sizes[n] {
					t.Fatalf("a %s of size %d: %v", kind, thumb.Size, err)
				}
				w, h := m.Bounds().Dx(), m.Bounds().Dy()
				if w != thumb.Width || h != thumb.Height || max(w, h) != thumb.Size || (w > h) != (info.Width > info.Height) {
					t.Errorf("%d × %d of %d × %d", w, h, info.Width, info.Height)
				}
				if c.kind == "image/png" {
					continue
				}
				for x := range 2 {
					for y := range 2 {
						r, g, b, _ := m.At(w/4+x*w/2, h/4+y*h/2).RGBA()
						if dark := r+g+b < 3*0x3000; dark != (image.Pt(x, y) == c.dark) {
							t.Errorf("size %d: corner %d,%d is dark: %v", thumb.Size, x, y, dark)
						}
					}
				}
			}
		})
	}
}

// TestThumbsColor: the colour is the mean of what one sees, not of what is transparent.
func TestThumbsColor(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 20, 20))
	for i := 0; i < len(m.Pix)/2; i += 4 {
		copy(m.Pix[i:], []byte{0x20, 0x40, 0x60, 0xff})
	}
	body := pngOf(t, m)
	drawn, err := picture.NewDecoder().Thumbs(t.Context(), bytes.NewReader(body), inspected(t, body))
	if err != nil || drawn.Color != "#204060" {
		t.Errorf("%q, %v", drawn.Color, err)
	}
}

// TestThumbsBroken: what cannot be decoded is broken; what is not decoded at all has no thumbnails.
func TestThumbsBroken(t *testing.T) {
	d := picture.NewDecoder()
	whole := pngOf(t, photo(500, 500))
	whole[len(whole)/2] ^= 0x55
	empty := headerOnly(20, 20, "\x08\x06\x00\x00\x00")
	for name, body := range map[string][]byte{"png": whole, "jpeg": bigJPEG(t, 500, 500, false), "empty": empty} {
		if drawn, err := d.Thumbs(t.Context(), bytes.NewReader(body), inspected(t, body)); !errors.Is(err, picture.ErrBroken) {
			t.Errorf("%s: %+v, %v", name, drawn.Color, err)
		}
	}
	body := animated(3)
	drawn, err := d.Thumbs(t.Context(), bytes.NewReader(body), inspected(t, body))
	if err != nil || drawn.Color != "" || drawn.Thumbs != nil {
		t.Errorf("animated WebP: %+v, %v", drawn, err)
	}
	lossy, err := os.ReadFile("testdata/alpha.webp")
	if err != nil {
		t.Fatal(err)
	}
	drawn, err = d.Thumbs(t.Context(), bytes.NewReader(lossy), inspected(t, lossy))
	if err != nil || len(drawn.Thumbs) != 1 || drawn.Thumbs[0].Type != "image/png" {
		t.Errorf("lossy WebP with transparency: %+v, %v", drawn.Color, err)
	}
	other := []byte("hello")
	if _, err := d.Thumbs(t.Context(), bytes.NewReader(other), inspected(t, other)); !errors.Is(err, picture.ErrNotPicture) {
		t.Errorf("text: %v", err)
	}
}

// failingReader fails as a network does.
type failingReader struct{ *bytes.Reader }

var errNetwork = errors.New("network")

func (f failingReader) Read(p []byte) (int, error) {
	if f.Len() < 500 {
		return 0, errNetwork
	}
	return f.Reader.Read(p[:min(len(p), 400)])
}

// TestReadErrors: an error of the store is not taken for a broken picture.
func TestReadErrors(t *testing.T) {
	body := pngOf(t, photo(300, 300))
	if _, err := picture.Inspect(failingReader{bytes.NewReader(body)}, ""); !errors.Is(err, errNetwork) {
		t.Errorf("Inspect: %v", err)
	}
	d := picture.NewDecoder()
	if _, err := d.Thumbs(t.Context(), failingReader{bytes.NewReader(body)}, inspected(t, body)); !errors.Is(err, errNetwork) {
		t.Errorf("Thumbs: %v", err)
	}
}

// TestOneDecodeAtATime: three large pictures at once need the memory of one.
func TestOneDecodeAtATime(t *testing.T) {
	const most = 10_000_000 // bytes: one needs about 5 million, three at once 14 million
	body := jpegOf(t, photo(2_000, 1_000))
	info := inspected(t, body)
	runtime.GC()
	debug.SetGCPercent(10)
	defer debug.SetGCPercent(100)
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	d, highest := picture.NewDecoder(), uint64(0)
	ctx, done := context.WithCancel(t.Context())
	var watch, wg sync.WaitGroup
	watch.Go(func() {
		for ctx.Err() == nil {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			highest = max(highest, now.HeapInuse)
			time.Sleep(5 * time.Millisecond)
		}
	})
	for range 3 {
		wg.Go(func() {
			if drawn, err := d.Thumbs(ctx, bytes.NewReader(body), info); err != nil || len(drawn.Thumbs) != 2 {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	done()
	watch.Wait()
	if used := int64(highest) - int64(before.HeapInuse); used > most {
		t.Errorf("%d MB were in use", used/1_000_000)
	} else {
		t.Logf("%d MB were in use", used/1_000_000)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Thumbs(canceled, bytes.NewReader(body), info); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestEmoji: still pictures become small PNGs, moving ones stay and move.
func TestEmoji(t *testing.T) {
	d := picture.NewDecoder()
	webp, err := os.ReadFile("testdata/alpha.webp")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		body []byte
		kind string
		w, h int
	}{
		"png":       {pngOf(t, photo(300, 200)), "image/png", 128, 85},
		"small":     {taggedPNG(pngOf(t, photo(20, 30))), "image/png", 20, 30},
		"turned":    {taggedJPEG(jpegOf(t, photo(300, 200)), 6), "image/png", 85, 128},
		"webp":      {webp, "image/png", 128, 96},
		"still gif": {gifOf(t, 40, 40, 1), "image/png", 40, 40},
		"gif":       {taggedGIF(t), "image/gif", 16, 16},
		"large gif": {gifOf(t, 300, 200, 4), "image/gif", 128, 85},
	} {
		e, err := d.Emoji(t.Context(), c.body)
		if err != nil || e.Type != c.kind || e.Width != c.w || e.Height != c.h || bytes.Contains(e.Body, []byte("secret")) {
			t.Errorf("%s: %s of %d × %d, %v", name, e.Type, e.Width, e.Height, err)
			continue
		}
		info := inspected(t, e.Body)
		if info.Type != c.kind || info.Width != c.w || info.Height != c.h {
			t.Errorf("%s: the body is %+v", name, info)
		}
	}
	e, err := d.Emoji(t.Context(), gifOf(t, 300, 200, 4))
	if err != nil {
		t.Fatal(err)
	}
	g, err := gif.DecodeAll(bytes.NewReader(e.Body))
	if err != nil || len(g.Image) != 4 || g.Delay[2] != 7 {
		t.Fatalf("%v", err)
	}
	for n, frame := range g.Image {
		r, _, b, a := frame.At(30, 10).RGBA()
		_, _, _, below := frame.At(120, 80).RGBA()
		if a != 0xffff || below != 0 || (n%2 == 0) != (r > 0xf000) || (n%2 == 1) != (b > 0xf000) {
			t.Errorf("frame %d has the wrong colours", n)
		}
	}
}

// TestEmojiColours: a photograph has more colours than a GIF may have; those that stay are near.
func TestEmojiColours(t *testing.T) {
	m := photo(256, 256)
	g := &gif.GIF{}
	for range 2 {
		frame := image.NewPaletted(m.Rect, nil)
		for i := range 256 {
			frame.Palette = append(frame.Palette, m.At(i, 255-i))
		}
		for i := range frame.Pix {
			frame.Pix[i] = uint8(i)
		}
		g.Image, g.Delay = append(g.Image, frame), append(g.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	e, err := picture.NewDecoder().Emoji(t.Context(), b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got, err := gif.Decode(bytes.NewReader(e.Body))
	if err != nil {
		t.Fatal(err)
	}
	for x := 4; x < 124; x += 10 {
		r, _, _, _ := got.At(x, 60).RGBA()
		wr, _, _, _ := m.At(2*x, 255-2*x).RGBA()
		if diff := int(r>>8) - int(wr>>8); diff < -24 || diff > 24 {
			t.Errorf("at %d red is %d, want %d", x, r>>8, wr>>8)
		}
	}
}

// TestEmojiRefused gives the reason.
func TestEmojiRefused(t *testing.T) {
	d, wide := picture.NewDecoder(), gifOf(t, 8, 8, 100)
	binary.LittleEndian.PutUint16(wide[6:], 1_100)
	binary.LittleEndian.PutUint16(wide[8:], 1_000)
	for name, c := range map[string]struct {
		body []byte
		want error
	}{
		"too many bytes":   {make([]byte, picture.MaxEmoji+1), picture.ErrTooLarge},
		"too many pixels":  {headerOnly(20_000, 20, "\x08\x06\x00\x00\x00"), picture.ErrTooLarge},
		"too much to draw": {wide, picture.ErrTooLarge},
		"too many frames":  {gifOf(t, 4, 4, 501), picture.ErrTooManyFrames},
		"too many passes":  {passes(101), picture.ErrTooManyScans},
		"animated WebP":    {animated(2), picture.ErrAnimated},
		"SVG":              {[]byte("<svg/>"), picture.ErrNotPicture},
		"film":             {film("isom", "vide", ""), picture.ErrNotPicture},
		"cut off":          {pngOf(t, photo(50, 50))[:90], picture.ErrBroken},
	} {
		if _, err := d.Emoji(t.Context(), c.body); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzDecode: hostile pictures lead to an error, never to a panic.
func FuzzDecode(f *testing.F) {
	f.Add(jpegOf(f, photo(8, 8)))
	f.Add(pngOf(f, photo(8, 8)))
	f.Add(lossless(f))
	f.Add(gifOf(f, 8, 8, 2))
	d := picture.NewDecoder()
	f.Fuzz(func(t *testing.T, body []byte) {
		info, err := picture.Inspect(bytes.NewReader(body), "")
		if err != nil || info.Kind != picture.Image || info.Width*info.Height > 1_000_000 {
			return
		}
		drawn, err := d.Thumbs(t.Context(), bytes.NewReader(body), info)
		if err == nil && info.Width > 360 && info.Frames == 1 && len(drawn.Thumbs) == 0 {
			t.Errorf("%+v has no thumbnail", info)
		}
		if e, err := d.Emoji(t.Context(), body); err == nil && max(e.Width, e.Height) > picture.EmojiSide {
			t.Errorf("an emoji of %d × %d", e.Width, e.Height)
		}
	})
}

func BenchmarkThumbs(b *testing.B) {
	body := jpegOf(b, photo(4_000, 3_000))
	info := inspected(b, body)
	d := picture.NewDecoder()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Thumbs(b.Context(), bytes.NewReader(body), info); err != nil {
			b.Fatal(err)
		}
	}
}
