package picture

import "encoding/binary"

// keptPNG says which chunks of a PNG stay: those that decide how it looks (PNG, third edition). Text, Exif, time and unknown ones go.
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
	frames := 0
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
		}
		if err := t.skip(start + 12 + length - t.at); err != nil {
			return s, err
		}
		if !keptPNG(name) {
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
