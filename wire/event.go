package wire

import (
	"encoding/json"
	"fmt"

	"github.com/canteen-chat/canteen/chat"
)

// The live events that the server sends. Each has its own type, which the API description contains. A frame is one event or an
// array of events.
type (
	// Hello is the first event of a connection.
	Hello struct {
		Type       string `json:"type" enum:"hello"`
		User       string `json:"user" format:"id"`
		Connection string `json:"connection" example:"mc4tg2yw6dpo"`
		Epoch      string `json:"epoch" example:"k3x5mq2aa4te"`
		Heartbeat  int    `json:"heartbeat" minimum:"1" example:"25" doc:"Seconds of silence after which the client pings"`
		// PresencePoll is set where the server does not push presence events.
		PresencePoll int `json:"presence_poll,omitempty" minimum:"1" example:"60" doc:"Seconds until watch is repeated; absent: never"`
	}
	// MessageEvent: a message was posted, edited or deleted, or its thread changed. A message that is too large for a frame is
	// replaced by its seq, and the client fetches it.
	MessageEvent struct {
		Type    string   `json:"type" enum:"message"`
		Room    string   `json:"room"`
		Rev     int64    `json:"rev"`
		Seq     int64    `json:"seq,omitempty"`
		Message *Message `json:"message,omitempty"`
	}
	// ReactionEvent: a user added or removed a reaction.
	ReactionEvent struct {
		Type     string   `json:"type" enum:"reaction"`
		Room     string   `json:"room"`
		Rev      int64    `json:"rev"`
		Seq      int64    `json:"seq"`
		User     string   `json:"user"`
		Added    bool     `json:"added"`
		Reaction Reaction `json:"reaction" doc:"Without me; count 0: gone"`
	}
	// PollEvent: somebody voted in the poll of a message, or closed it. It does not say who.
	PollEvent struct {
		Type string     `json:"type" enum:"poll"`
		Room string     `json:"room"`
		Rev  int64      `json:"rev"`
		Seq  int64      `json:"seq"`
		Poll PollCounts `json:"poll"`
	}
	// RoomEvent: a room's settings changed.
	RoomEvent struct {
		Type string `json:"type" enum:"room"`
		Room Room   `json:"room"`
	}
	// MyRoomEvent: the recipient's settings or role in a room changed, or the recipient became a member.
	MyRoomEvent struct {
		Type string `json:"type" enum:"my_room,joined"`
		Room MyRoom `json:"room"`
	}
	// LeftEvent: the recipient is no longer a member.
	LeftEvent struct {
		Type   string `json:"type" enum:"left"`
		Room   string `json:"room"`
		Reason string `json:"reason" enum:"left,removed"`
		By     string `json:"by,omitempty" doc:"Who removed the recipient"`
	}
	// MembersEvent: the members of a room changed. A client that shows them fetches them again.
	MembersEvent struct {
		Type        string `json:"type" enum:"members"`
		Room        string `json:"room"`
		MemberCount int    `json:"member_count"`
	}
	// ReadEvent: the recipient's read pointer moved.
	ReadEvent struct {
		Type         string `json:"type" enum:"read"`
		Room         string `json:"room"`
		Seq          int64  `json:"seq"`
		ReadRev      int64  `json:"read_rev"`
		Unread       int    `json:"unread"`
		MentionCount int    `json:"mention_count"`
	}
	// ThreadEvent: something in a thread that the recipient follows is new for them: a reply that was posted, edited or deleted, or their
	// own pointer. It holds no state: fetch the thread.
	ThreadEvent struct {
		Type string `json:"type" enum:"thread"`
		Room string `json:"room"`
		Seq  int64  `json:"seq" doc:"Of the thread's root"`
	}
	// ConfirmedEvent: the recipient has confirmed a message, or somebody has confirmed the recipient's. It holds no state: fetch it.
	ConfirmedEvent struct {
		Type string `json:"type" enum:"confirmed"`
		Room string `json:"room"`
		Seq  int64  `json:"seq"`
	}
	// UserEvent: a user is new or changed. To oneself also: one's settings changed.
	UserEvent struct {
		Type string `json:"type" enum:"user"`
		User User   `json:"user"`
	}
	// EmojiEvent: there are other custom emoji. It holds no state: fetch the list.
	EmojiEvent struct {
		Type string `json:"type" enum:"emoji"`
	}
	// WorkspaceEvent: settings of the workspace changed. It holds no state: fetch yourself, with the workspace.
	WorkspaceEvent struct {
		Type string `json:"type" enum:"workspace"`
	}
	// NotifyEvent: a message alerts the recipient. One connection of a person gets it, at most once for each message: the one on which the
	// person did something last, an active one first. The client shows a notification, unless the message is on its screen.
	NotifyEvent struct {
		Type   string `json:"type" enum:"notify"`
		Room   string `json:"room"`
		Seq    int64  `json:"seq" doc:"Of the message"`
		Cause  string `json:"cause" enum:"direct,mention,broadcast,keyword,reply,message" doc:"The strongest cause of the alert"`
		Reason string `json:"reason" example:"This message mentions you." doc:"Why the recipient is notified, in English"`
	}
	// TypingEvent: somebody is typing in the room that the recipient has open. It is valid for 5 s.
	TypingEvent struct {
		Type string `json:"type" enum:"typing"`
		Room string `json:"room"`
		User string `json:"user"`
	}
	// PresenceEvent: the states of watched users.
	PresenceEvent struct {
		Type  string              `json:"type" enum:"presence"`
		Users map[string]Presence `json:"users"`
	}
	// Bye ends the connection. It carries the close code where the transport cannot send one.
	Bye struct {
		Type    string `json:"type" enum:"bye"`
		Code    int    `json:"code" example:"4001" doc:"The close code"`
		RetryMS int    `json:"retry_ms,omitempty" example:"800" doc:"When to come back, if so; milliseconds"`
	}
	// Pong answers a ping. With type resync it tells the client to refetch rooms and users, since events were lost.
	Pong struct {
		Type string `json:"type" enum:"pong,resync"`
	}
)

// Presence tells whether a user is present.
type Presence string

// The states of presence. A user is offline after 30 s without a connection.
const (
	Active  Presence = "active"
	Away    Presence = "away"
	Offline Presence = "offline"
)

// Close codes of the socket, in addition to those of RFC 6455.
const (
	CloseMalformed = 4000 // a frame is not a valid command
	CloseEnded     = 4001 // the session or token ended
	CloseSilent    = 4002 // the client sent nothing for heartbeat + 10 s
	CloseSlow      = 4008 // the queue of 256 events or 1 MiB is full
	CloseTooMany   = 4029 // too many connections of a user, or too many frames
)

// EventFrame encodes an event once for all its recipients. It returns nil for an event that is not sent to clients. If a message
// is larger than FrameBytes, the frame contains only its seq.
func EventFrame(e chat.Event) ([]byte, error) {
	b, err := json.Marshal(event(e))
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", e, err)
	}
	if m, ok := e.(chat.MessageChanged); ok && len(b) > FrameBytes {
		return json.Marshal(MessageEvent{Type: "message", Room: m.Message.Room, Rev: m.Message.Rev, Seq: m.Message.Seq})
	}
	if string(b) == "null" {
		return nil, nil
	}
	return b, nil
}

func event(e chat.Event) any {
	switch e := e.(type) {
	case chat.MessageChanged:
		m := liveMessage(e.Message)
		return MessageEvent{Type: "message", Room: m.Room, Rev: m.Rev, Message: &m}
	case chat.ReactionChanged:
		r := Reaction{Emoji: e.Reaction.Emoji, Count: e.Reaction.Count, Users: list(e.Reaction.Users)}
		return ReactionEvent{Type: "reaction", Room: e.Room, Rev: e.Rev, Seq: e.Seq, User: e.User, Added: e.Added, Reaction: r}
	case chat.PollChanged:
		return PollEvent{Type: "poll", Room: e.Room, Rev: e.Rev, Seq: e.Seq, Poll: newPollCounts(e)}
	case chat.RoomChanged:
		return RoomEvent{Type: "room", Room: NewRoom(e.Room)}
	case chat.MyRoomChanged:
		return MyRoomEvent{Type: "my_room", Room: NewMyRoom(e.Room)}
	case chat.RoomJoined:
		return MyRoomEvent{Type: "joined", Room: NewMyRoom(e.Room)}
	case chat.RoomLeft:
		return LeftEvent{Type: "left", Room: e.Room, Reason: string(e.Reason), By: e.By}
	case chat.MembersChanged:
		return MembersEvent{Type: "members", Room: e.Room, MemberCount: e.MemberCount}
	case chat.ReadMoved:
		return ReadEvent{
			Type: "read", Room: e.Room, Seq: e.Read.Seq, ReadRev: e.Read.ReadRev, Unread: e.Read.Unread, MentionCount: e.Read.MentionCount,
		}
	case chat.ThreadChanged:
		return ThreadEvent{Type: "thread", Room: e.Room, Seq: e.Root}
	case chat.MessageConfirmed:
		return ConfirmedEvent{Type: "confirmed", Room: e.Room, Seq: e.Seq}
	case chat.UserChanged:
		return UserEvent{Type: "user", User: NewUser(e.User, false)}
	case chat.SettingsChanged:
		return UserEvent{Type: "user", User: NewUser(e.User, false)}
	case chat.CustomEmojiChanged:
		return EmojiEvent{Type: "emoji"}
	case chat.WorkspaceChanged:
		return WorkspaceEvent{Type: "workspace"}
	case chat.Alerted:
		return NotifyEvent{Type: "notify", Room: e.Room, Seq: e.Seq, Cause: e.Cause, Reason: e.Reason}
	case chat.Typing:
		return TypingEvent{Type: "typing", Room: e.Room, User: e.User}
	case chat.SessionsEnded:
		return nil
	}
	return nil
}
