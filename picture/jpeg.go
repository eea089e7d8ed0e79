package picture

import (
	"bytes"
	"encoding/binary"
)

// Markers of JPEG (ITU T.81, table B.1).
const (
	markSOI  = 0xd8
	markEOI  = 0xd9
	markSOS  = 0xda
	markAPP0 = 0xe0
	markCOM  = 0xfe
)

// surveyJPEG keeps what decoding needs: JFIF, the colour profile, Adobe's marker, and the orientation in an Exif segment of its own. What
// follows the end of the picture goes too: phones store further pictures and films there, each with its own place and time.
func surveyJPEG(t *tape) (survey, error) {
	j := jpegWalk{tape: t, survey: survey{orientation: 1, frames: 1}}
	if err := j.skip(2); err != nil {
		return survey{}, err
	}
	for {
		from := j.at
		mark, err := j.marker()
		if err != nil {
			return survey{}, err
		}
		if j.tooLong() {
			return survey{}, ErrBroken
		}
		if stray := j.at - 2 - from; stray > 0 {
			j.cuts = append(j.cuts, cut{at: from, length: stray})
		}
		switch {
		case mark == markEOI:
			if j.at < j.size {
				j.cuts = append(j.cuts, cut{at: j.at, length: j.size - j.at})
			}
			return j.survey, nil
		case mark == markSOI || mark == 0x01 || mark >= 0xd0 && mark <= 0xd7:
			continue // markers without a segment
		}
		if err := j.segment(mark); err != nil {
			return survey{}, err
		}
	}
}

// jpegWalk is a JPEG being read.
type jpegWalk struct {
	*tape
	survey
	rgb bool // Adobe's marker says that the colours are not YCbCr
}

// marker moves behind the next marker. Bytes in front of it are skipped, as decoders do.
func (j *jpegWalk) marker() (byte, error) {
	for {
		b, err := j.byte()
		if err != nil {
			return 0, err
		}
		for b == 0xff {
			if b, err = j.byte(); err != nil {
				return 0, err
			}
			if b != 0xff && b != 0 {
				return b, nil
			}
		}
	}
}

// segment reads one segment, and the compressed data behind a start of scan.
func (j *jpegWalk) segment(mark byte) error {
	start := j.at - 2
	head, err := j.bytes(2)
	if err != nil {
		return err
	}
	length := int(binary.BigEndian.Uint16(head))
	if length < 2 {
		return ErrBroken
	}
	body, err := j.bytes(length - 2)
	if err != nil {
		return err
	}
	whole := cut{at: start, length: int64(length) + 2}
	switch {
	case mark == markSOS:
		j.scans++
		return j.scan()
	case mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 && mark != 0xcc:
		return j.frame(mark, body)
	case mark == markAPP0:
		if bytes.HasPrefix(body, []byte("JFIF\x00")) && len(body) >= 14 {
			if len(body) > 14 { // a thumbnail
				j.cuts = append(j.cuts, cut{at: start, length: whole.length, put: bareJFIF(body)})
			}
			return nil
		}
		j.cuts = append(j.cuts, whole)
	case mark == markAPP0+1:
		if o := exifOrientation(body); o > 1 && j.orientation == 1 {
			j.orientation, whole.put = o, orientationSegment(o)
			if string(body) == string(whole.put[4:]) {
				return nil
			}
		}
		j.cuts = append(j.cuts, whole)
	case mark == markAPP0+2 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")):
	case mark == markAPP0+14 && bytes.HasPrefix(body, []byte("Adobe")):
		j.rgb = len(body) >= 12 && body[11] == 0
	case mark > markAPP0 && mark <= markAPP0+15, mark == markCOM:
		j.cuts = append(j.cuts, whole)
	}
	return nil
}

// scan moves to the marker behind compressed data. In them 0xff is followed by 0, or by the number of a restart.
func (j *jpegWalk) scan() error {
	for {
		b, err := j.byte()
		if err != nil {
			return err
		}
		if b != 0xff {
			continue
		}
		next, err := j.buf.Peek(1)
		if err != nil {
			return atEnd(err)
		}
		if next[0] != 0 && next[0] != 0xff && (next[0] < 0xd0 || next[0] > 0xd7) {
			return j.seek(j.at - 1)
		}
	}
}

// frame reads the size of the picture and computes what decoding it costs. Decoders hold the samples of each component, and all
// coefficients of a progressive picture.
func (j *jpegWalk) frame(mark byte, body []byte) error {
	if len(body) < 6 || j.width != 0 || len(body) < 6+3*int(body[5]) {
		return ErrBroken
	}
	j.height, j.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	most, sum := 1, 0
	for n := range int(body[5]) {
		h, v := int(body[7+3*n]>>4), int(body[7+3*n]&15)
		most, sum = max(most, h*v), sum+h*v
	}
	pixels := int64(j.width) * int64(j.height)
	samples := pixels * int64(sum) / int64(most)
	j.decoded = samples
	if mark == 0xc2 {
		j.decoded += 4 * samples
	}
	if body[5] == 4 || j.rgb {
		j.decoded += 4 * pixels
	}
	return nil
}

// bareJFIF is a JFIF segment without its thumbnail.
func bareJFIF(body []byte) []byte {
	return append(append([]byte{0xff, markAPP0, 0, 16}, body[:12]...), 0, 0)
}

// exifOrientation is the orientation in an Exif segment.
func exifOrientation(body []byte) int {
	if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok {
		return tiffOrientation(tiff)
	}
	return 1
}

// tiffOrientation reads tag 0x0112 of the first directory of Exif, which has the form of TIFF. Without a sound one the picture is upright.
func tiffOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	first := uint64(order.Uint32(tiff[4:]))
	if first+2 > uint64(len(tiff)) {
		return 1
	}
	entries := tiff[first+2:]
	for range order.Uint16(tiff[first:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == 0x0112 {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// orientationSegment is an Exif segment that holds an orientation and nothing else.
func orientationSegment(o int) []byte {
	return append([]byte("\xff\xe1\x00\x22Exif\x00\x00"), orientationTIFF(o)...)
}

// orientationTIFF is Exif that holds an orientation and nothing else.
func orientationTIFF(o int) []byte {
	b := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00")
	b[19] = byte(o) // #nosec G115 -- 1 to 8
	return b
}
