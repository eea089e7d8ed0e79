package chat

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/text"
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

// InboxRow proposes a message for somebody's inbox. A follower of the feed writes it, and it can be made anew from the messages. Whoever
// reads the inbox compares it with the message as it is then: a deletion or an edit takes back what no longer holds, at once.
type InboxRow struct {
	User    string
	Key     string // see InboxKey
	Cause   InboxCause
	Reason  string // in a sentence or two, as of when it was written
	Room    string
	Seq     int64
	Keyword string    // of a keyword: which one
	At      time.Time // of the message; of reactions: when the newest of them was seen
	Print   string    // of reactions: which ones there were
	Count   int       // of reactions: how many
	Cleared bool      // hidden until there is something newer
}

// InboxKey is the key of a row among those of its user: a message stands in an inbox once, and its reactions once.
func InboxKey(c InboxCause, room string, seq int64) string {
	kind := "m"
	if c == InboxReaction {
		kind = "r"
	}
	return kind + "." + room + "." + strconv.FormatInt(seq, 10)
}

// InboxMarks are how far somebody has seen reactions, and up to when they cleared their inbox.
type InboxMarks struct{ SeenAt, ClearedBefore time.Time }

// MessagePlace names a message.
type MessagePlace struct {
	Room string
	Seq  int64
}

// InboxStore holds rows of inboxes. It is not part of Store: a follower of the feed fills it (package attention).
type InboxStore interface {
	// InboxRows are those of rows that are kept, found by User and Key.
	InboxRows(ctx context.Context, rows []InboxRow) ([]InboxRow, error)
	// PutInbox keeps rows, in place of those with the same User and Key. Those older than InboxLife may be dropped.
	PutInbox(ctx context.Context, rows []InboxRow) error
	// Inbox are all rows of a user, and the marks.
	Inbox(ctx context.Context, user string) ([]InboxRow, InboxMarks, error)
	// InboxMessages are those messages that there are, tombstones included, as user sees them. Callers check that user may see them.
	InboxMessages(ctx context.Context, user string, places []MessagePlace) ([]Message, error)
	// ClearInbox hides a row until it is written again; NotFound when there is none.
	ClearInbox(ctx context.Context, user, key string) error
	// Hearers are those of users who are members of the room, all members if users is nil; with the room's kind.
	Hearers(ctx context.Context, room string, users []string) (Kind, []Hearer, error)
	// MarkInbox moves marks forward; a zero time leaves one as it is.
	MarkInbox(ctx context.Context, user string, m InboxMarks) error
}

// Hearer is a member of a room, with what they want to hear of it.
type Hearer struct {
	User
	Notify Notify
	Muted  bool
}

// InboxItem is an entry of an inbox.
type InboxItem struct {
	Key     string
	Cause   InboxCause
	Reason  string
	Message Message
	By      []string // whom it is from
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

// item is the entry that the row makes of the message as it is now; false when it makes none.
func (r InboxRow) item(m Message, in MyRoom, marks InboxMarks) (InboxItem, bool) {
	i := InboxItem{Key: r.Key, Cause: r.Cause, Reason: r.Reason, Message: m, By: []string{m.Author}, At: r.At, Read: r.Seq <= in.ReadSeq}
	switch {
	case m.DeletedAt != nil:
		return i, false
	case r.Cause == InboxMention:
		return i, slices.Contains(m.Mentions, r.User)
	case r.Cause == InboxBroadcast:
		return i, m.Broadcast != ""
	case r.Cause == InboxKeyword:
		return i, text.HasWords(text.Words(m.Text), text.Words(r.Keyword))
	}
	i.By, i.Read = m.ReactedBy(r.User), !r.At.After(marks.SeenAt)
	return i, len(i.By) > 0
}

// ReactedBy are those of the first users of each emoji who are not this one, each once.
func (m Message) ReactedBy(other string) []string {
	var out []string
	for _, r := range m.Reactions {
		out = append(out, r.Users...)
	}
	return distinct(out, func(u string) bool { return u != other })
}

// counts says whether the row counts as unread, as long as its message holds what it says.
func (r InboxRow) counts(in MyRoom) bool { return r.Cause != InboxReaction && r.Seq > in.ReadSeq }

// place orders an inbox: the newest first.
func (r InboxRow) place() string {
	return strconv.FormatInt(1e15-r.At.UnixMilli(), 10) + "." + r.Key
}

// Inbox is what concerns the actor, newest first. Something that was posted within the last second may be missing.
func (c *Canteen) Inbox(ctx context.Context, a Actor, in InboxInput) (InboxPage, error) {
	limit, err := pageLimit(in.Limit, DefaultInbox, MaxInboxPage)
	if err != nil {
		return InboxPage{}, err
	}
	in.Filter = cmp.Or(in.Filter, "all")
	if !slices.Contains([]string{"all", "unread", "mentions", "reactions"}, in.Filter) {
		return InboxPage{}, InvalidField("filter", "One of all, unread, mentions, reactions is needed.")
	}
	if in.Cursor != "" && !strings.Contains(in.Cursor, ".") {
		return InboxPage{}, InvalidField("cursor", "The next of an earlier answer is needed.")
	}
	return perform(ctx, c, a, CmdInbox, use[InboxPage]{do: func(at *attempt) (InboxPage, error) {
		r := inboxReader{c: c, in: in, bound: Bound{limit, PageBytes}}
		return r.read(ctx, at.User.ID)
	}})
}

// inboxReader reads one page.
type inboxReader struct {
	c     *Canteen
	in    InboxInput
	bound Bound
	rooms map[string]MyRoom
	marks InboxMarks
	full  bool
	last  string // place of the last item
	page  InboxPage
}

// inboxChunk is for how many rows messages are loaded at once.
const inboxChunk = 100

func (r *inboxReader) read(ctx context.Context, user string) (InboxPage, error) {
	rows, marks, err := r.c.inbox.Inbox(ctx, user)
	if err != nil {
		return r.page, err
	}
	rooms, err := r.c.store.MyRooms(ctx, user)
	if err != nil {
		return r.page, err
	}
	r.marks, r.rooms = marks, map[string]MyRoom{}
	for _, room := range rooms {
		r.rooms[room.ID] = room
	}
	oldest := r.c.clock.Time().Add(-InboxLife)
	rows = slices.DeleteFunc(rows, func(row InboxRow) bool {
		_, in := r.rooms[row.Room]
		return !in || row.Cleared || row.At.Before(oldest) || !row.At.After(marks.ClearedBefore)
	})
	slices.SortFunc(rows, func(a, b InboxRow) int { return strings.Compare(a.place(), b.place()) })
	for chunk := range slices.Chunk(rows, inboxChunk) {
		if r.full && r.page.Unread >= MaxUnread {
			break
		}
		if err := r.take(ctx, user, chunk); err != nil {
			return r.page, err
		}
	}
	if r.full {
		r.page.Next = r.last
	}
	return r.page, nil
}

// take reads the messages of rows, counts those that are unread, and puts into the page what belongs there.
func (r *inboxReader) take(ctx context.Context, user string, rows []InboxRow) error {
	var places []MessagePlace
	rows = slices.DeleteFunc(slices.Clone(rows), func(row InboxRow) bool { return !row.counts(r.rooms[row.Room]) && !r.wants(row) })
	for _, row := range rows {
		places = append(places, MessagePlace{row.Room, row.Seq})
	}
	if len(places) == 0 {
		return nil
	}
	ms, err := r.c.inbox.InboxMessages(ctx, user, places)
	if err != nil {
		return err
	}
	found := map[MessagePlace]Message{}
	for _, m := range ms {
		found[MessagePlace{m.Room, m.Seq}] = m
	}
	for _, row := range rows {
		m, ok := found[MessagePlace{row.Room, row.Seq}]
		if !ok {
			continue
		}
		i, ok := row.item(m, r.rooms[row.Room], r.marks)
		if !ok {
			continue
		}
		if row.counts(r.rooms[row.Room]) {
			r.page.Unread = min(r.page.Unread+1, MaxUnread)
		}
		if !r.wants(row) || r.in.Filter == "unread" && i.Read {
			continue
		}
		if r.full = !r.bound.Take(m); !r.full {
			r.page.Items, r.last = append(r.page.Items, i), row.place()
		}
	}
	return nil
}

// wants says whether the row may be in the page.
func (r *inboxReader) wants(row InboxRow) bool {
	switch {
	case r.full || row.place() <= r.in.Cursor:
		return false
	case r.in.Filter == "reactions":
		return row.Cause == InboxReaction
	case r.in.Filter == "mentions":
		return row.Cause != InboxReaction
	}
	return true
}

// ClearInbox hides an entry until there is something newer, or, with before, all that are not newer than that.
func (c *Canteen) ClearInbox(ctx context.Context, a Actor, key string, before *time.Time) error {
	if (key == "") == (before == nil) {
		return InvalidField("key", "Either a key or before is needed.")
	}
	return second(perform(ctx, c, a, CmdClearInbox, use[struct{}]{do: func(at *attempt) (struct{}, error) {
		if err := c.checkActor(ctx, at); err != nil {
			return struct{}{}, err
		}
		if before == nil {
			return struct{}{}, c.inbox.ClearInbox(ctx, at.User.ID, key)
		}
		return struct{}{}, c.inbox.MarkInbox(ctx, at.User.ID, InboxMarks{ClearedBefore: c.past(*before)})
	}}))
}

// SeeInbox says that the actor has seen the reactions up to a time. A client says it when it has shown them.
func (c *Canteen) SeeInbox(ctx context.Context, a Actor, at time.Time) error {
	return second(perform(ctx, c, a, CmdSeeInbox, use[struct{}]{do: func(by *attempt) (struct{}, error) {
		if err := c.checkActor(ctx, by); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, c.inbox.MarkInbox(ctx, by.User.ID, InboxMarks{SeenAt: c.past(at)})
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
