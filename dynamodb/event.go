package dynamodb

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// eventLife is how long an item of events is kept: the stream has told of it at once, and holds it for a day.
const eventLife = 24 * time.Hour

// said is an event with its audience as it is kept.
type said struct {
	Kind    string          `json:"kind"`
	Event   json.RawMessage `json:"event"`
	To      []string        `json:"to,omitempty"`
	Room    string          `json:"room,omitempty"`
	Version int64           `json:"version,omitempty"` // of the room, with Room; of the directory after the command, with Sees
	Sees    string          `json:"sees,omitempty"`
}

// audience is whom it is for.
func (s said) audience() chat.Audience {
	return chat.Audience{Users: s.To, Members: s.Room, Sees: s.Sees, Version: s.Version}
}

// events is an item of what a command tells besides messages.
type events struct {
	Rev     int64  `dynamodbav:"rev"`     // of the room, before the messages of the same command
	Version int64  `dynamodbav:"version"` // of the room
	Said    string `dynamodbav:"said"`    // JSON of []said
	TTL     int64  `dynamodbav:"ttl"`
}

// event adds what is told with the commit, after what was added before. version is the room's, where the event is for the members
// of a room; that of the directory is known once the command is done.
func (t *tx) event(e chat.Event, version int64) error {
	b, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode %T: %w", e, err)
	}
	to := chat.AudienceOf(e, version)
	t.said = append(t.said, said{Kind: kind(e), Event: b, To: to.Users, Room: to.Members, Version: to.Version, Sees: to.Sees})
	return nil
}

func kind(e chat.Event) string {
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

// event is what was said, as it was.
func (s said) event() (chat.Event, error) {
	switch s.Kind {
	case "room":
		return as[chat.RoomChanged](s)
	case "my_room":
		return as[chat.MyRoomChanged](s)
	case "joined":
		return as[chat.RoomJoined](s)
	case "left":
		return as[chat.RoomLeft](s)
	case "members":
		return as[chat.MembersChanged](s)
	case "read":
		return as[chat.ReadMoved](s)
	case "user":
		return as[chat.UserChanged](s)
	case "ended":
		return as[chat.SessionsEnded](s)
	}
	return nil, fmt.Errorf("an event of unknown kind %q", s.Kind)
}

func as[E chat.Event](s said) (chat.Event, error) {
	var e E
	if err := json.Unmarshal(s.Event, &e); err != nil {
		return nil, fmt.Errorf("decode %T: %w", e, err)
	}
	return e, nil
}

// tell puts what was said into the transaction: in the partition of the room that it is about, so that it comes in order
// with the room's messages, else in one for all.
func (t *tx) tell() error {
	if len(t.said) == 0 {
		return nil
	}
	for i := range t.said {
		if o := t.ops[workspaceKey()]; o != nil && o.put != nil && t.said[i].Sees != "" {
			t.said[i].Version = o.put.integer("directory")
		}
	}
	b, err := json.Marshal(t.said)
	if err != nil {
		return fmt.Errorf("encode events: %w", err)
	}
	e := events{Rev: t.about.rev, Version: t.about.version, Said: string(b), TTL: seconds(t.s.clock().Add(eventLife))}
	part := messagePK(t.about.room)
	return t.put(key{messages, part, "E#" + ordinal(e.Rev) + "#" + ordinal(e.Version) + "#" + chat.NewID()}, e)
}

// about is where a command's events belong in the order of things.
type about struct {
	room         string // "": no room
	rev, version int64
}
