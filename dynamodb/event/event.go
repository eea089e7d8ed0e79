// Package event is the form in which events are stored, and read again by who follows the storage.
package event

import (
	"encoding/json"
	"fmt"

	"github.com/canteen-chat/canteen/audience"
	"github.com/canteen-chat/canteen/chat"
)

// Stored is an event and its audience as they are stored.
type Stored struct {
	Kind    string          `json:"kind"`
	Event   json.RawMessage `json:"event"`
	To      []string        `json:"to,omitempty"`
	Room    string          `json:"room,omitempty"`
	Version int64           `json:"version,omitempty"` // of the room if Room is set; of the directory after the command if Sees is set
	Sees    string          `json:"sees,omitempty"`
	All     bool            `json:"all,omitempty"` // everyone
}

// New returns the form of an event. version is the room's if the event goes to the members of a room.
func New(e chat.Event, version int64) (Stored, error) {
	b, err := json.Marshal(e)
	if err != nil {
		return Stored{}, fmt.Errorf("encode %T: %w", e, err)
	}
	to := chat.AudienceOf(e, version)
	return Stored{Kind: kind(e), Event: b, To: to.Users, Room: to.Members, Version: to.Version, Sees: to.Sees, All: to.Everyone}, nil
}

// Audience returns the event's audience.
func (s Stored) Audience() audience.Audience {
	return audience.Audience{Users: s.To, Members: s.Room, Sees: s.Sees, Everyone: s.All, Version: s.Version}
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

// Decode returns the event itself.
func (s Stored) Decode() (chat.Event, error) {
	switch s.Kind {
	case "room":
		return decode[chat.RoomChanged](s)
	case "my_room":
		return decode[chat.MyRoomChanged](s)
	case "joined":
		return decode[chat.RoomJoined](s)
	case "left":
		return decode[chat.RoomLeft](s)
	case "members":
		return decode[chat.MembersChanged](s)
	case "read":
		return decode[chat.ReadMoved](s)
	case "thread":
		return decode[chat.ThreadChanged](s)
	case "confirmed":
		return decode[chat.MessageConfirmed](s)
	case "user":
		return decode[chat.UserChanged](s)
	case "settings":
		return decode[chat.SettingsChanged](s)
	case "emoji":
		return decode[chat.CustomEmojiChanged](s)
	case "workspace":
		return decode[chat.WorkspaceChanged](s)
	case "ended":
		return decode[chat.SessionsEnded](s)
	}
	return nil, fmt.Errorf("event of unknown kind %q", s.Kind)
}

func decode[E chat.Event](s Stored) (chat.Event, error) {
	var e E
	if err := json.Unmarshal(s.Event, &e); err != nil {
		return nil, fmt.Errorf("decode %T: %w", e, err)
	}
	return e, nil
}
