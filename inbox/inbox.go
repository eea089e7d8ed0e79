// Package inbox holds what inboxes are stored as: the rows that a follower of the feed proposes, their keys, and the port to the store
// that keeps them. Package attention decides what stands in them.
//
// The package imports chat.
package inbox

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

// Key is the key of an entry among those of its user: a message stands in an inbox once, its reactions once, and the thread that it
// is the root of once.
func Key(c chat.InboxCause, room string, seq int64) string {
	kind := "m"
	switch c {
	case chat.InboxReaction:
		kind = "r"
	case chat.InboxThread:
		kind = "t"
	}
	return kind + "." + room + "." + strconv.FormatInt(seq, 10)
}

// ParseKey is the inverse of Key. kind is m, r or t; ok is false for what is no key.
func ParseKey(key string) (kind string, of MessagePlace, ok bool) {
	parts := strings.Split(key, ".")
	if len(parts) != 3 || !slices.Contains([]string{"m", "r", "t"}, parts[0]) {
		return "", of, false
	}
	seq, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || seq < 1 || strconv.FormatInt(seq, 10) != parts[2] {
		return "", of, false
	}
	return parts[0], MessagePlace{Room: parts[1], Seq: seq}, true
}

// MessagePlace names a message. Thread is the root of its thread, 0 if it is none's reply or that does not matter.
type MessagePlace struct {
	Room   string
	Seq    int64
	Thread int64
}

// Row proposes a message for somebody's inbox. A follower of the feed writes it, and it can be made anew from the messages. Whoever
// reads the inbox compares it with the message as it is then: a deletion or an edit takes back what no longer holds, at once.
// Of broadcasts and threads nobody's row is kept, unless they cleared one; see ClearInbox.
type Row struct {
	User      string
	Key       string          // see Key
	Cause     chat.InboxCause // empty: nothing but that the key was cleared
	Reason    string          // in a sentence or two, as of when it was written
	Room      string
	Seq       int64
	Thread    int64     // the root that the message replies to, or 0
	Keyword   string    // of a keyword: which one
	At        time.Time // of the message; of reactions: when the newest of them was seen
	Print     string    // of reactions: which ones there were
	Count     int       // of reactions: how many
	ClearedAt time.Time // what is not newer is hidden
}

// Place is where the row stands.
func (r Row) Place() chat.InboxPlace { return chat.InboxPlace{At: r.At, Key: r.Key} }

// Hidden says whether the row stands in no inbox, since it was cleared.
func (r Row) Hidden() bool { return r.Cause == "" || !r.At.After(r.ClearedAt) }

// Over merges the row with the one that is kept under its key, and says whether that changes anything. A row of another cause replaces the
// kept one, and so does one of other reactions; otherwise the kept one stays. What was cleared stays cleared.
func (r Row) Over(kept Row) (Row, bool) {
	r.ClearedAt = kept.ClearedAt
	switch {
	case kept.Cause != r.Cause:
	case r.Cause != chat.InboxReaction || r.Print == kept.Print:
		return kept, false
	case r.Count < kept.Count: // somebody took one back, which is nothing new
		r.At = kept.At
	}
	return r, true
}

// Room is a room of a user: what decides what stands in their inbox.
type Room struct {
	ID            string
	Kind          chat.Kind
	Notify        chat.Notify
	Muted         bool
	JoinedAt      time.Time
	ReadSeq       int64
	LastSeq       int64
	LastMention   int64 // no later message mentions the user by name
	LastBroadcast int64 // no later message calls everybody
}

// Query asks for rows of a user, newest first: after a place, if that is not nil, and newer than Oldest.
type Query struct {
	User              string
	After             *chat.InboxPlace
	Oldest            time.Time
	Reactions, Others bool // which rows
	Limit             int
}

// Range asks for what stands in a user's inbox of one room, newest first: rows other than those of reactions, or messages of others
// that call everybody. Their seq is above After, and they are not newer than Before, if that is not zero.
type Range struct {
	Room       string
	Broadcasts bool
	After      int64
	Before     time.Time
	Limit      int
}

// Message is a message, and the read pointer of the thread of its MessagePlace, 0 if the user does not follow that.
type Message struct {
	chat.Message
	ThreadRead int64
}

// ThreadQuery asks for threads that a user follows and that have replies, newest reply first: not newer than Before, if that is not
// zero, and only those with something unread if Unread. A Limit of 0 asks for none.
type ThreadQuery struct {
	User   string
	Unread bool
	Before time.Time
	Limit  int
}

// Replies is what an inbox shows of a thread.
type Replies struct {
	Root   int64
	Latest chat.Message // its last reply
	By     []string     // who wrote the unread ones, newest first, of the last MaxUnread
}

// Store holds rows of inboxes. It is not part of chat.Store: a follower of the feed fills it (package attention). No read grows with what
// is in an inbox, or with the members of a room. Rows are in the order of InboxPlace, and hidden ones are left out, unless said otherwise.
type Store interface {
	// InboxRows are the rows of these keys, hidden ones too.
	InboxRows(ctx context.Context, user string, keys []string) ([]Row, error)
	// PutInbox keeps rows as Row.Over says; wrote is false if that changed nothing. Rows older than InboxLife are deleted.
	PutInbox(ctx context.Context, rows []Row) (wrote bool, err error)
	// InboxRooms are the rooms of a user, and the marks.
	InboxRooms(ctx context.Context, user string) ([]Room, chat.InboxMarks, error)
	Inbox(ctx context.Context, q Query) ([]Row, error)
	// InboxIn are the rows of each range, the highest seq first. A message that calls everybody is a row without a reason.
	InboxIn(ctx context.Context, user string, ranges []Range) ([][]Row, error)
	// InboxThreads are those that the query asks for, and the first MaxUnread unread ones of all. See ThreadStore.MyThreads for how exact
	// they are.
	InboxThreads(ctx context.Context, q ThreadQuery) (threads, unread []thread.State, err error)
	// InboxReplies are those of followed threads, in the order of places. What has no replies any more is left out.
	InboxReplies(ctx context.Context, user string, places []thread.Place) ([]Replies, error)
	// InboxMessages are those messages that there are, tombstones included, as user sees them. Callers check that user may see them.
	InboxMessages(ctx context.Context, user string, places []MessagePlace) ([]Message, error)
	// ClearInbox hides what stands under a key and is not newer than at, whether or not a row of it is kept. It never goes back.
	ClearInbox(ctx context.Context, user, key string, at time.Time) error
	// MarkInbox moves SeenAt and ClearedBefore forward; a zero time leaves one as it is.
	MarkInbox(ctx context.Context, user string, m chat.InboxMarks) error
}

// HearerStore knows what people want to hear of.
type HearerStore interface {
	// Hearers are those of users who are members of the room, all members if users is nil; with the room's kind.
	Hearers(ctx context.Context, room string, users []string) (chat.Kind, []Hearer, error)
}

// Hearer is a member of a room, with what they want to hear of it.
type Hearer struct {
	chat.User
	Notify chat.Notify
	Muted  bool
}
