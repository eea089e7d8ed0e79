package picture

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// keptPNG says which chunks of a PNG stay: those that decide how it looks (PNG, third edition). Text, time and unknown ones go, and of Exif
// all but the orientation.
func keptPNG(name string) bool {
	switch name {
	case "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "bKGD", "hIST", "pHYs", "sPLT", "cICP", "mDCV",
		"cLLI", "acTL", "fcTL", "fdAT":
		return true
	}
	return false
}

func surveyPNG(t *tape) (survey, error) {
	s := survey{orientation: 1, frames: 1}
	if err := t.skip(8); err != nil {
		return s, err
	}
	frames, pixels := 0, int64(0) // where the first pixels are
	for {
		start := t.at
		head, err := t.bytes(8)
		if err != nil {
			return s, err
		}
		if s.tooLong() {
			return s, ErrBroken
		}
		length, name := int64(binary.BigEndian.Uint32(head)), string(head[4:])
		switch name {
		case "IHDR":
			if err := headerPNG(t, length, &s); err != nil {
				return s, err
			}
		case "fcTL":
			frames++
		case "IDAT":
			if pixels == 0 {
				pixels = start
			}
		case "eXIf":
			if err := exifPNG(t, cut{at: start, length: 12 + length}, pixels, &s); err != nil {
				return s, err
			}
		}
		if err := t.skip(start + 12 + length - t.at); err != nil {
			return s, err
		}
		if !keptPNG(name) && name != "eXIf" {
			s.cuts = append(s.cuts, cut{at: start, length: 12 + length})
		}
		if name == "IEND" {
			if t.at < t.size {
				s.cuts = append(s.cuts, cut{at: t.at, length: t.size - t.at})
			}
			s.frames = max(1, frames)
			return s, nil
		}
	}
}

// maxExif is how many bytes of a chunk of Exif are read. The orientation stands at the beginning.
const maxExif = 64 << 10

// exifPNG replaces a chunk of Exif by one that holds the orientation and nothing else, or by nothing if the picture is upright. Browsers
// read that chunk only in front of the pixels, so that is where it goes.
func exifPNG(t *tape, whole cut, pixels int64, s *survey) error {
	body, err := t.bytes(int(min(whole.length-8, maxExif))) // with its checksum
	if err != nil {
		return err
	}
	o := tiffOrientation(body[:len(body)-4])
	if o == 1 || s.orientation != 1 {
		s.cuts = append(s.cuts, whole)
		return nil
	}
	s.orientation = o
	put := orientationChunk(o)
	switch {
	case pixels > 0:
		n := 0
		for n < len(s.cuts) && s.cuts[n].at < pixels {
			n++
		}
		s.cuts = slices.Insert(s.cuts, n, cut{at: pixels, put: put})
		s.cuts = append(s.cuts, whole)
	case string(body) != string(put[8:]):
		whole.put = put
		s.cuts = append(s.cuts, whole)
	}
	return nil
}

// orientationChunk is a chunk of Exif that holds an orientation and nothing else.
func orientationChunk(o int) []byte {
	tiff := orientationTIFF(o)
	b := binary.BigEndian.AppendUint32(nil, uint32(len(tiff))) // #nosec G115 -- 26
	b = append(append(b, "eXIf"...), tiff...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// headerPNG reads IHDR: the size, and from depth, colour type and interlacing what decoding costs.
func headerPNG(t *tape, length int64, s *survey) error {
	if length != 13 || s.width != 0 {
		return ErrBroken
	}
	b, err := t.bytes(13)
	if err != nil {
		return err
	}
	width, height := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	if width > 1<<30 || height > 1<<30 {
		return ErrBroken
	}
	s.width, s.height = int(width), int(height)
	each := int64(4)
	if b[9] == 3 { // palette
		each = 1
	} else if b[8] == 16 {
		each = 8
	}
	s.decoded = each * int64(s.width) * min(int64(s.height), MaxDecoded)
	if b[12] != 0 {
		s.decoded += s.decoded / 2
	}
	return nil
}
