package chat

import (
	"cmp"

	"github.com/canteen-chat/canteen/section"
	"github.com/canteen-chat/canteen/settings"
)

// NotifyIn is what a user hears of a room of this kind that they join now.
func (u User) NotifyIn(k Kind) Notify {
	if k == Direct {
		return NotifyAll
	}
	return cmp.Or(u.Settings.Attention.DefaultNotify, NotifyMentions)
}

// keptSettings returns the change in the form in which it is stored. Invalid, with the field, for a choice that does not exist.
func keptSettings(in settings.Input) (settings.Input, error) {
	kept, field, why := in.Kept(section.IDs{Is: IsID, New: NewID})
	return kept, reason("settings."+field, why)
}
