package picture_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/picture"
)

// secret stands in every kind of metadata of the fixtures. Nothing of it may be left.
const secret = "+48.8577+002.295/ secret-place"

// photo is a drawing with a dark top left corner, so that turning shows.
func photo(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{uint8(x * 255 / width), uint8(y * 255 / height), 200, 255}
			if x < width/2 && y < height/2 {
				c = color.NRGBA{10, 10, 10, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// gifOf is an animation in which a square wanders.
func gifOf(t testing.TB, width, height, frames int) []byte {
	t.Helper()
	g := &gif.GIF{Config: image.Config{Width: width, Height: height}}
	for n := range frames {
		palette := color.Palette{color.Transparent, color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}}
		m := image.NewPaletted(image.Rect(0, 0, width, height), palette)
		for y := range height / 2 {
			for x := range width / 2 {
				m.SetColorIndex((x+n)%width, y, uint8(1+n%2))
			}
		}
		g.Image, g.Delay, g.Disposal = append(g.Image, m), append(g.Delay, 7), append(g.Disposal, gif.DisposalBackground)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tiff is a body of Exif with an orientation, a camera and a place.
func tiff(orientation uint16) []byte {
	be := binary.BigEndian
	b := []byte("MM\x00\x2a\x00\x00\x00\x08")
	entry := func(tag, kind uint16, count, value uint32) {
		b = be.AppendUint16(be.AppendUint16(b, tag), kind)
		b = be.AppendUint32(be.AppendUint32(b, count), value)
	}
	const gps, text = 8 + 2 + 3*12 + 4, 8 + 2 + 3*12 + 4 + 2 + 2*12 + 4
	b = be.AppendUint16(b, 3)
	entry(0x010f, 2, uint32(len(secret)), text)
	entry(0x0112, 3, 1, uint32(orientation)<<16)
	entry(0x8825, 4, 1, gps)
	b = be.AppendUint32(b, 0)
	b = be.AppendUint16(b, 2)
	entry(1, 2, 2, 'N'<<24)
	entry(2, 5, 3, text+uint32(len(secret)))
	b = be.AppendUint32(b, 0)
	b = append(b, secret...)
	for _, v := range []uint32{48, 1, 51, 1, 28, 1} {
		b = be.AppendUint32(b, v)
	}
	return b
}

const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description ` +
	`xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:City="` + secret + `"/></rdf:RDF></x:xmpmeta>`

func segment(mark byte, body string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0xff, mark}, uint16(len(body)+2))
	return append(b, body...)
}

// taggedJPEG puts metadata of all kinds behind the start of a picture, and a second picture behind its end.
func taggedJPEG(plain []byte, orientation uint16) []byte {
	iptc := "Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x24\x1c\x02\x5a\x00\x1e" + secret + "\x00"
	segments := slices.Concat(
		segment(0xe0, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x01\x01abc"),
		segment(0xe1, "Exif\x00\x00"+string(tiff(orientation))),
		segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00"+xmp),
		segment(0xe2, "ICC_PROFILE\x00\x01\x01profile"),
		segment(0xe2, "MPF\x00"+secret),
		segment(0xed, iptc),
		segment(0xe5, secret),
		segment(0xfe, secret),
	)
	return slices.Concat(plain[:2], segments, plain[2:], plain[:2], segments, plain[2:])
}

func chunk(name, body string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func taggedPNG(plain []byte) []byte {
	return slices.Concat(plain[:33],
		chunk("eXIf", string(tiff(1))), chunk("tEXt", "Place\x00"+secret), chunk("tIME", "\x07\xea\x0b\x1e\x09\x00\x00"),
		chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+xmp), chunk("zTXt", "Place\x00\x00"+secret), chunk("prVt", secret),
		plain[33:], []byte(secret))
}

// riff is a WebP of chunks: a name and a body each.
func riff(parts ...string) []byte {
	b := []byte("RIFF\x00\x00\x00\x00WEBP")
	for n := 0; n < len(parts); n += 2 {
		b = binary.LittleEndian.AppendUint32(append(b, parts[n]...), uint32(len(parts[n+1])))
		b = append(b, parts[n+1]...)
		if len(parts[n+1])%2 == 1 {
			b = append(b, 0)
		}
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

// lossless is a picture of 75 × 100 pixels.
func lossless(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/lossless.webp")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func taggedWebP(t testing.TB) []byte {
	t.Helper()
	plain := lossless(t)
	length := binary.LittleEndian.Uint32(plain[16:]) + 1 // with its padding, which the independent reader does not expect
	bits := binary.LittleEndian.Uint32(plain[21:])
	w, h := bits&0x3fff, bits>>14&0x3fff
	canvas := []byte{0x08 | 0x04, 0, 0, 0, byte(w), byte(w >> 8), 0, byte(h), byte(h >> 8), 0}
	pixels := string(plain[20 : 20+length])
	return append(riff("VP8X", string(canvas), "VP8L", pixels, "EXIF", string(tiff(1)), "XMP ", xmp, "what", secret), secret...)
}

func taggedGIF(t testing.TB) []byte {
	t.Helper()
	plain := gifOf(t, 16, 16, 3)
	data := string(rune(len(secret))) + secret + "\x00"
	blocks := "\x21\xfe" + data + "\x21\xff\x0bXMP DataXMP" + data
	end := len(plain) - 1
	return slices.Concat(plain[:end], []byte(blocks), plain[end:], []byte(secret))
}

// atom is a box of MP4.
func atom(name string, parts ...string) string {
	body := strings.Join(parts, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + name + body
}

func u32(values ...uint32) string {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return string(b)
}

// film is a movie with a track of pictures, one of metadata, and the places where phones write where it was taken.
func film(brand, handler string, data string) []byte {
	trak := func(handler string, extra ...string) string {
		matrix := u32(0, 1<<16, 0, ^uint32(1<<16)+1, 0, 0, 0, 0, 1<<30)
		return atom("trak", atom("tkhd", u32(0, 3_900_000_000, 3_900_000_001, 1, 0, 0, 0, 0, 0, 0), matrix, u32(1920<<16, 1080<<16)),
			atom("mdia", atom("mdhd", u32(0, 3_900_000_000, 3_900_000_001, 1000, 10, 0)),
				atom("hdlr", u32(0, 0), handler, u32(0, 0, 0), "\x00"),
				atom("minf", append([]string{atom("stbl", extra...)}, "")...)), atom("udta", atom("name", secret)))
	}
	ftyp := atom("ftyp", brand, u32(0), "isommp42")
	mdat := atom("mdat", data+secret+secret)
	at := uint32(len(ftyp) + 8 + len(data))
	tables := []string{atom("stsz", u32(0, 0, 2, uint32(len(secret)), uint32(len(secret)))), atom("stsc", u32(0, 1, 1, 1, 1)),
		atom("stco", u32(0, 2, at, at+uint32(len(secret))))}
	moov := atom("moov",
		atom("mvhd", u32(0, 3_900_000_000, 3_900_000_001, 1000, 10), strings.Repeat("\x00", 80)),
		trak(handler), trak("meta", tables...),
		atom("udta", atom("\xa9xyz", "\x00\x1e\x15\xc7"+secret)),
		atom("meta", atom("hdlr", u32(0, 0), "mdta", u32(0, 0, 0)), atom("ilst", secret)))
	return []byte(ftyp + mdat + moov + atom("uuid", strings.Repeat("x", 16)+xmp))
}

// stripped is the body that Strip leaves.
func stripped(t testing.TB, body []byte) []byte {
	t.Helper()
	clean, err := picture.Strip(bytes.NewReader(body), picture.Sniff(body, ""))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(clean.Reader())
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(out)) != clean.Size() {
		t.Fatalf("Size says %d bytes, Reader returns %d", clean.Size(), len(out))
	}
	return out
}

// passes is a progressive photograph of 4,400 × 4,400 pixels whose scans, of 46 bytes each, go over all of them.
func passes(scans int) []byte {
	// The data are 19 runs of 2¹⁴ blocks without anything, of 15 bits each.
	scan := append(segment(0xda, "\x01\x01\x00\x01\x3f\x00"), make([]byte, 36)...)
	return slices.Concat([]byte{0xff, 0xd8}, segment(0xdb, "\x00"+strings.Repeat("\x01", 64)),
		segment(0xc2, "\x08\x11\x30\x11\x30\x01\x01\x11\x00"),
		segment(0xc4, "\x10\x01"+strings.Repeat("\x00", 15)+"\xe0"), bytes.Repeat(scan, scans), []byte{0xff, 0xd9})
}
