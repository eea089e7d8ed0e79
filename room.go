package canteen

import "time"

// Kind is what a room is.
type Kind string

// Kinds of rooms.
const (
	Public  Kind = "public"
	Private Kind = "private"
	Direct  Kind = "direct"
)

// Posting says who may post to a room's timeline.
type Posting string

// Who may post.
const (
	PostingEveryone Posting = "everyone"
	PostingOwners   Posting = "owners"
)

// RoomRole is what somebody is in a room. Direct rooms have members only.
type RoomRole string

// Room roles.
const (
	RoomOwner  RoomRole = "owner"
	RoomMember RoomRole = "member"
)

// Notify is what of a room its member wants to hear of.
type Notify string

// What to hear of.
const (
	NotifyAll      Notify = "all"
	NotifyMentions Notify = "mentions"
	NotifyNothing  Notify = "nothing"
)

// Room is a place to talk, as all who may see it see it.
type Room struct {
	ID          string
	Kind        Kind
	Name        string // empty for direct rooms
	Topic       string
	Archived    bool
	Posting     Posting
	MemberCount int
	Members     []string // user ids; direct rooms only
	CreatedBy   string
	CreatedAt   time.Time
	Rev         int64 // changes made
	LastSeq     int64 // messages posted, replies included
	Version     int64 // grows with each change of settings or members
}

// MyRoom is a room as one of its members has it.
type MyRoom struct {
	Room
	Role         RoomRole
	ReadSeq      int64
	ReadRev      int64 // grows by one with each move of the pointer by PUT
	Unread       int   // exact to 99, 100 means more
	MentionCount int   // exact to 99, 100 means more
	Notify       Notify
	Starred      bool
	Muted        bool
	SettingsRev  int64 // grows with each change of the member's own settings or role
	LastMessage  *LastMessage
}

// LastMessage is the latest undeleted message of a room's timeline, in brief.
type LastMessage struct {
	Seq       int64
	Author    string
	Text      string // LastMessageLength characters at most
	CreatedAt time.Time
}

// RoomMembership is one member of a room.
type RoomMembership struct {
	User     string
	Role     RoomRole
	JoinedAt time.Time
}
