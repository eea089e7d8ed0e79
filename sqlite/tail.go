package sqlite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
)

// Tail reads what is added to the write-ahead log of a database (https://sqlite.org/fileformat2.html#the_write_ahead_log). It misses
// nothing if it reads after each commit, before the next one begins: a log begins anew only then.
type Tail struct {
	path string
	log  *os.File
	head [32]byte // header of the log that was read last
	at   int64    // offset of the first frame that was not read
	sum  [2]uint32
	buf  []byte // what is being read
	one  []byte // page 1 as it was read last

	taken int // frames in the last call of Read
}

// Pages are what commits have changed in a database: each page as the last of them left it.
type Pages struct {
	size  uint32 // of the database, in pages; 0: nothing was changed
	pages map[uint32][]byte
}

// Empty says whether nothing was changed.
func (p *Pages) Empty() bool { return p.size == 0 }

// Bytes is how much memory the pages take.
func (p *Pages) Bytes() (n int) {
	for _, page := range p.pages {
		return len(p.pages) * len(page)
	}
	return 0
}

// take adds the frames of whole commits to p. A commit that only writes page 1 as it was, as Store.Probe does, changes nothing.
func (t *Tail) take(p *Pages, frames []byte, size int) {
	if p.pages == nil {
		p.pages = map[uint32][]byte{}
	}
	for ; len(frames) > 0; frames = frames[size:] {
		n := binary.BigEndian.Uint32(frames)
		page := frames[frameHeader:size]
		if n != 1 || !bytes.Equal(page, t.one) {
			p.pages[n] = append(p.pages[n][:0], page...)
		}
		if n == 1 {
			t.one = append(t.one[:0], page...)
		}
		if pages := binary.BigEndian.Uint32(frames[4:]); pages != 0 && len(p.pages) > 0 {
			p.size = pages
		}
	}
}

// Before adds what later commits have changed, which takes precedence.
func (p *Pages) Before(later Pages) {
	if later.Empty() {
		return
	}
	if p.pages == nil {
		p.pages = map[uint32][]byte{}
	}
	maps.Copy(p.pages, later.pages)
	p.size = later.size
}

// Encode is the size of the database in pages, the number of each page and the page itself, for Replay.
func (p *Pages) Encode() []byte {
	if p.Empty() {
		return nil
	}
	out := binary.BigEndian.AppendUint32(make([]byte, 0, p.Bytes()+4*len(p.pages)+4), p.size)
	for _, n := range slices.Sorted(maps.Keys(p.pages)) {
		out = append(binary.BigEndian.AppendUint32(out, n), p.pages[n]...)
	}
	return out
}

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
	return &Tail{path: path, log: f}, nil
}

// Close closes the log.
func (t *Tail) Close() error { return t.log.Close() }

// Read adds to p what the commits since the last call have changed.
func (t *Tail) Read(p *Pages) error {
	var head [logHeader]byte
	if _, err := t.log.ReadAt(head[:], 0); errors.Is(err, io.EOF) { // it was emptied
		return nil
	} else if err != nil {
		return err
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if head[3]&1 == 1 {
		order = binary.BigEndian
	}
	if head != t.head { // another log
		sum := checksum(order, [2]uint32{}, head[:24])
		if binary.BigEndian.Uint32(head[24:]) != sum[0] || binary.BigEndian.Uint32(head[28:]) != sum[1] {
			return nil
		}
		t.head, t.at, t.sum = head, logHeader, sum
	}
	size := frameHeader + int(binary.BigEndian.Uint32(head[8:]))
	// The log is as long as it ever was, so its length does not say how much is new. As much as last time, and one frame to see the end.
	frames, taken := min(max(t.taken, fewest)+1, readAtOnce), 0
	defer func() { t.taken = taken }()
	for {
		t.buf = slices.Grow(t.buf[:0], frames*size)
		n, err := t.log.ReadAt(t.buf[:frames*size], t.at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		whole, valid := t.commits(order, t.buf[:n/size*size], size)
		t.take(p, t.buf[:whole], size)
		taken += whole / size
		switch {
		case !valid || n < frames*size:
			if cap(t.buf) > 1<<20 {
				t.buf = nil
			}
			return nil
		case whole == 0: // a commit that is larger than the buffer
			frames *= 4
		default:
			frames = max(frames, min(2*frames, readAtOnce))
		}
	}
}

const (
	fewest     = 7  // frames of a commit, about
	readAtOnce = 64 // frames
)

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

// Replay applies what Pages.Encode gave to a copy of the database that nobody has open.
func Replay(db *os.File, changes []byte) error {
	if len(changes) == 0 {
		return nil
	}
	var head [18]byte
	if _, err := db.ReadAt(head[:], 0); err != nil {
		return fmt.Errorf("the database is damaged: %w", err)
	}
	page := int64(binary.BigEndian.Uint16(head[16:]))
	if page == 1 {
		page = 65536
	}
	size := 4 + int(page)
	if page < 512 || len(changes)%size != 4 {
		return errors.New("these changes are not of this database")
	}
	for c := changes[4:]; len(c) > 0; c = c[size:] {
		if _, err := db.WriteAt(c[4:size], (int64(binary.BigEndian.Uint32(c))-1)*page); err != nil {
			return err
		}
	}
	return db.Truncate(int64(binary.BigEndian.Uint32(changes)) * page)
}
