package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"
)

const (
	format       = 1
	headerFile   = "canteen-backup.json"
	databaseFile = "canteen.db"
	bodies       = "files/" // before the key of a body
	sumsFile     = "SHA256SUMS"

	block     = 512      // bytes: of what tar archives consist
	maxHeader = 64 << 10 // bytes
)

// Sum is a SHA-256 digest.
type Sum = [sha256.Size]byte

// Header is the first member of a backup.
type Header struct {
	Format  int       `json:"canteen_backup"` // 1; readers refuse others
	At      time.Time `json:"at"`             // when the database was copied, in whole seconds
	Program string    `json:"program"`        // version of Canteen that made the backup
	Schema  int       `json:"schema"`         // of the database
	Files   int       `json:"files"`          // number of bodies
}

// writer writes an archive. Its errors are those of the writer below, and those of the readers that it is given.
type writer struct {
	out  io.Writer
	all  hash.Hash // of all bytes so far
	tar  *tar.Writer
	at   time.Time
	sums bytes.Buffer // lines of SHA256SUMS
}

func newWriter(out io.Writer, h Header) (*writer, error) {
	w := &writer{out: out, all: sha256.New(), at: h.At}
	w.tar = tar.NewWriter(io.MultiWriter(w.all, out))
	b, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	_, err = w.add(headerFile, bytes.NewReader(append(b, '\n')), int64(len(b)+1))
	return w, err
}

// add writes a member and gives its digest. r must have size bytes; if it has less or more, the error is errSize.
func (w *writer) add(name string, r io.Reader, size int64) (sum Sum, err error) {
	if err := w.tar.WriteHeader(member(name, size, w.at)); err != nil {
		return sum, err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(h, w.tar), io.LimitReader(r, size))
	if err != nil {
		return sum, err
	}
	if more, _ := r.Read(make([]byte, 1)); n < size || more > 0 {
		return sum, errSize
	}
	sum = Sum(h.Sum(nil))
	_, err = fmt.Fprintf(&w.sums, "%x  %s\n", sum, name)
	return sum, err
}

var errSize = errors.New("it has another size than its row says")

// close ends the archive. It does not close the writer below.
func (w *writer) close() error {
	if err := w.tar.Flush(); err != nil { // the padding of the last member
		return err
	}
	end, err := ending(Sum(w.all.Sum(nil)), w.sums.Bytes(), w.at)
	if err != nil {
		return err
	}
	_, err = w.out.Write(end)
	return err
}

// ending is the last member with its header, and the end of the archive.
func ending(all Sum, sums []byte, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	text := append(fmt.Appendf(nil, "# %x  all bytes before this member\n", all), sums...)
	w := tar.NewWriter(&out)
	err := w.WriteHeader(member(sumsFile, int64(len(text)), at))
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = w.Close()
	}
	return out.Bytes(), err
}

func member(name string, size int64, at time.Time) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: at}
}
