package disk

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
)

const (
	sumSize = int64(sha256.Size)
	chunk   = 64 << 10 // bytes of a part in memory
)

// Begin implements files.Parts.
func (b *Bodies) Begin(_ context.Context, id string, size int64) (string, error) {
	if err := check(id); err != nil {
		return "", err
	}
	f, err := b.root.OpenFile(id+uploading, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", problem(err)
	}
	u := files.Upload{ID: id, Size: size}
	err = b.allocate(f, sumAt(u, u.Parts()+1))
	if err == nil && b.Enough != nil && !b.Enough() {
		err = unix.ENOSPC
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = b.sync()
	}
	if err != nil {
		return "", errors.Join(problem(err), b.remove(id+uploading))
	}
	return "", nil
}

// sumAt is where the digest of part n stands.
func sumAt(u files.Upload, n int) int64 { return u.Size + int64(n-1)*sumSize }

// Place implements files.Parts.
func (b *Bodies) Place(_ context.Context, _ files.Upload, _ int, sum files.Sum) (files.Place, error) {
	if sum == (files.Sum{}) {
		return files.Place{}, nil
	}
	return files.Place{Header: map[string]string{"Content-Digest": "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"}}, nil
}

// PutPart implements files.Parts.
func (b *Bodies) PutPart(_ context.Context, u files.Upload, n int, r io.Reader, sum files.Sum) error {
	if u.PartSize(n) == 0 {
		return chat.ErrNotFound()
	}
	h, release := b.hold(u.ID)
	defer release()
	f, err := b.open(u)
	if err != nil {
		return err
	}
	return errors.Join(problem(putPart(part{h, f, u, n}, r, sum)), f.Close())
}

// open opens the file of an upload: NotFound if there is none.
func (b *Bodies) open(u files.Upload) (*os.File, error) {
	if err := check(u.ID); err != nil {
		return nil, err
	}
	f, err := b.root.OpenFile(u.ID+uploading, os.O_RDWR, 0)
	return f, problem(err)
}

// part is a part that is being stored.
type part struct {
	h *holder
	f *os.File
	u files.Upload
	n int
}

// write runs f unless the upload is over.
func (p part) write(f func() error) error {
	p.h.RLock()
	defer p.h.RUnlock()
	if p.h.over {
		return chat.ErrNotFound()
	}
	return f()
}

// WriteAt implements io.WriterAt.
func (p part) WriteAt(bytes []byte, at int64) (n int, err error) {
	err = p.write(func() (err error) {
		n, err = p.f.WriteAt(bytes, at)
		return err
	})
	return n, err
}

func putPart(p part, r io.Reader, sum files.Sum) error {
	stored, err := sumOf(p.f, p.u, p.n)
	if err != nil {
		return err
	}
	size, h := p.u.PartSize(p.n), sha256.New()
	to := io.Writer(h)
	if stored == (files.Sum{}) { // what is stored already is not written again
		to = io.MultiWriter(h, io.NewOffsetWriter(p, int64(p.n-1)*files.PartSize))
	}
	copied, err := io.CopyBuffer(onlyWriter{to}, io.LimitReader(r, size), make([]byte, chunk))
	if err != nil {
		return err
	}
	more, err := io.ReadFull(r, make([]byte, 1))
	if copied < size || more > 0 {
		return files.ErrLength(size)
	} else if ended(err) != nil {
		return err
	}
	got := files.Sum(h.Sum(nil))
	if sum != (files.Sum{}) && got != sum || stored != (files.Sum{}) && got != stored {
		return files.ErrDigest()
	}
	if stored == got {
		return nil
	}
	return p.write(func() error {
		if _, err := p.f.WriteAt(got[:], sumAt(p.u, p.n)); err != nil {
			return err
		}
		// Starts to write the bytes to the disk, so that Done has little left, and waits for nothing: posts would wait as well.
		err := unix.SyncFileRange(int(p.f.Fd()), int64(p.n-1)*files.PartSize, size, unix.SYNC_FILE_RANGE_WRITE)
		if errors.Is(err, unix.ESPIPE) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) {
			return nil
		}
		return err
	})
}

// onlyWriter hides other methods of a writer, so that io.CopyBuffer uses its buffer.
type onlyWriter struct{ io.Writer }

// sumOf reads the digest of part n: zero if the part is not there.
func sumOf(f io.ReaderAt, u files.Upload, n int) (sum files.Sum, err error) {
	_, err = f.ReadAt(sum[:], sumAt(u, n))
	return sum, err
}

// Have implements files.Parts.
func (b *Bodies) Have(_ context.Context, u files.Upload) ([]int, error) {
	f, err := b.open(u)
	if err != nil {
		return nil, err
	}
	have, _, err := parts(f, u)
	return have, errors.Join(err, f.Close())
}

// parts says which parts are there and which are missing.
func parts(f io.ReaderAt, u files.Upload) (have, missing []int, err error) {
	for n := 1; n <= u.Parts(); n++ {
		sum, err := sumOf(f, u, n)
		switch {
		case err != nil:
			return nil, nil, err
		case sum == (files.Sum{}):
			missing = append(missing, n)
		default:
			have = append(have, n)
		}
	}
	return have, missing, nil
}

// Done implements files.Parts.
func (b *Bodies) Done(ctx context.Context, u files.Upload) error {
	h, release := b.hold(u.ID)
	defer release()
	h.Lock()
	defer h.Unlock()
	f, err := b.open(u)
	if chat.ErrorCode(err) == chat.NotFound { // done already?
		return b.isWhole(ctx, u)
	} else if err != nil {
		return err
	}
	if err = errors.Join(finish(f, u), f.Close()); err != nil {
		return problem(err)
	}
	h.over = true
	return problem(b.settle(u.ID+uploading, u.ID))
}

// isWhole is NotFound unless there is a body. Its size may be another than that of the upload: metadata may be gone already.
func (b *Bodies) isWhole(ctx context.Context, u files.Upload) error {
	body, err := b.Open(ctx, u.ID)
	if err != nil {
		return err
	}
	return body.Close()
}

// finish checks that all parts are there and still have their digests, and cuts the file to its size. A damaged part is missing.
func finish(f *os.File, u files.Upload) error {
	if info, err := f.Stat(); err != nil || info.Size() == u.Size { // an earlier Done came as far as this
		return err
	}
	_, missing, err := parts(f, u)
	if err != nil {
		return err
	}
	for n := 1; n <= u.Parts() && len(missing) == 0; n++ {
		h := sha256.New()
		part := io.NewSectionReader(f, int64(n-1)*files.PartSize, u.PartSize(n))
		if _, err := io.CopyBuffer(onlyWriter{h}, onlyReader{part}, make([]byte, chunk)); err != nil {
			return err
		}
		want, err := sumOf(f, u, n)
		if err != nil {
			return err
		}
		if files.Sum(h.Sum(nil)) != want {
			if _, err := f.WriteAt(make([]byte, sumSize), sumAt(u, n)); err != nil {
				return err
			}
			missing = append(missing, n)
		}
	}
	if len(missing) > 0 {
		return files.ErrMissing(missing)
	}
	return errors.Join(f.Truncate(u.Size), f.Sync())
}

// onlyReader hides other methods of a reader, so that io.CopyBuffer uses its buffer.
type onlyReader struct{ io.Reader }

// Abort implements files.Parts.
func (b *Bodies) Abort(_ context.Context, u files.Upload) error {
	if err := check(u.ID); err != nil {
		return err
	}
	h, release := b.hold(u.ID)
	defer release()
	h.Lock()
	defer h.Unlock()
	h.over = true
	return b.remove(u.ID + uploading)
}
