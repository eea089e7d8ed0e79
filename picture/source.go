package picture

import (
	"bufio"
	"errors"
	"io"
)

// tape reads a body from front to back and knows its place. Reads beyond the end are ErrBroken; other errors are those of the body.
type tape struct {
	from io.ReadSeeker
	buf  *bufio.Reader
	at   int64
	size int64
}

// open begins at the first byte of a body.
func open(r io.ReadSeeker) (*tape, error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	t := &tape{from: r, buf: bufio.NewReaderSize(nil, 32<<10), size: size, at: -1}
	return t, t.seek(0)
}

func (t *tape) seek(at int64) error {
	if at < 0 || at > t.size {
		return ErrBroken
	}
	if at == t.at {
		return nil
	}
	if ahead := at - t.at; t.at >= 0 && ahead > 0 && ahead <= int64(t.buf.Buffered()) {
		_, err := t.buf.Discard(int(ahead))
		t.at = at
		return err
	}
	if _, err := t.from.Seek(at, io.SeekStart); err != nil {
		return err
	}
	t.buf.Reset(t.from)
	t.at = at
	return nil
}

// skip moves ahead by n bytes.
func (t *tape) skip(n int64) error {
	if n < 0 || n > t.size-t.at {
		return ErrBroken
	}
	return t.seek(t.at + n)
}

func (t *tape) byte() (byte, error) {
	b, err := t.buf.ReadByte()
	if err != nil {
		return 0, atEnd(err)
	}
	t.at++
	return b, nil
}

// bytes reads n bytes into memory of its own.
func (t *tape) bytes(n int) ([]byte, error) {
	if n < 0 || int64(n) > t.size-t.at {
		return nil, ErrBroken
	}
	b := make([]byte, n)
	_, err := io.ReadFull(t.buf, b)
	t.at += int64(n)
	return b, atEnd(err)
}

func atEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrBroken
	}
	return err
}
