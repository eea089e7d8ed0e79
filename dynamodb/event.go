package dynamodb

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// eventLife is how long an item of events is kept: the stream has told of it at once, and holds it for a day.
const eventLife = 24 * time.Hour

// storedEvent is an event with its audience as it is kept.
type storedEvent struct {
	Kind    string          `json:"kind"`
	Event   json.RawMessage `json:"event"`
	To      []string        `json:"to,omitempty"`
	Room    string          `json:"room,omitempty"`
	Version int64           `json:"version,omitempty"` // of the room, with Room; of the directory after the command, with Sees
	Sees    string          `json:"sees,omitempty"`
}

// audience is whom it is for.
func (s storedEvent) audience() chat.Audience {
	return chat.Audience{Users: s.To, Members: s.Room, Sees: s.Sees, Version: s.Version}
}

// eventItem is an item of what a command tells besides messages.
type eventItem struct {
	Rev     int64  `dynamodbav:"rev"`     // of the room, before the messages of the same command
	Version int64  `dynamodbav:"version"` // of the room
	Events  string `dynamodbav:"said"`    // JSON of []said
	TTL     int64  `dynamodbav:"ttl"`
}

// addEvent adds what is told with the commit, after what was added before. version is the room's, where the event is for the members
// of a room; that of the directory is known once the command is done.
func (t *tx) addEvent(e chat.Event, version int64) error {
	b, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode %T: %w", e, err)
	}
	to := chat.AudienceOf(e, version)
	t.events = append(t.events, storedEvent{Kind: eventKind(e), Event: b, To: to.Users, Room: to.Members, Version: to.Version, Sees: to.Sees})
	return nil
}

func eventKind(e chat.Event) string {
	switch e.(type) {
	case chat.RoomChanged:
		return "room"
	case chat.MyRoomChanged:
		return "my_room"
	case chat.RoomJoined:
		return "joined"
	case chat.RoomLeft:
		return "left"
	case chat.MembersChanged:
		return "members"
	case chat.ReadMoved:
		return "read"
	case chat.UserChanged:
		return "user"
	case chat.SessionsEnded:
		return "ended"
	}
	return ""
}

// decode is what was said, as it was.
func (s storedEvent) decode() (chat.Event, error) {
	switch s.Kind {
	case "room":
		return decodeEvent[chat.RoomChanged](s)
	case "my_room":
		return decodeEvent[chat.MyRoomChanged](s)
	case "joined":
		return decodeEvent[chat.RoomJoined](s)
	case "left":
		return decodeEvent[chat.RoomLeft](s)
	case "members":
		return decodeEvent[chat.MembersChanged](s)
	case "read":
		return decodeEvent[chat.ReadMoved](s)
	case "user":
		return decodeEvent[chat.UserChanged](s)
	case "ended":
		return decodeEvent[chat.SessionsEnded](s)
	}
	return nil, fmt.Errorf("an event of unknown kind %q", s.Kind)
}

func decodeEvent[E chat.Event](s storedEvent) (chat.Event, error) {
	var e E
	if err := json.Unmarshal(s.Event, &e); err != nil {
		return nil, fmt.Errorf("decode %T: %w", e, err)
	}
	return e, nil
}

// putEvents puts what was said into the transaction: in the partition of the room that it is about, so that it comes in order
// with the room's messages, else in one for all.
func (t *tx) putEvents() error {
	if len(t.events) == 0 {
		return nil
	}
	for i := range t.events {
		if o := t.ops[workspaceKey()]; o != nil && o.put != nil && t.events[i].Sees != "" {
			t.events[i].Version = o.put.integer("directory")
		}
	}
	b, err := json.Marshal(t.events)
	if err != nil {
		return fmt.Errorf("encode events: %w", err)
	}
	e := eventItem{Rev: t.eventPos.rev, Version: t.eventPos.version, Events: string(b), TTL: seconds(t.s.clock().Add(eventLife))}
	part := messagePK(t.eventPos.room)
	return t.put(key{messages, part, "E#" + ordinal(e.Rev) + "#" + ordinal(e.Version) + "#" + chat.NewID()}, e)
}

// eventPosition is where a command's events belong in the order of things.
type eventPosition struct {
	room         string // "": no room
	rev, version int64
}
