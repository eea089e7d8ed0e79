package wal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
)

// Tail reads what is added to the write-ahead log of a database (https://sqlite.org/fileformat2.html#the_write_ahead_log). Read must be
// called at each Moment. Then nothing is missed: SQLite writes to the beginning of the log again only with a commit, after a checkpoint of
// the whole log.
//
// After a commit, Read looks only at the headers of the new frames, and remembers which frame has the newest state of each page. The pages
// themselves are read by Load, or before SQLite may overwrite them. This takes a tenth of the time of reading each frame, and a page that
// many commits change is read once.
//
// A commit that fails can leave frames in the log that look like those of a commit. So after a start and after a failure, Read checks the
// sums of whole frames until SQLite begins a new log. Even the sums of a commit that failed can be right, when its last step did: Read
// remembers them.
type Tail struct {
	log    *os.File
	head   [logHeader]byte // header of the log that was read last
	at     int64           // offset of the first frame that was not read
	sum    [2]uint32       // of the frames before
	sure   bool            // no failed commit can have left frames in this log: headers are enough
	failed *[2]uint32      // sum of the commit that failed and is at the end of the log, if one is

	size   uint32           // of the database after the last commit, in pages
	unread map[uint32]int64 // page: offset of the frame with its newest state

	buf []byte // what is being read
	one []byte // page 1 as it was read last
}

// Moment is when a Tail is called.
type Moment int

const (
	AfterCommit    Moment = iota // a batch was committed; the next one has not begun
	AfterFailure                 // a batch was rolled back; the next one has not begun
	BeforeEmptying               // the log is about to be emptied; nothing is committed before that
)

// CheckpointAt is the length of the log, in frames, from which on SQLite makes a checkpoint after each commit (PRAGMA wal_autocheckpoint).
// While the log is shorter, SQLite overwrites it only if it was emptied.
const CheckpointAt = 1000

const (
	logHeader   = 32
	frameHeader = 24
)

// OpenTail makes a Tail of the database at path, which the caller has open.
func OpenTail(path string) (*Tail, error) {
	f, err := os.Open(path + "-wal") // #nosec G304 -- beside the database
	if err != nil {
		return nil, err
	}
	return &Tail{log: f, unread: map[uint32]int64{}}, nil
}

// Close closes the log.
func (t *Tail) Close() error { return t.log.Close() }

// Read notes which pages the last commit has changed. It adds to p those that SQLite may overwrite before Load is called.
func (t *Tail) Read(p *Pages, at Moment) error {
	switch {
	case at == AfterFailure:
		return t.fail(p)
	case at == BeforeEmptying:
	case !t.sure:
		return t.check(p)
	default:
		if err := t.look(); err != nil {
			return err
		}
		if t.at < logHeader+CheckpointAt*t.frame() {
			return nil
		}
	}
	return t.Load(p)
}

// frame is the size of a frame.
func (t *Tail) frame() int64 { return frameHeader + int64(binary.BigEndian.Uint32(t.head[8:])) }

// Waits says whether pages are to be loaded.
func (t *Tail) Waits() bool { return len(t.unread) > 0 }

// Load adds to p the newest state of the pages that Read has noted. One commit may happen meanwhile, since it only appends; a second one
// must not.
func (t *Tail) Load(p *Pages) error {
	size, alone := t.frame(), len(t.unread) == 1
	for n, at := range t.unread {
		t.buf = slices.Grow(t.buf[:0], int(size))[:size]
		if _, err := t.log.ReadAt(t.buf, at); err != nil && !errors.Is(err, io.EOF) {
			return err
		} else if err != nil || binary.BigEndian.Uint32(t.buf) != n || !t.salted(t.buf) {
			return errMissed
		}
		t.put(p, n, t.buf[frameHeader:], alone)
		if len(p.pages) > 0 {
			p.size = t.size
		}
	}
	clear(t.unread)
	return nil
}

// put adds a page. Page 1 as it was last is no change when it is the only page of a commit: Store.Probe of package sqlite writes it so.
func (t *Tail) put(p *Pages, n uint32, page []byte, alone bool) {
	if n == 1 {
		if alone && bytes.Equal(page, t.one) {
			return
		}
		t.one = append(t.one[:0], page...)
	}
	p.put(n, page)
}

// salted says whether a frame has the salt of this log. A failed commit leaves such frames too.
func (t *Tail) salted(frame []byte) bool { return [8]byte(frame[8:16]) == [8]byte(t.head[16:24]) }

var errMissed = errors.New("the write-ahead log began anew before it was read")

// look reads the headers of the frames that were added.
func (t *Tail) look() error {
	found, err := t.headers()
	if found || err != nil {
		return err
	}
	anew, err := t.begins()
	if anew && err == nil {
		_, err = t.headers()
	}
	return err
}

// headers reads the headers of frames up to the end of the last commit.
func (t *Tail) headers() (found bool, err error) {
	var h [frameHeader]byte
	var pages []uint32 // of a commit of which the end has not come
	size := t.frame()
	for at := t.at; ; at += size {
		if _, err := t.log.ReadAt(h[:], at); errors.Is(err, io.EOF) || err == nil && !t.salted(h[:]) {
			return found, nil
		} else if err != nil {
			return found, err
		}
		pages = append(pages, binary.BigEndian.Uint32(h[:]))
		if n := binary.BigEndian.Uint32(h[4:]); n != 0 {
			for i, page := range pages {
				t.unread[page] = t.at + int64(i)*size
			}
			found, pages = true, pages[:0]
			t.size, t.at = n, at+size
			t.sum = [2]uint32{binary.BigEndian.Uint32(h[16:]), binary.BigEndian.Uint32(h[20:])}
		}
	}
}

// begins says whether the log began anew since it was read, and then goes to its beginning.
func (t *Tail) begins() (bool, error) {
	var head [logHeader]byte
	if _, err := t.log.ReadAt(head[:], 0); errors.Is(err, io.EOF) { // it was emptied
		return false, nil
	} else if err != nil {
		return false, err
	}
	sum := checksum(orderOf(head), [2]uint32{}, head[:24])
	if head == t.head || binary.BigEndian.Uint32(head[24:]) != sum[0] || binary.BigEndian.Uint32(head[28:]) != sum[1] {
		return false, nil
	}
	if t.Waits() {
		return false, errMissed
	}
	t.sure = t.head != [logHeader]byte{}
	t.head, t.at, t.sum, t.failed = head, logHeader, sum, nil
	return true, nil
}

// orderOf is the byte order of the sums of a log.
func orderOf(head [logHeader]byte) binary.ByteOrder {
	if head[3]&1 == 1 {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// fail remembers the sum of what a failed commit has left, if that looks like a commit.
func (t *Tail) fail(p *Pages) error {
	if err := t.Load(p); err != nil {
		return err
	}
	_, err := t.begins() // the failed commit may have been the first one of a new log
	t.sure, t.failed = false, nil
	if err != nil || t.head == [logHeader]byte{} {
		return err
	}
	was := *t
	err = t.frames(&Pages{})
	if at, sum := t.at, t.sum; at != was.at {
		was.failed = &sum
	}
	*t = was
	return err
}

// check adds to p what whole commits have changed.
func (t *Tail) check(p *Pages) error {
	if _, err := t.begins(); err != nil || t.head == [logHeader]byte{} {
		return err
	}
	was, found := *t, Pages{}
	if err := t.frames(&found); err != nil {
		return err
	}
	if t.failed != nil && t.sum == *t.failed { // no commit has overwritten it yet
		*t = was
		return nil
	}
	p.Before(found)
	return nil
}

// frames reads whole frames, checks their sums, and goes to the end of the last commit.
func (t *Tail) frames(p *Pages) error {
	t.one = bytes.Clone(t.one) // the caller may go back
	size := int(t.frame())
	for frames := readAtOnce; ; {
		t.buf = slices.Grow(t.buf[:0], frames*size)
		n, err := t.log.ReadAt(t.buf[:frames*size], t.at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		whole, valid := t.commits(orderOf(t.head), t.buf[:n/size*size], size)
		for all := t.buf[:whole]; len(all) > 0; all = all[size:] {
			t.put(p, binary.BigEndian.Uint32(all), all[frameHeader:size], true)
			if n := binary.BigEndian.Uint32(all[4:]); n != 0 && len(p.pages) > 0 {
				p.size = n
			}
		}
		switch {
		case !valid || n < frames*size:
			if cap(t.buf) > 1<<20 {
				t.buf = nil
			}
			return nil
		case whole == 0: // a commit that is larger than the buffer
			frames *= 4
		}
	}
}

const readAtOnce = 64 // frames

// commits checks frames, and gives the length of those that are whole commits. valid says whether all frames are of this log.
func (t *Tail) commits(order binary.ByteOrder, frames []byte, size int) (whole int, valid bool) {
	sum, from := t.sum, t.at
	for at := 0; at < len(frames); at += size {
		frame := frames[at : at+size]
		sum = checksum(order, checksum(order, sum, frame[:8]), frame[frameHeader:])
		if [8]byte(frame[8:16]) != [8]byte(t.head[16:24]) || binary.BigEndian.Uint32(frame[16:]) != sum[0] ||
			binary.BigEndian.Uint32(frame[20:]) != sum[1] {
			return whole, false
		}
		if binary.BigEndian.Uint32(frame[4:]) != 0 {
			whole = at + size
			t.at, t.sum = from+int64(whole), sum
		}
	}
	return whole, true
}

// checksum is that of the write-ahead log. len(b) is a multiple of 8.
func checksum(order binary.ByteOrder, s [2]uint32, b []byte) [2]uint32 {
	s0, s1 := s[0], s[1]
	if order == binary.LittleEndian {
		for ; len(b) >= 8; b = b[8:] {
			v := binary.LittleEndian.Uint64(b)
			s0 += uint32(v) + s1 // #nosec G115 -- its lower half
			s1 += uint32(v>>32) + s0
		}
		return [2]uint32{s0, s1}
	}
	for ; len(b) >= 8; b = b[8:] {
		s0 += binary.BigEndian.Uint32(b) + s1
		s1 += binary.BigEndian.Uint32(b[4:]) + s0
	}
	return [2]uint32{s0, s1}
}
