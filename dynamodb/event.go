package dynamodb

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/canteen-chat/canteen/audience"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// eventLife is how long an event item is kept. The stream delivers it at once, and keeps its record for a day.
const eventLife = 24 * time.Hour

// storedEvent is an event and its audience as they are stored.
type storedEvent struct {
	Kind    string          `json:"kind"`
	Event   json.RawMessage `json:"event"`
	To      []string        `json:"to,omitempty"`
	Room    string          `json:"room,omitempty"`
	Version int64           `json:"version,omitempty"` // of the room if Room is set; of the directory after the command if Sees is set
	Sees    string          `json:"sees,omitempty"`
	All     bool            `json:"all,omitempty"` // everyone
}

// audience returns the event's audience.
func (s storedEvent) audience() audience.Audience {
	return audience.Audience{Users: s.To, Members: s.Room, Sees: s.Sees, Everyone: s.All, Version: s.Version}
}

// eventItem holds all events of a command but those about messages.
type eventItem struct {
	Rev     int64  `dynamodbav:"rev"`     // of the room before the command
	Version int64  `dynamodbav:"version"` // of the room after the command; of the directory for events without a room
	Events  string `dynamodbav:"said"`    // JSON of []storedEvent
	TTL     int64  `dynamodbav:"ttl"`
}

// addEvent adds an event to the transaction; events keep their order. version is the room's if the event goes to the members
// of a room. putEvents fills in the version of the directory.
func (t *tx) addEvent(e chat.Event, version int64) error {
	b, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode %T: %w", e, err)
	}
	to := chat.AudienceOf(e, version)
	t.events = append(t.events, storedEvent{
		Kind: eventKind(e), Event: b, To: to.Users, Room: to.Members, Version: to.Version, Sees: to.Sees, All: to.Everyone,
	})
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
	case chat.ThreadChanged:
		return "thread"
	case chat.MessageConfirmed:
		return "confirmed"
	case chat.UserChanged:
		return "user"
	case chat.SettingsChanged:
		return "settings"
	case chat.CustomEmojiChanged:
		return "emoji"
	case chat.WorkspaceChanged:
		return "workspace"
	case chat.SessionsEnded:
		return "ended"
	}
	return ""
}

// decode returns the event itself.
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
	case "thread":
		return decodeEvent[chat.ThreadChanged](s)
	case "confirmed":
		return decodeEvent[chat.MessageConfirmed](s)
	case "user":
		return decodeEvent[chat.UserChanged](s)
	case "settings":
		return decodeEvent[chat.SettingsChanged](s)
	case "emoji":
		return decodeEvent[chat.CustomEmojiChanged](s)
	case "workspace":
		return decodeEvent[chat.WorkspaceChanged](s)
	case "ended":
		return decodeEvent[chat.SessionsEnded](s)
	}
	return nil, fmt.Errorf("event of unknown kind %q", s.Kind)
}

func decodeEvent[E chat.Event](s storedEvent) (chat.Event, error) {
	var e E
	if err := json.Unmarshal(s.Event, &e); err != nil {
		return nil, fmt.Errorf("decode %T: %w", e, err)
	}
	return e, nil
}

// putEvents adds an item with the collected events to the transaction. It lies in the partition of the room that the command
// changes, so that the stream keeps the order with the room's messages; events without a room share one partition.
func (t *tx) putEvents() error {
	if len(t.events) == 0 {
		return nil
	}
	for i := range t.events {
		if now := t.Pending(workspaceKey()); now != nil && t.events[i].Sees != "" {
			t.events[i].Version = now.Integer("directory")
		}
	}
	b, err := json.Marshal(t.events)
	if err != nil {
		return fmt.Errorf("encode events: %w", err)
	}
	e := eventItem{Rev: t.eventPos.rev, Version: t.eventPos.version, Events: string(b), TTL: table.Seconds(t.s.clock().Add(eventLife))}
	part := messagePK(t.eventPos.room)
	return t.Put(table.NewKey(messages, part, "E#"+table.Ordinal(e.Rev)+"#"+table.Ordinal(e.Version)+"#"+chat.NewID()), e)
}

// eventPosition orders the events of a command among the stream's records.
type eventPosition struct {
	room         string // "" for events without a room
	rev, version int64
}
