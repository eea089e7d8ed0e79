package wire

import "github.com/canteen-chat/canteen/chat"

// IsOwn says whether user did what the event tells: it is their own post or edit, their reaction or vote. Bots hear of
// those only if they ask.
func IsOwn(e chat.Event, user string) bool {
	switch e := e.(type) {
	case chat.MessageChanged: // deletions and new replies can be others'
		return e.Message.Author == user && e.Message.DeletedAt == nil && e.Message.ThreadInfo == nil && e.Message.System == nil
	case chat.ReactionChanged:
		return e.User == user
	case chat.PollChanged:
		return e.Voter == user
	case chat.MessageConfirmed:
		return e.User == user
	case chat.ThreadChanged:
		return e.User == user
	}
	return false
}
