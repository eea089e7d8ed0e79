package chat

import "github.com/canteen-chat/canteen/audience"

// AudienceOf is the one place that says who an event is for. version is what Audience.Version says.
func AudienceOf(e Event, version int64) audience.Audience {
	switch e := e.(type) {
	case MessageChanged:
		return audience.Audience{Members: e.Message.Room, Version: version}
	case ReactionChanged:
		return audience.Audience{Members: e.Room, Version: version}
	case PollChanged:
		if e.Own {
			return audience.Audience{Users: []string{e.Voter}}
		}
		return audience.Audience{Members: e.Room, But: e.Voter, Version: version}
	case RoomChanged:
		return audience.Audience{Members: e.Room.ID, Version: version}
	case MembersChanged:
		return audience.Audience{Members: e.Room, Version: version}
	case MyRoomChanged:
		return audience.Audience{Users: []string{e.User}}
	case RoomJoined:
		return audience.Audience{Users: []string{e.User}}
	case RoomLeft:
		return audience.Audience{Users: []string{e.User}}
	case ReadMoved:
		return audience.Audience{Users: []string{e.Read.User}}
	case ThreadChanged:
		if e.User != "" {
			return audience.Audience{Users: []string{e.User}}
		}
		return audience.Audience{Members: e.Room, Thread: e.Root, Version: version}
	case MessageConfirmed:
		return audience.Audience{Users: union([]string{e.User}, []string{e.Author})}
	case UserChanged:
		return audience.Audience{Sees: e.User.ID, Version: version}
	case CustomEmojiChanged, WorkspaceChanged:
		return audience.Audience{Everyone: true, Version: version}
	case SettingsChanged:
		return audience.Audience{Users: []string{e.User.ID}}
	case SessionsEnded, Alerted, Typing:
		return audience.Audience{}
	}
	return audience.Audience{}
}
