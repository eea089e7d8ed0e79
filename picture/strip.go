package picture

import (
	"bytes"
	"errors"
	"io"
)

// cut replaces a range of a body by other bytes, or by as many zeros. Cuts are in the order of their places and do not overlap.
type cut struct {
	at, length int64
	put        []byte
	zeros      bool
}

func (c cut) grows() int64 {
	if c.zeros {
		return 0
	}
	return int64(len(c.put)) - c.length
}

// maxCuts is how many cuts a body may have, and how many tracks a film: they are held in memory. One with more counts as broken.
const maxCuts = 20_000

// survey is what the structure of a file says, without decoding it.
type survey struct {
	width, height int   // as stored, before the orientation applies
	orientation   int   // 1 to 8 as in Exif
	frames        int   // of an animation; 1 for a still picture
	scans         int   // of a photograph: passes over its pixels
	decoded       int64 // bytes of memory that decoding needs
	sound         bool  // a film without a picture
	cuts          []cut // what removing the metadata replaces
}

func (s *survey) tooLong() bool { return len(s.cuts) > maxCuts }

// Clean is a body without its metadata.
type Clean struct {
	from io.ReadSeeker
	cuts []cut
	size int64
	old  int64
}

// Strip finds the metadata of a picture, film or sound: whatever tells of place, time, device and people, but not orientation and colour
// profile. ErrBroken: the file cannot be parsed, and its metadata stay. Files of other formats have nothing that Strip knows.
func Strip(r io.ReadSeeker, f Format) (*Clean, error) {
	s, size, err := look(r, f)
	if err != nil {
		return nil, err
	}
	c := &Clean{from: r, cuts: s.cuts, size: size, old: size}
	for _, cut := range s.cuts {
		c.size += cut.grows()
	}
	return c, nil
}

// Changed says whether there were metadata.
func (c *Clean) Changed() bool { return len(c.cuts) > 0 }

// Size is the number of bytes that Reader returns.
func (c *Clean) Size() int64 { return c.size }

// Reader streams the clean body. It reads the original one, which nothing else may read meanwhile.
func (c *Clean) Reader() io.Reader {
	var parts []io.Reader
	at := int64(0)
	for _, cut := range c.cuts {
		parts = append(parts, &section{c.from, at, cut.at - at})
		if cut.zeros {
			parts = append(parts, io.LimitReader(zeros{}, cut.length))
		} else {
			parts = append(parts, bytes.NewReader(cut.put))
		}
		at = cut.at + cut.length
	}
	return io.MultiReader(append(parts, &section{c.from, at, c.old - at})...)
}

// section reads a range of a body. Unlike io.SectionReader it needs no ReaderAt, which bodies in S3 do not have.
type section struct {
	from     io.ReadSeeker
	at, left int64
}

func (s *section) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, io.EOF
	}
	if s.at >= 0 {
		if _, err := s.from.Seek(s.at, io.SeekStart); err != nil {
			return 0, err
		}
		s.at = -1
	}
	n, err := s.from.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	if errors.Is(err, io.EOF) && s.left > 0 {
		err = io.ErrUnexpectedEOF
	} else if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
