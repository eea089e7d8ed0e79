package picture

import "encoding/binary"

// keptWebP says which chunks of a WebP stay (RFC 9649): pixels, transparency, animation and colour profile. An orientation goes: Chromium
// does not heed one, so the picture looks as it did before.
func keptWebP(name string) bool {
	switch name {
	case "VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP":
		return true
	}
	return false
}

// Flags of a VP8X chunk.
const (
	webpXMP  = 0x04
	webpExif = 0x08
)

func surveyWebP(t *tape) (survey, error) {
	w := webpWalk{tape: t, survey: survey{orientation: 1, frames: 1}}
	head, err := w.bytes(12)
	if err != nil {
		return w.survey, err
	}
	end := 8 + int64(binary.LittleEndian.Uint32(head[4:]))
	end = min(end+end&1, w.size)
	for w.at < end {
		if err := w.chunk(end); err != nil {
			return w.survey, err
		}
	}
	if w.width == 0 || w.pixels == 0 {
		return w.survey, ErrBroken
	}
	if w.at < w.size {
		w.cuts = append(w.cuts, cut{at: w.at, length: w.size - w.at})
	}
	if len(w.cuts) > 0 {
		left := w.size - 8
		for _, c := range w.cuts {
			left += c.grows()
		}
		size := binary.LittleEndian.AppendUint32(nil, uint32(left)) // #nosec G115 -- smaller than end, which came from 32 bits
		w.cuts = append([]cut{{at: 4, length: 4, put: size}}, w.cuts...)
	}
	w.frames = max(1, w.animated)
	return w.survey, nil
}

// webpWalk is a WebP being read.
type webpWalk struct {
	*tape
	survey
	pixels   int // chunks with pixels
	animated int // frames of an animation
}

func (w *webpWalk) chunk(end int64) error {
	start := w.at
	head, err := w.bytes(8)
	if err != nil {
		return err
	}
	if w.tooLong() {
		return ErrBroken
	}
	name, length := string(head[:4]), int64(binary.LittleEndian.Uint32(head[4:]))
	next := start + 8 + length + length&1
	if next == end+1 {
		next = end // the last chunk lacks its padding
	}
	if next > end {
		return ErrBroken
	}
	if !keptWebP(name) {
		w.cuts = append(w.cuts, cut{at: start, length: next - start})
		return w.seek(next)
	}
	body, err := w.bytes(int(min(length, 16)))
	if err != nil {
		return err
	}
	if err := w.read(name, body); err != nil {
		return err
	}
	return w.seek(next)
}

// read takes sizes from the chunks that have one. The canvas and the picture in it may not differ.
func (w *webpWalk) read(name string, b []byte) error {
	switch name {
	case "VP8X":
		if len(b) < 10 || w.width != 0 {
			return ErrBroken
		}
		if flags := b[0] &^ (webpXMP | webpExif); flags != b[0] {
			w.cuts = append(w.cuts, cut{at: w.at - int64(len(b)), length: 1, put: []byte{flags}})
		}
		return w.measured(uint24(b[4:])+1, uint24(b[7:])+1, 4)
	case "VP8 ":
		if len(b) < 10 {
			return ErrBroken
		}
		w.pixels++
		return w.measured(int(binary.LittleEndian.Uint16(b[6:])&0x3fff), int(binary.LittleEndian.Uint16(b[8:])&0x3fff), 3)
	case "VP8L":
		if len(b) < 5 {
			return ErrBroken
		}
		w.pixels++
		bits := binary.LittleEndian.Uint32(b[1:])
		return w.measured(int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1, 8)
	case "ANMF":
		w.pixels++
		w.animated++
	}
	return nil
}

// measured notes the size, and that decoding needs so many bytes a pixel.
func (w *webpWalk) measured(width, height int, each int64) error {
	if w.width != 0 && (w.width != width || w.height != height) {
		return ErrBroken
	}
	w.width, w.height = width, height
	w.decoded = max(w.decoded, each*int64(width)*int64(height))
	return nil
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
