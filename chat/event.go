package chat

import (
	"github.com/canteen-chat/canteen/audience"
	"github.com/canteen-chat/canteen/poll"
)

// Event is something that clients are told. The list is closed: every kind is below, and [AudienceOf] says who each is for. An
// event holds state as it was at its commit.
type Event interface{ event() }

type (
	// MessageChanged: a message was posted, edited, deleted, or its thread changed. For the room's members.
	MessageChanged struct {
		Message Message // Message.Room, Message.Rev say where and when; Reaction.Me is false
		Posted  bool    // the message is new
	}

	// ReactionChanged: one user joined or left one emoji. For the room's members.
	ReactionChanged struct {
		Room     string
		Rev      int64
		Seq      int64
		User     string
		Added    bool
		Reaction Reaction // Count 0: the last one left. Me is false
	}

	// PollChanged: somebody voted in a poll, or it was closed. With a voter, there are two at one rev: one for all other members of the
	// room, without Tally.Mine, and one with Own and Tally.Mine, for the voter. So nobody else is told who it was.
	PollChanged struct {
		Room  string
		Rev   int64
		Seq   int64
		Voter string // empty: the poll was closed
		Own   bool
		Tally poll.Tally

		Anonymous bool // as poll.Poll.Anonymous
	}

	// RoomChanged: name, topic, posting or archived changed. For the room's members.
	RoomChanged struct{ Room Room }

	// MyRoomChanged: a member's own settings or role in a room changed. For that member.
	MyRoomChanged struct {
		User string
		Room MyRoom
	}

	// RoomJoined: somebody is now a member. For that somebody.
	RoomJoined struct {
		User string
		Room MyRoom
	}

	// RoomLeft: somebody is no longer a member. For that somebody, the last event of the room they get.
	RoomLeft struct {
		Room   string
		User   string
		Reason LeftReason
		By     string // who removed User; empty when User left
	}

	// MembersChanged: somebody joined, left or changed role. For the members after the change.
	MembersChanged struct {
		Room        string
		MemberCount int
	}

	// ReadMoved: a read pointer was moved by its owner. For that owner.
	ReadMoved struct {
		Room string
		Read ReadState
	}

	// ThreadChanged: a thread has a new, edited or deleted reply. For those who follow it. With User: that user has moved their pointer,
	// or follows it or not from now on. For that user. It holds no state: clients fetch the thread.
	ThreadChanged struct {
		Room string
		Root int64
		User string
	}

	// MessageConfirmed: somebody has confirmed that they read a message. For them and its author. It holds no state.
	MessageConfirmed struct {
		Room   string
		Seq    int64
		User   string
		Author string
	}

	// UserChanged: a user is new or shows different. For everyone who may see the user. The user's own copy carries e-mail and
	// settings as all do; wire leaves them out.
	UserChanged struct{ User User }

	// SettingsChanged: a user's settings changed, and nothing that others see. For that user.
	SettingsChanged struct{ User User }

	// CustomEmojiChanged: there are other custom emoji. For everyone. It holds no state: clients fetch the list.
	CustomEmojiChanged struct{}

	// WorkspaceChanged: settings of the workspace changed. For everyone. It holds no state: clients fetch themselves, with the workspace.
	WorkspaceChanged struct{}

	// SessionsEnded: sessions or tokens are over. For no client: the live port closes what hangs on them.
	SessionsEnded struct {
		User   string
		IDs    []string // sessions and tokens; ignored with All
		All    bool     // everything of the user …
		Except string   // … but this session
	}

	// Alerted: a message alerts a user. For no user by name: it goes to one connection of User; see Alerted.Target. Never stored.
	Alerted struct {
		User       string
		Room       string
		Seq        int64
		Thread     int64  // of a reply: the root of its thread
		AlsoInRoom bool   // of a reply: it is in the room's timeline too
		Cause      string // a row of the table of package attention
		Reason     string // the same in a sentence or two
	}

	// Typing: somebody writes in a room. For no user by name: it goes to the connections that have the room open, which only
	// members can, but the writer's. Never stored.
	Typing struct{ Room, User string }
)

// Feed takes the announcements of each commit, in commit order, from one goroutine. Order within a commit: by rev, then
// as the events' comments say. It must not block.
type Feed func([]Announcement)

func (MessageChanged) event()     {}
func (ReactionChanged) event()    {}
func (PollChanged) event()        {}
func (RoomChanged) event()        {}
func (MyRoomChanged) event()      {}
func (RoomJoined) event()         {}
func (RoomLeft) event()           {}
func (MembersChanged) event()     {}
func (ReadMoved) event()          {}
func (ThreadChanged) event()      {}
func (UserChanged) event()        {}
func (SettingsChanged) event()    {}
func (CustomEmojiChanged) event() {}
func (WorkspaceChanged) event()   {}
func (SessionsEnded) event()      {}
func (Alerted) event()            {}
func (Typing) event()             {}
func (MessageConfirmed) event()   {}

// LeftReason says why somebody is no longer a member.
type LeftReason string

// Reasons.
const (
	Left    LeftReason = "left"
	Removed LeftReason = "removed"
)

// Announcement is an event with its audience. Every change is announced, also where the audience comes to nobody: followers
// hear of it all the same.
type Announcement struct {
	Event    Event
	Audience audience.Audience
	To       []string // what the audience comes to at the event's commit, in user ids. Shared: never changed
}
