package picture

import (
	"encoding/binary"
	"strings"
)

// surveyGIF walks the blocks of a GIF89a. Comments and what applications add goes, except for the number of loops.
func surveyGIF(t *tape) (survey, error) {
	s := survey{orientation: 1}
	head, err := t.bytes(13)
	if err != nil {
		return s, err
	}
	s.width, s.height = int(binary.LittleEndian.Uint16(head[6:])), int(binary.LittleEndian.Uint16(head[8:]))
	if err := t.skip(colours(head[10])); err != nil {
		return s, err
	}
	for {
		start := t.at
		kind, err := t.byte()
		if err != nil {
			return s, err
		}
		if s.tooLong() {
			return s, ErrBroken
		}
		switch kind {
		case 0x2c:
			s.frames++
			err = frameGIF(t, &s)
		case 0x21:
			err = extensionGIF(t, start, &s)
		case 0x3b:
			if t.at < t.size {
				s.cuts = append(s.cuts, cut{at: t.at, length: t.size - t.at})
			}
			if s.frames == 0 {
				return s, ErrBroken
			}
			s.decoded += 4 * int64(s.width) * int64(s.height)
			return s, nil
		default:
			return s, ErrBroken
		}
		if err != nil {
			return s, err
		}
	}
}

// frameGIF reads one frame. Only the largest one counts for the bill: frames are decoded one after the other.
func frameGIF(t *tape, s *survey) error {
	b, err := t.bytes(9)
	if err != nil {
		return err
	}
	area := int64(binary.LittleEndian.Uint16(b[4:])) * int64(binary.LittleEndian.Uint16(b[6:]))
	s.decoded = max(s.decoded, area)
	if err := t.skip(colours(b[8]) + 1); err != nil {
		return err
	}
	return subBlocks(t)
}

func extensionGIF(t *tape, start int64, s *survey) error {
	label, err := t.byte()
	if err != nil {
		return err
	}
	keep := label == 0xf9
	if label == 0xff {
		peeked, err := t.buf.Peek(12)
		if err != nil {
			return atEnd(err)
		}
		name := string(peeked[1:])
		keep = strings.HasPrefix(name, "NETSCAPE2.0") || strings.HasPrefix(name, "ANIMEXTS1.0")
	}
	if err := subBlocks(t); err != nil {
		return err
	}
	if !keep {
		s.cuts = append(s.cuts, cut{at: start, length: t.at - start})
	}
	return nil
}

// colours is the size of the colour table that a packed field announces.
func colours(packed byte) int64 {
	if packed&0x80 == 0 {
		return 0
	}
	return 3 << (packed&7 + 1)
}

// subBlocks skips data blocks up to the empty one.
func subBlocks(t *tape) error {
	for {
		n, err := t.byte()
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		if err := t.skip(int64(n)); err != nil {
			return err
		}
	}
}
