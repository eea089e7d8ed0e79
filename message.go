package canteen

import "time"

// Message is one message of a room, in its state at revision Rev. Tombstones (DeletedAt) keep Room, Seq, Rev, Author,
// the times, Thread, AlsoInRoom and ThreadInfo; their text and lists are empty.
type Message struct {
	Room       string
	Seq        int64
	Rev        int64 // the room's revision at this message's last change
	Author     string
	ClientID   string
	Text       string
	CreatedAt  time.Time
	EditedAt   *time.Time
	DeletedAt  *time.Time
	Thread     int64 // the root's seq; 0 when this is no reply
	AlsoInRoom bool
	ThreadInfo *ThreadInfo // nil while there are no replies
	Mentions   []string    // user ids
	System     *System
	Reactions  []Reaction
}

// InTimeline says whether the room shows the message, not only its thread.
func (m Message) InTimeline() bool { return m.Thread == 0 || m.AlsoInRoom }

// ThreadInfo sums up a root's undeleted replies.
type ThreadInfo struct {
	Replies     int
	LastReplyAt time.Time
	Repliers    []string // the first 5 user ids, by first reply
}

// What says what a system message tells.
type What string

// The closed list of system messages: one for each field changed.
const (
	Renamed       What = "renamed"
	TopicChanged  What = "topic"
	RoomArchived  What = "archived"
	RoomUnarchive What = "unarchived"
	PostingSet    What = "posting"
	AdminJoined   What = "admin_joined"
)

// System marks a message that the server wrote. Its Message.Text says the same in English for simple clients.
type System struct {
	What  What
	Value string // the new name, topic or posting; empty otherwise
}

// Reaction is one emoji on a message. Emoji stand in the order in which each came to count 1, users in order of reacting.
type Reaction struct {
	Emoji string
	Count int
	Users []string // the first 20 ids, unless all were asked for
	Me    bool     // the viewer is among them; false where nobody in particular looks
}

// Version is one text a message has had.
type Version struct {
	Text string
	At   time.Time // when it was written
}

// Page is a stretch of a timeline or thread, by ascending seq.
type Page struct {
	Head       int64 // the room's rev when, or just before, the page was read
	Messages   []Message
	MoreBefore bool
	MoreAfter  bool
}

// Changes are messages changed after a revision, in their present state, each once, by rev.
type Changes struct {
	Head     int64
	Next     int64 // go on from here; Head on the last page
	More     bool
	Messages []Message
}
