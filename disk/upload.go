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

const sumSize = int64(sha256.Size)

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
func (b *Bodies) PutPart(ctx context.Context, u files.Upload, n int, r io.Reader, sum files.Sum) error {
	if u.PartSize(n) == 0 {
		return chat.ErrNotFound()
	}
	h, release := b.hold(u.ID)
	defer release()
	f, err := b.open(u)
	if err != nil {
		return err
	}
	return errors.Join(problem(putPart(part{ctx: ctx, lane: b.Lane, h: h, f: f, u: u, n: n}, r, sum)), f.Close())
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
	ctx  context.Context
	lane *files.Lane
	h    *holder
	f    *os.File
	u    files.Upload
	n    int
	to   io.Writer
}

// do runs a piece of work unless the upload is over. It waits for the lane last: whoever has the lane waits for no lock.
func (p part) do(piece func() error) error {
	p.h.RLock()
	defer p.h.RUnlock()
	if p.h.over {
		return chat.ErrNotFound()
	}
	return p.lane.Do(p.ctx, piece)
}

// Write implements io.Writer.
func (p part) Write(bytes []byte) (n int, err error) {
	err = p.do(func() (err error) {
		n, err = p.to.Write(bytes)
		return err
	})
	return n, err
}

func putPart(p part, r io.Reader, sum files.Sum) error {
	stored, err := sumOf(p.f, p.u, p.n)
	if err != nil {
		return err
	}
	size, h, at := p.u.PartSize(p.n), sha256.New(), int64(p.n-1)*files.PartSize
	body := &steady{f: p.f, at: at, flushed: at}
	p.to = h
	if stored == (files.Sum{}) { // what is stored already is not written again
		p.to = io.MultiWriter(h, body)
	}
	copied, err := io.CopyBuffer(p, io.LimitReader(r, size), make([]byte, files.LaneChunk))
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
	return p.do(func() error {
		if err := body.flush(); err != nil {
			return err
		}
		_, err := p.f.WriteAt(got[:], sumAt(p.u, p.n))
		return err
	})
}

// sumOf reads the digest of part n: zero if the part is not there. A file that was cut to its size already has all parts and no digests.
func sumOf(f io.ReaderAt, u files.Upload, n int) (sum files.Sum, err error) {
	if _, err = f.ReadAt(sum[:], sumAt(u, n)); !errors.Is(err, io.EOF) {
		return sum, err
	}
	h := sha256.New()
	_, err = io.Copy(h, io.NewSectionReader(f, int64(n-1)*files.PartSize, u.PartSize(n)))
	return files.Sum(h.Sum(nil)), err
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
	if err = errors.Join(b.finish(ctx, f, u), f.Close()); err != nil {
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
func (b *Bodies) finish(ctx context.Context, f *os.File, u files.Upload) error {
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
		if _, err := b.Lane.Copy(ctx, h, part); err != nil {
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
	return b.Lane.Do(ctx, func() error { return errors.Join(f.Truncate(u.Size), f.Sync()) })
}

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
