package dynamodb

import (
	"context"
	"errors"

	"github.com/canteen-chat/canteen/chat"
)

// errPartialCommit says that a read saw only part of a concurrent transaction. DynamoDB isolates reads of single items from
// transactions; queries and batches are isolated item by item only (developer guide, "Isolation levels for DynamoDB
// transactions"). A few milliseconds later the whole commit is visible.
var errPartialCommit = errors.New("only part of a commit was visible")

const partialCommitTries = 6 // with pauses of at most 0.6 s together

// read runs f, which only reads. It runs f again while f sees part of a commit.
func read[T any](ctx context.Context, s *Store, f func(*tx) (T, error)) (T, error) {
	for try := 1; ; try++ {
		out, err := f(&tx{ctx: ctx, s: s, seen: map[key]item{}})
		if !errors.Is(err, errPartialCommit) {
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

// loadReferenced loads an item that another item refers to. If it is missing, a commit was seen in part.
func loadReferenced[T any](t *tx, k key) (T, error) {
	v, err := loadItem[T](t, k)
	if err != nil && chat.ErrorCode(err) == chat.NotFound {
		err = errPartialCommit
	}
	return v, err
}

// trace records in the room's item which message took which revision in the last commit.
type trace struct {
	Rev        int64 `dynamodbav:"r"`
	Seq        int64 `dynamodbav:"s"`
	Thread     int64 `dynamodbav:"t,omitempty"` // root of the message's thread; 0 if none
	Posted     bool  `dynamodbav:"p,omitempty"`
	InTimeline bool  `dynamodbav:"i,omitempty"` // the message is in the timeline
}

// checkPage returns errPartialCommit if a page lacks a change of the room's last commit. Earlier commits are visible as a
// whole: the last one required the room's item as they left it.
func (r room) checkPage(q chat.PageQuery, p chat.Page) error {
	for _, c := range r.Trace {
		found := false
		for _, m := range p.Messages {
			if m.Seq == c.Seq {
				found = true
				if m.Rev < c.Rev {
					return errPartialCommit
				}
			}
		}
		inRange := c.Posted && (q.Thread == 0 && c.InTimeline || q.Thread > 0 && c.Thread == q.Thread)
		atEnd := len(p.Messages) == 0 || c.Seq > p.Messages[len(p.Messages)-1].Seq
		requested := (q.Before == nil || c.Seq < *q.Before) && (q.After == nil || c.Seq > *q.After)
		if !found && inRange && atEnd && requested && !p.MoreAfter {
			return errPartialCommit
		}
	}
	return nil
}
