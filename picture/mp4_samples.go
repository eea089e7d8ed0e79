package picture

import "encoding/binary"

// blank clears the samples of a track. Cameras write one with the place of every second.
func (w *mp4Walk) blank(k *track) error {
	sizes, err := w.table(k.sizes, 4)
	if err != nil {
		return err
	}
	runs, err := w.table(k.chunks, 0)
	if err != nil {
		return err
	}
	offsets, err := w.table(k.offsets, 0)
	if err != nil || len(offsets) == 0 {
		return err
	}
	if len(sizes) < 4 {
		return ErrBroken
	}
	same, each := int64(binary.BigEndian.Uint32(sizes)), 4
	sizes = sizes[4:] // the number of samples was read by table
	if k.wide {
		each = 8
	}
	run := -1
	for chunk := 0; (chunk+1)*each <= len(offsets); chunk++ {
		for (run+2)*12 <= len(runs) && int64(binary.BigEndian.Uint32(runs[(run+1)*12:])) <= int64(chunk)+1 {
			run++
		}
		if run < 0 {
			return ErrBroken
		}
		count := int64(binary.BigEndian.Uint32(runs[run*12+4:]))
		length := same * count
		for ; same == 0 && count > 0; count-- {
			if len(sizes) < 4 {
				return ErrBroken
			}
			length += int64(binary.BigEndian.Uint32(sizes))
			sizes = sizes[4:]
		}
		at := chunkAt(offsets[chunk*each:], k.wide)
		if at < 0 || length < 0 || at > w.size-length {
			return ErrBroken
		}
		if err := w.zero(at, length); err != nil {
			return err
		}
	}
	return nil
}

// zero clears a range, unless it is clear.
func (w *mp4Walk) zero(at, length int64) error {
	if w.cleared += length; w.cleared > w.size || w.tooLong() {
		return ErrBroken
	}
	if err := w.seek(at); err != nil {
		return err
	}
	for left := length; left > 0; left-- {
		b, err := w.byte()
		if err != nil {
			return err
		}
		if b != 0 {
			w.cuts = append(w.cuts, cut{at: at, length: length, zeros: true})
			return nil
		}
	}
	return nil
}

func chunkAt(b []byte, wide bool) int64 {
	if wide {
		return int64(min(binary.BigEndian.Uint64(b), 1<<62)) // #nosec G115 -- bounded
	}
	return int64(binary.BigEndian.Uint32(b))
}

// table reads the entries of a table of samples: behind version and flags, and the number of entries. The size that all samples share
// stands in front of that number: lead keeps it.
func (w *mp4Walk) table(b box, lead int) ([]byte, error) {
	length := b.to - b.from
	if length == 0 {
		return nil, nil
	}
	if length < int64(8+lead) || length > maxTable {
		return nil, ErrBroken
	}
	if err := w.seek(b.from + 4); err != nil {
		return nil, err
	}
	all, err := w.bytes(int(length) - 4)
	if err != nil {
		return nil, err
	}
	copy(all[4:], all[:lead]) // over the number of entries
	return all[4:], nil
}
