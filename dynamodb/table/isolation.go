package table

import (
	"context"
	"errors"

	"github.com/canteen-chat/canteen/chat"
)

// ErrPartialCommit says that a read saw only part of a concurrent transaction. DynamoDB isolates reads of single items from
// transactions; queries and batches are isolated item by item only (developer guide, "Isolation levels for DynamoDB
// transactions"). A few milliseconds later the whole commit is visible.
var ErrPartialCommit = errors.New("only part of a commit was visible")

const partialCommitTries = 6 // with pauses of at most 0.6 s together

// Read runs f, which only reads. It runs f again while f returns [ErrPartialCommit], and then returns Unavailable.
func Read[T any](ctx context.Context, d *DB, f func(*Tx) (T, error)) (T, error) {
	for try := 1; ; try++ {
		out, err := f(NewReader(ctx, d))
		if !errors.Is(err, ErrPartialCommit) {
			return out, err
		}
		if try == partialCommitTries {
			return out, chat.ErrUnavailable(err)
		}
		if err := pause(ctx, try); err != nil {
			return out, err
		}
	}
}

// NewReader makes a Tx that only reads and runs once.
func NewReader(ctx context.Context, d *DB) *Tx {
	return &Tx{ctx: ctx, db: d, Seen: map[Key]Item{}}
}
