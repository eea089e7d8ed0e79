package chat

import (
	"context"
	"time"
)

// InboxRow proposes a message for somebody's inbox. A follower of the feed writes it, and it can be made anew from the messages. Whoever
// reads the inbox compares it with the message as it is then: a deletion or an edit takes back what no longer holds, at once.
// Of broadcasts and threads nobody's row is kept, unless they cleared one; see ClearInbox.
type InboxRow struct {
	User      string
	Key       string     // see InboxKey
	Cause     InboxCause // empty: nothing but that the key was cleared
	Reason    string     // in a sentence or two, as of when it was written
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
func (r InboxRow) Place() InboxPlace { return InboxPlace{r.At, r.Key} }

// Hidden says whether the row stands in no inbox, since it was cleared.
func (r InboxRow) Hidden() bool { return r.Cause == "" || !r.At.After(r.ClearedAt) }

// Over merges the row with the one that is kept under its key, and says whether that changes anything. A row of another cause replaces the
// kept one, and so does one of other reactions; otherwise the kept one stays. What was cleared stays cleared.
func (r InboxRow) Over(kept InboxRow) (InboxRow, bool) {
	r.ClearedAt = kept.ClearedAt
	switch {
	case kept.Cause != r.Cause:
	case r.Cause != InboxReaction || r.Print == kept.Print:
		return kept, false
	case r.Count < kept.Count: // somebody took one back, which is nothing new
		r.At = kept.At
	}
	return r, true
}

// InboxMarks are how far somebody has seen reactions, up to when they cleared their inbox, and the latest time of ClearInbox.
type InboxMarks struct{ SeenAt, ClearedBefore, KeysCleared time.Time }

// InboxRoom is a room of a user: what decides what stands in their inbox.
type InboxRoom struct {
	ID            string
	Kind          Kind
	Notify        Notify
	Muted         bool
	JoinedAt      time.Time
	ReadSeq       int64
	LastSeq       int64
	LastMention   int64 // no later message mentions the user by name
	LastBroadcast int64 // no later message calls everybody
}

// InboxQuery asks for rows of a user, newest first: after a place, if that is not nil, and newer than Oldest.
type InboxQuery struct {
	User              string
	After             *InboxPlace
	Oldest            time.Time
	Reactions, Others bool // which rows
	Limit             int
}

// InboxRange asks for what stands in a user's inbox of one room, newest first: rows other than those of reactions, or messages of others
// that call everybody. Their seq is above After, and they are not newer than Before, if that is not zero.
type InboxRange struct {
	Room       string
	Broadcasts bool
	After      int64
	Before     time.Time
	Limit      int
}

// InboxMessage is a message, and the read pointer of the thread of its MessagePlace, 0 if the user does not follow that.
type InboxMessage struct {
	Message
	ThreadRead int64
}

// InboxThreadQuery asks for threads that a user follows and that have replies, newest reply first: not newer than Before, if that is not
// zero, and only those with something unread if Unread. A Limit of 0 asks for none.
type InboxThreadQuery struct {
	User   string
	Unread bool
	Before time.Time
	Limit  int
}

// InboxReplies is what an inbox shows of a thread.
type InboxReplies struct {
	Root   int64
	Latest Message  // its last reply
	By     []string // who wrote the unread ones, newest first, of the last MaxUnread
}

// InboxStore holds rows of inboxes. It is not part of Store: a follower of the feed fills it (package attention). No read grows with what
// is in an inbox, or with the members of a room. Rows are in the order of InboxPlace, and hidden ones are left out, unless said otherwise.
type InboxStore interface {
	// InboxRows are the rows of these keys, hidden ones too.
	InboxRows(ctx context.Context, user string, keys []string) ([]InboxRow, error)
	// PutInbox keeps rows as InboxRow.Over says; wrote is false if that changed nothing. Rows older than InboxLife are deleted.
	PutInbox(ctx context.Context, rows []InboxRow) (wrote bool, err error)
	// InboxRooms are the rooms of a user, and the marks.
	InboxRooms(ctx context.Context, user string) ([]InboxRoom, InboxMarks, error)
	Inbox(ctx context.Context, q InboxQuery) ([]InboxRow, error)
	// InboxIn are the rows of each range, the highest seq first. A message that calls everybody is a row without a reason.
	InboxIn(ctx context.Context, user string, ranges []InboxRange) ([][]InboxRow, error)
	// InboxThreads are those that the query asks for, and the first MaxUnread unread ones of all. See ThreadStore.MyThreads for how exact
	// they are.
	InboxThreads(ctx context.Context, q InboxThreadQuery) (threads, unread []ThreadState, err error)
	// InboxReplies are those of followed threads, in the order of places. What has no replies any more is left out.
	InboxReplies(ctx context.Context, user string, places []ThreadPlace) ([]InboxReplies, error)
	// InboxMessages are those messages that there are, tombstones included, as user sees them. Callers check that user may see them.
	InboxMessages(ctx context.Context, user string, places []MessagePlace) ([]InboxMessage, error)
	// ClearInbox hides what stands under a key and is not newer than at, whether or not a row of it is kept. It never goes back.
	ClearInbox(ctx context.Context, user, key string, at time.Time) error
	// MarkInbox moves SeenAt and ClearedBefore forward; a zero time leaves one as it is.
	MarkInbox(ctx context.Context, user string, m InboxMarks) error
}

// HearerStore knows what people want to hear of.
type HearerStore interface {
	// Hearers are those of users who are members of the room, all members if users is nil; with the room's kind.
	Hearers(ctx context.Context, room string, users []string) (Kind, []Hearer, error)
}

// Hearer is a member of a room, with what they want to hear of it.
type Hearer struct {
	User
	Notify Notify
	Muted  bool
}
