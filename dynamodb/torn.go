package dynamodb

import (
	"context"
	"errors"

	"github.com/canteen-chat/canteen/chat"
)

// errPartialCommit says that a transaction of another was seen in part: AWS isolates single items from transactions, and questions and
// batches only as far as each of their items is committed (developer guide, "Isolation levels for DynamoDB transactions"). A few
// milliseconds later it is whole.
var errPartialCommit = errors.New("a commit was seen in part")

const partialCommitTries = 6 // about half a second

// read runs f with reads only: again, while it sees parts of a commit.
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

// loadReferenced is one, for what something else says is there.
func loadReferenced[T any](t *tx, k key) (T, error) {
	v, err := loadItem[T](t, k)
	if err != nil && chat.ErrorCode(err) == chat.NotFound {
		err = errPartialCommit
	}
	return v, err
}

// trace is what a commit did in a room, kept in the room's item: which message took which revision.
type trace struct {
	Rev        int64 `dynamodbav:"r"`
	Seq        int64 `dynamodbav:"s"`
	Thread     int64 `dynamodbav:"t,omitempty"` // that the message stands in; 0: none
	Posted     bool  `dynamodbav:"p,omitempty"`
	InTimeline bool  `dynamodbav:"i,omitempty"` // the timeline
}

// checkPage is errTorn when a page lacks what the room's last commit did to it. Earlier commits are whole: the last one needed the
// room's item as they left it.
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
