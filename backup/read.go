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
	"strings"

	"github.com/canteen-chat/canteen/files"
)

// ErrDamaged is the error for an archive that is not as it was written.
var ErrDamaged = errors.New("this backup is damaged or not complete")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrDamaged, fmt.Errorf(format, args...))
}

// Summary is what a reader learned of an archive that is whole.
type Summary struct {
	Header
	Bytes int64          // of the archive
	Sums  map[string]Sum // of the bodies, by key
	Sizes map[string]int64
}

// visitor receives the members of an archive in their order, before it is known that the archive is whole. What it leaves of a body is
// skipped.
type visitor interface {
	database(h Header, r io.Reader, size int64) error
	body(key string, r io.Reader, size int64) error
}

// Read reads an archive to its end and checks all digests. ErrDamaged says that one is wrong, or that the archive ends too early.
func Read(r io.Reader) (Summary, error) { return visit(r, nothing{}) }

type nothing struct{}

func (nothing) database(Header, io.Reader, int64) error { return nil }
func (nothing) body(string, io.Reader, int64) error     { return nil }

// visit is Read with a visitor. Errors of the visitor are returned as they are.
func visit(r io.Reader, v visitor) (Summary, error) {
	in := &reader{below: &lagging{r: r, all: sha256.New()}, s: Summary{Sums: map[string]Sum{}, Sizes: map[string]int64{}}}
	in.tar = tar.NewReader(in.below)
	if err := in.header(); err != nil {
		return in.s, err
	}
	for i := 0; ; i++ {
		h, err := in.tar.Next()
		if err != nil {
			return in.s, damaged("after %d bytes: %w", in.below.n, err)
		}
		key, isBody := strings.CutPrefix(h.Name, bodies)
		switch {
		case h.Typeflag != tar.TypeReg:
			return in.s, damaged("%q is no file", h.Name)
		case i == 0 && h.Name == databaseFile:
			err = in.member(h, func(r io.Reader) error { return v.database(in.s.Header, r, h.Size) })
		case i > 0 && isBody && files.IsKey(key):
			if _, twice := in.s.Sums[key]; twice {
				return in.s, damaged("%q is there twice", h.Name)
			}
			err = in.member(h, func(r io.Reader) error { return v.body(key, r, h.Size) })
			in.s.Sums[key], in.s.Sizes[key] = in.last, h.Size
		case i > 0 && h.Name == sumsFile:
			return in.s, in.end()
		default:
			return in.s, damaged("%q does not belong there", h.Name)
		}
		if err != nil {
			return in.s, err
		}
	}
}

// reader is the state of visit.
type reader struct {
	below *lagging
	tar   *tar.Reader
	s     Summary
	sums  bytes.Buffer
	last  Sum // of the last member
}

// header reads the first member.
func (in *reader) header() error {
	h, err := in.tar.Next()
	if err != nil {
		return damaged("it does not begin like a backup: %w", err)
	}
	if h.Name != headerFile || h.Size > maxHeader {
		return damaged("it does not begin like a backup")
	}
	var b []byte
	if err := in.member(h, func(r io.Reader) (err error) {
		b, err = io.ReadAll(r)
		return err
	}); err != nil {
		return err
	}
	if err := json.Unmarshal(b, &in.s.Header); err != nil {
		return damaged("%s: %w", headerFile, err)
	}
	if in.s.Format != format {
		return fmt.Errorf("this backup has the format %d, and this program knows %d: upgrade the program", in.s.Format, format)
	}
	return nil
}

// member lets use read a member, reads the rest, and keeps its digest.
func (in *reader) member(h *tar.Header, use func(io.Reader) error) error {
	sum := sha256.New()
	r := &failing{r: io.TeeReader(in.tar, sum)}
	err := use(r)
	if err == nil && r.err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	if r.err != nil {
		return damaged("%s: %w", h.Name, r.err)
	}
	in.last = Sum(sum.Sum(nil))
	fmt.Fprintf(&in.sums, "%x  %s\n", in.last, h.Name)
	return err
}

// failing keeps the error of a reader, to tell it from that of whoever uses what was read.
type failing struct {
	r   io.Reader
	err error
}

func (f *failing) Read(b []byte) (int, error) {
	n, err := f.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

// end compares the rest of the archive, from the header of the last member on, with what it must be.
func (in *reader) end() error {
	want, err := ending(Sum(in.below.all.Sum(nil)), in.sums.Bytes(), in.s.At)
	if err != nil {
		return err
	}
	rest, err := io.ReadAll(io.LimitReader(in.below.r, int64(len(want)))) // up to a block more than there must be
	if err != nil {
		return damaged("%w", err)
	}
	got := append(in.below.lag, rest...)
	in.s.Bytes = in.below.n + int64(len(rest))
	if !bytes.Equal(got, want) {
		return damaged("%s", differing(want, got))
	}
	return nil
}

// differing says in which member an archive differs from its digests.
func differing(want, got []byte) string {
	if len(got) < len(want) {
		return "its end is missing"
	}
	theirs := bytes.Split(got, []byte("\n"))
	for i, line := range bytes.Split(want, []byte("\n")) {
		if _, name, ok := bytes.Cut(line, []byte("  ")); i > 0 && ok && i < len(theirs) && !bytes.Equal(line, theirs[i]) {
			return fmt.Sprintf("the digest of %s is another", name)
		}
	}
	return "its digest is another"
}

// lagging hashes what is read from it, but the last block.
type lagging struct {
	r   io.Reader
	all hash.Hash
	lag []byte
	n   int64 // bytes read
}

func (l *lagging) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	l.n += int64(n)
	l.lag = append(l.lag, b[:n]...)
	if over := len(l.lag) - block; over > 0 {
		l.all.Write(l.lag[:over])
		l.lag = append(l.lag[:0], l.lag[over:]...)
	}
	return n, err
}
