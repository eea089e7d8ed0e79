package picture

import (
	"encoding/binary"
	"slices"
)

// surveyMP4 walks the boxes of MP4 and QuickTime (ISO/IEC 14496-12). Every cut keeps the length, since other boxes name places in the file:
// boxes of metadata become free space filled with zeros, times become zero, and so do the samples of tracks that hold metadata.
func surveyMP4(t *tape) (survey, error) {
	w := mp4Walk{tape: t, survey: survey{orientation: 1, frames: 1}}
	if err := w.boxes(0, t.size, 0); err != nil {
		return survey{}, err
	}
	if !w.hasMovie {
		return survey{}, ErrBroken
	}
	w.sound = !w.hasVideo
	for _, k := range w.tracks {
		if k.handler == "meta" || k.handler == "camm" || k.handler == "gpmd" {
			if err := w.blank(k); err != nil {
				return survey{}, err
			}
		}
	}
	slices.SortFunc(w.cuts, func(a, b cut) int { return int(min(max(a.at-b.at, -1), 1)) })
	for n := 1; n < len(w.cuts); n++ {
		if w.cuts[n].at < w.cuts[n-1].at+w.cuts[n-1].length {
			return survey{}, ErrBroken // two boxes claim the same bytes
		}
	}
	return w.survey, nil
}

// mp4Walk is a film being read.
type mp4Walk struct {
	*tape
	survey
	hasMovie, hasVideo bool
	tracks             []*track
	cleared            int64 // bytes of ranges that zero looked at: no two of a film are the same
}

// track holds the boxes that say where its samples are.
type track struct {
	handler                string
	width, height          int
	turned                 bool
	sizes, chunks, offsets box
	wide                   bool // offsets of 64 bits
}

// box is the body of a box: without its header.
type box struct{ from, to int64 }

const (
	maxDepth = 8
	maxTable = 4 << 20 // bytes of one table of samples of a metadata track
)

// boxes reads the boxes in a range.
func (w *mp4Walk) boxes(from, to int64, depth int) error {
	if depth > maxDepth {
		return ErrBroken
	}
	for at := from; at < to; {
		if err := w.seek(at); err != nil {
			return err
		}
		if to-at < 8 {
			return nil // QuickTime ends some lists with four zeros
		}
		head, err := w.bytes(8)
		if err != nil {
			return err
		}
		size, name := int64(binary.BigEndian.Uint32(head)), string(head[4:])
		body := at + 8
		switch size {
		case 0:
			size = to - at
		case 1:
			wide, err := w.bytes(8)
			if err != nil {
				return err
			}
			size, body = int64(min(binary.BigEndian.Uint64(wide), 1<<62)), at+16 // #nosec G115 -- bounded
		}
		if size < body-at || size > to-at || w.tooLong() || len(w.tracks) > maxCuts {
			return ErrBroken
		}
		if err := w.box(name, at, box{body, at + size}, depth); err != nil {
			return err
		}
		at += size
	}
	return nil
}

func (w *mp4Walk) box(name string, at int64, b box, depth int) error {
	switch name {
	case "moov", "trak", "mdia", "minf", "stbl", "moof", "traf", "mvex":
		if name == "moov" {
			w.hasMovie = true
		}
		if name == "trak" {
			w.tracks = append(w.tracks, &track{})
		}
		return w.boxes(b.from, b.to, depth+1)
	case "udta", "meta", "uuid":
		w.cuts = append(w.cuts, cut{at: at + 4, length: 4, put: []byte("free")}, cut{at: b.from, length: b.to - b.from, zeros: true})
	case "mvhd", "mdhd":
		return w.times(b)
	}
	if len(w.tracks) == 0 {
		return nil
	}
	k := w.tracks[len(w.tracks)-1]
	switch name {
	case "tkhd":
		if err := w.times(b); err != nil {
			return err
		}
		return w.shown(k, b)
	case "hdlr":
		return w.handler(k, b)
	case "stsz":
		k.sizes = b
	case "stsc":
		k.chunks = b
	case "stco", "co64":
		k.offsets, k.wide = b, name == "co64"
	}
	return nil
}

// times clears when a film was made and changed.
func (w *mp4Walk) times(b box) error {
	head, err := w.bytes(4)
	if err != nil {
		return err
	}
	length := int64(8)
	if head[0] == 1 {
		length = 16
	}
	if b.to-b.from < 4+length {
		return ErrBroken
	}
	return w.zero(b.from+4, length)
}

// shown reads how large a track is shown, from the end of its header: a matrix that may turn it, width and height as 16.16.
func (w *mp4Walk) shown(k *track, b box) error {
	if b.to-b.from < 84 {
		return ErrBroken
	}
	if err := w.seek(b.to - 44); err != nil {
		return err
	}
	m, err := w.bytes(44)
	if err != nil {
		return err
	}
	k.turned = binary.BigEndian.Uint32(m) == 0 && binary.BigEndian.Uint32(m[4:]) != 0
	k.width, k.height = int(binary.BigEndian.Uint16(m[36:])), int(binary.BigEndian.Uint16(m[40:]))
	return nil
}

// handler reads what a track holds. The handler of a box inside of minf does not say it.
func (w *mp4Walk) handler(k *track, b box) error {
	if b.to-b.from < 12 {
		return ErrBroken
	}
	head, err := w.bytes(12)
	if err != nil {
		return err
	}
	if k.handler != "" || string(head[4:8]) == "dhlr" {
		return nil
	}
	k.handler = string(head[8:])
	if k.handler == "vide" {
		w.hasVideo = true
		if w.width == 0 {
			w.width, w.height = k.width, k.height
			if k.turned {
				w.width, w.height = k.height, k.width
			}
		}
	}
	return nil
}
