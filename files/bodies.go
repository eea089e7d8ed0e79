package files

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// PartSize is the size in bytes of each part of an upload but the last, which is the rest.
const PartSize = 8 << 20

// Sum is a SHA-256 digest. The zero Sum means that none was stated.
type Sum [32]byte

// Upload is an upload in progress.
type Upload struct {
	ID   string // of the file
	Size int64  // in bytes, at least 1
	Home string // what Begin returned
}

// Parts is the number of parts of the upload. They count from 1.
func (u Upload) Parts() int { return int((u.Size + PartSize - 1) / PartSize) }

// PartSize is the size in bytes of part n, and 0 if there is no such part.
func (u Upload) PartSize(n int) int64 {
	if n < 1 || n > u.Parts() {
		return 0
	}
	return min(PartSize, u.Size-int64(n-1)*PartSize)
}

// Place says where a client puts a part.
type Place struct {
	URL    string            // absolute; "" if the server itself takes the part, by Bodies.PutPart
	Header map[string]string // to be sent with the part
}

// Parts takes bodies in parts. Its errors are those of package chat: NotFound means that the upload does not exist any more, and
// Unavailable that there is no room.
type Parts interface {
	// Begin reserves room for an upload of size bytes. The result is kept in Upload.Home.
	Begin(ctx context.Context, id string, size int64) (home string, err error)
	// Place says where a client puts part n, which has the digest sum.
	Place(ctx context.Context, u Upload, n int, sum Sum) (Place, error)
	// PutPart stores part n. If it returns nil, the part outlives the process; Done says if it was lost later. It reads from r exactly the
	// size of the part. Invalid means that r had less or more, or another digest than sum; then nothing was stored. A part that is stored
	// already stays as it is: putting the same bytes again is nil, putting others is Invalid. A home whose Place has a URL refuses all
	// parts with NotFound.
	PutPart(ctx context.Context, u Upload, n int, r io.Reader, sum Sum) error
	// Have lists the stored parts in ascending order.
	Have(ctx context.Context, u Upload) ([]int, error)
	// Done makes the parts a body whose key is the id. If it returns nil, the body is whole and durable. Conflict names missing parts. It
	// may be repeated, also at the same time.
	Done(ctx context.Context, u Upload) error
	// Abort deletes an upload. It is nil if there is none, and leaves a body that Done made.
	Abort(ctx context.Context, u Upload) error
}

// Bodies keeps bodies, by key. A key has the form of [IsKey].
type Bodies interface {
	Parts
	// Put stores a body of size bytes, read from r, in place of the one that had the key. Readers see the one or the other.
	Put(ctx context.Context, key, mediaType string, r io.Reader, size int64) error
	// Open opens a body for reading: NotFound if there is none. The caller closes it.
	Open(ctx context.Context, key string) (Body, error)
	// URL is where the body can be read without further authorization for at most a minute, with GET only; "" if the server has to send it.
	URL(ctx context.Context, key string, as Headers) (string, error)
	// Delete deletes bodies, and what is left of uploads if their keys are as in List. Those that do not exist are no error.
	Delete(ctx context.Context, keys ...string) error
	// List lists at most limit keys above after, in ascending order, with what is left of uploads unless the home itself deletes that.
	List(ctx context.Context, after string, limit int) ([]Stored, error)
}

// Body is an open body.
type Body interface {
	io.ReadSeekCloser
	Size() int64
}

// Headers are headers of the answer with a body.
type Headers struct {
	Type, Disposition string
}

// Stored is a body or an upload as List shows it.
type Stored struct {
	Key string
	At  time.Time // when it was last written
}

// IDOf is the id in the key of a body of a file. ok is false for bodies that belong to no file, such as custom emoji.
func IDOf(key string) (id string, ok bool) {
	id, _, _ = strings.Cut(key, ".")
	return id, chat.IsID(id)
}

// ThumbKey is the key of a thumbnail of a file.
func ThumbKey(id string, size int) string { return id + "." + strconv.Itoa(size) }

// IsKey says whether s can be the key of a body: an id, perhaps with a prefix of one letter or a suffix of up to four letters or digits.
func IsKey(s string) bool {
	prefix, rest, dotted := strings.Cut(s, ".")
	switch {
	case !dotted:
		return chat.IsID(s)
	case chat.IsID(prefix):
		return rest != "" && len(rest) <= 4 && strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
	}
	return len(prefix) == 1 && prefix[0] >= 'a' && prefix[0] <= 'z' && chat.IsID(rest)
}

// Errors that homes share.

// ErrMissing names parts that are missing.
func ErrMissing(parts []int) error {
	const shown = 20
	names, more := make([]string, 0, shown), ""
	for _, n := range parts[:min(len(parts), shown)] {
		names = append(names, strconv.Itoa(n))
	}
	if len(parts) > shown {
		more = " and others"
	}
	return chat.Errorf(chat.Conflict, "The upload is not complete: parts %s%s are missing.", strings.Join(names, ", "), more)
}

// ErrDigest is the error for a part with another digest than stated.
func ErrDigest() error {
	return chat.InvalidField("sha256", "The bytes do not have this digest. Something changed them on the way: send them again.")
}

// ErrLength is the error for a part that is shorter or longer than its size.
func ErrLength(size int64) error {
	return chat.Errorf(chat.Invalid, "This part must have exactly %d bytes.", size)
}
