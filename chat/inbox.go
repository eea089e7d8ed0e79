package chat

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// InboxCause says why something stands in somebody's inbox.
type InboxCause string

// Causes. A reaction is neutral: it never counts.
const (
	InboxMention   InboxCause = "mention"   // the message mentions them by name
	InboxBroadcast InboxCause = "broadcast" // it calls everybody in the room
	InboxKeyword   InboxCause = "keyword"   // it has one of their keywords
	InboxThread    InboxCause = "thread"    // there are replies in a thread that they follow
	InboxReaction  InboxCause = "reaction"  // others reacted to their message
)

// InboxItem is an entry of an inbox.
type InboxItem struct {
	Key     string
	Cause   InboxCause
	Reason  string
	Message Message  // of a thread: its last reply
	By      []string // whom it is from; of a thread: who wrote the unread replies, or the last one
	At      time.Time
	Read    bool
}

// InboxInput asks for a page of one's inbox. Cursor is the Next of an earlier answer, or empty.
type InboxInput struct {
	Filter string // all, unread, mentions or reactions; empty: all
	Cursor string
	Limit  *int
}

// InboxPage is a page of an inbox, newest first.
type InboxPage struct {
	Items  []InboxItem
	Unread int    // in the whole inbox, reactions not counted: exact to 99, 100 means more
	Next   string // empty at the end
}

// InboxPageQuery is a checked InboxInput. After is nil for the first page.
type InboxPageQuery struct {
	Filter string
	After  *InboxPlace
	Bound
}

// Inboxes reads and changes everybody's inboxes. Package attention implements it.
type Inboxes interface {
	// Page is a page of a user's inbox. Something that was posted within the last second may be missing.
	Page(ctx context.Context, u User, q InboxPageQuery) (InboxPage, error)
	// Clear hides what stands under a key and is not newer than at. NotFound when nothing can stand there.
	Clear(ctx context.Context, user, key string, at time.Time) error
	// Mark moves marks forward; a zero time leaves one as it is.
	Mark(ctx context.Context, user string, m InboxMarks) error
}

// InboxMarks are how far somebody has seen reactions, up to when they cleared their inbox, and the latest time of ClearInbox.
type InboxMarks struct{ SeenAt, ClearedBefore, KeysCleared time.Time }

// InboxPlace is where an entry stands in an inbox.
type InboxPlace struct {
	At  time.Time
	Key string
}

// Compare orders an inbox: the newest first.
func (p InboxPlace) Compare(o InboxPlace) int {
	return cmp.Or(o.At.Compare(p.At), strings.Compare(p.Key, o.Key))
}

// String is the place as the API gives it: a cursor.
func (p InboxPlace) String() string { return strconv.FormatInt(p.At.UnixMilli(), 10) + "." + p.Key }

// ParseInboxPlace reads a cursor; Invalid, with field "cursor", for what is none.
func ParseInboxPlace(s string) (*InboxPlace, error) {
	if ms, key, ok := strings.Cut(s, "."); ok {
		at, err := strconv.ParseInt(ms, 10, 64)
		if p := (InboxPlace{time.UnixMilli(at).UTC(), key}); err == nil && p.String() == s {
			return &p, nil
		}
	}
	return nil, InvalidField("cursor", "The next of an earlier answer is needed.")
}

// query checks the input. Errors: Invalid, with the field.
func (in InboxInput) query() (q InboxPageQuery, err error) {
	limit, err := pageLimit(in.Limit, DefaultInbox, MaxInboxPage)
	if err != nil {
		return q, err
	}
	q = InboxPageQuery{Filter: cmp.Or(in.Filter, "all"), Bound: Bound{limit, PageBytes}}
	if !slices.Contains([]string{"all", "unread", "mentions", "reactions"}, q.Filter) {
		return q, InvalidField("filter", "One of all, unread, mentions, reactions is needed.")
	}
	if in.Cursor != "" {
		q.After, err = ParseInboxPlace(in.Cursor)
	}
	return q, err
}

// Inbox is what concerns the actor, newest first.
func (c *Canteen) Inbox(ctx context.Context, a Actor, in InboxInput) (InboxPage, error) {
	q, err := in.query()
	if err != nil {
		return InboxPage{}, err
	}
	return perform(ctx, c, a, CmdInbox, use[InboxPage]{do: func(at *attempt) (InboxPage, error) {
		return c.inbox.Page(ctx, at.User, q)
	}})
}

// ClearInbox hides the entry with a key until there is something newer than before, or than now if before is nil. Without a key it hides
// all that are not newer than before.
func (c *Canteen) ClearInbox(ctx context.Context, a Actor, key string, before *time.Time) error {
	if key == "" && before == nil {
		return InvalidField("key", "A key or before is needed.")
	}
	until := c.clock.Time()
	if before != nil {
		until = c.past(*before)
	}
	return second(perform(ctx, c, a, CmdClearInbox, use[struct{}]{do: func(at *attempt) (struct{}, error) {
		if err := c.checkActor(ctx, at); err != nil {
			return struct{}{}, err
		}
		if key != "" {
			return struct{}{}, c.inbox.Clear(ctx, at.User.ID, key, until)
		}
		return struct{}{}, c.inbox.Mark(ctx, at.User.ID, InboxMarks{ClearedBefore: until})
	}}))
}

// SeeInbox says that the actor has seen the reactions up to a time. A client says it when it has shown them.
func (c *Canteen) SeeInbox(ctx context.Context, a Actor, at time.Time) error {
	return second(perform(ctx, c, a, CmdSeeInbox, use[struct{}]{do: func(by *attempt) (struct{}, error) {
		if err := c.checkActor(ctx, by); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, c.inbox.Mark(ctx, by.User.ID, InboxMarks{SeenAt: c.past(at)})
	}}))
}

// checkActor is ErrStale when the actor's sessions and tokens have ended. The rows of an inbox are the actor's alone, and are written
// without facts.
func (c *Canteen) checkActor(ctx context.Context, at *attempt) error {
	u, err := c.store.User(ctx, at.User.ID)
	if err == nil && (u.Deactivated || u.Epoch != at.User.Epoch) {
		return ErrStale
	}
	return err
}

// past is at, or now if that is earlier.
func (c *Canteen) past(at time.Time) time.Time {
	if now := c.clock.Time(); at.After(now) {
		return now
	}
	return at
}
