package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Tail reads what is added to the write-ahead log of a database (https://sqlite.org/fileformat2.html#the_write_ahead_log). It misses nothing
// if it reads after each commit, before the next one begins: a log begins anew only then.
type Tail struct {
	path string
	log  *os.File
	head [32]byte // header of the log that was read last
	at   int64    // offset of the first frame that was not read
	sum  [2]uint32
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

// Read appends the frames of all commits since the last call to buf: header and page of each, the last of a commit with the size of the
// database.
func (t *Tail) Read(buf []byte) ([]byte, error) {
	var head [logHeader]byte
	if _, err := t.log.ReadAt(head[:], 0); errors.Is(err, io.EOF) { // it was emptied
		return buf, nil
	} else if err != nil {
		return buf, err
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if head[3]&1 == 1 {
		order = binary.BigEndian
	}
	if head != t.head { // another log
		sum := checksum(order, [2]uint32{}, head[:24])
		if binary.BigEndian.Uint32(head[24:]) != sum[0] || binary.BigEndian.Uint32(head[28:]) != sum[1] {
			return buf, nil
		}
		t.head, t.at, t.sum = head, logHeader, sum
	}
	frame := make([]byte, frameHeader+int64(binary.BigEndian.Uint32(head[8:])))
	whole, sum := len(buf), t.sum
	for at := t.at; ; at += int64(len(frame)) {
		if _, err := t.log.ReadAt(frame, at); errors.Is(err, io.EOF) {
			return buf[:whole], nil
		} else if err != nil {
			return buf[:whole], err
		}
		sum = checksum(order, checksum(order, sum, frame[:8]), frame[frameHeader:])
		if [8]byte(frame[8:16]) != [8]byte(head[16:24]) || binary.BigEndian.Uint32(frame[16:]) != sum[0] ||
			binary.BigEndian.Uint32(frame[20:]) != sum[1] {
			return buf[:whole], nil
		}
		buf = append(buf, frame...)
		if binary.BigEndian.Uint32(frame[4:]) != 0 {
			whole, t.at, t.sum = len(buf), at+int64(len(frame)), sum
		}
	}
}

// checksum is that of the write-ahead log. len(b) is a multiple of 8.
func checksum(order binary.ByteOrder, s [2]uint32, b []byte) [2]uint32 {
	if order == binary.LittleEndian {
		for ; len(b) >= 8; b = b[8:] {
			s[0] += binary.LittleEndian.Uint32(b) + s[1]
			s[1] += binary.LittleEndian.Uint32(b[4:]) + s[0]
		}
		return s
	}
	for ; len(b) >= 8; b = b[8:] {
		s[0] += binary.BigEndian.Uint32(b) + s[1]
		s[1] += binary.BigEndian.Uint32(b[4:]) + s[0]
	}
	return s
}

// Replay applies frames that a Tail has read to a copy of the database that nobody has open.
func Replay(db *os.File, frames []byte) error {
	var head [18]byte
	if _, err := db.ReadAt(head[:], 0); err != nil {
		return fmt.Errorf("the database is damaged: %w", err)
	}
	page := int64(binary.BigEndian.Uint16(head[16:]))
	if page == 1 {
		page = 65536
	}
	size := int(page) + frameHeader
	if page < 512 || len(frames)%size != 0 {
		return errors.New("these frames are not of this database")
	}
	for ; len(frames) > 0; frames = frames[size:] {
		n := int64(binary.BigEndian.Uint32(frames))
		if _, err := db.WriteAt(frames[frameHeader:size], (n-1)*page); err != nil {
			return err
		}
		if pages := binary.BigEndian.Uint32(frames[4:]); pages != 0 {
			if err := db.Truncate(int64(pages) * page); err != nil {
				return err
			}
		}
	}
	return nil
}
