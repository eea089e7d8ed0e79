package s3

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/canteen-chat/canteen/files"
)

// skipped is how many bytes are read and thrown away rather than asking S3 once more.
const skipped = 1 << 20

// Open implements files.Bodies. Nothing is read yet but the size.
func (b *Bodies) Open(ctx context.Context, key string) (files.Body, error) {
	if err := check(key); err != nil {
		return nil, err
	}
	bucket, name := b.at(key)
	head, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: name})
	if err != nil {
		return nil, problem("open a body", err)
	}
	return &body{Bodies: b, ctx: ctx, key: key, tag: head.ETag, size: aws.ToInt64(head.ContentLength)}, nil
}

// body reads an object from where it was sought to, up to its end. It asks S3 again only after a jump.
type body struct {
	*Bodies
	ctx    context.Context //nolint:containedctx // a reader has no other way to get one
	key    string
	tag    *string // so that a body which is replaced meanwhile is not mixed with its successor
	size   int64
	at     int64 // where the next Read begins
	stream io.ReadCloser
	ahead  int64 // where stream stands
}

// Size implements files.Body.
func (r *body) Size() int64 { return r.size }

// Seek implements io.Seeker.
func (r *body) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning of a body")
	}
	r.at = offset
	return offset, nil
}

// Read implements io.Reader.
func (r *body) Read(p []byte) (int, error) {
	if r.at >= r.size {
		return 0, io.EOF
	}
	if err := r.move(); err != nil {
		return 0, err
	}
	n, err := r.stream.Read(p)
	r.at += int64(n)
	r.ahead = r.at
	if errors.Is(err, io.EOF) {
		err = nil
		if r.at < r.size && n == 0 {
			err = io.ErrUnexpectedEOF
		}
	}
	if err != nil {
		return n, fmt.Errorf("S3: read a body: %w", err)
	}
	return n, nil
}

// move brings the stream to where the next Read begins.
func (r *body) move() error {
	if r.stream != nil && r.at >= r.ahead && r.at-r.ahead <= skipped {
		n, err := io.CopyN(io.Discard, r.stream, r.at-r.ahead)
		r.ahead += n
		if err != nil {
			return fmt.Errorf("S3: read a body: %w", err)
		}
		return nil
	}
	if err := r.Close(); err != nil {
		return err
	}
	bucket, name := r.Bodies.at(r.key)
	out, err := r.client.GetObject(r.ctx, &s3.GetObjectInput{Bucket: bucket, Key: name, IfMatch: r.tag,
		Range: aws.String(fmt.Sprintf("bytes=%d-", r.at))})
	if err != nil {
		return problem("read a body", err)
	}
	r.stream, r.ahead = out.Body, r.at
	return nil
}

// Close implements io.Closer.
func (r *body) Close() error {
	if r.stream == nil {
		return nil
	}
	err := r.stream.Close()
	r.stream = nil
	return err
}
