package text

import "slices"

// reserved are the handles that belong to nobody.
var reserved = []string{
	"here", "room", "all", "everyone", "channel", "system", "admin", "owner", "root", "support", "me", "canteen", AlarmsHandle,
}

// AlarmsHandle is the handle of the bot that tells the alarms of the server. Only the machine makes it.
const AlarmsHandle = "canteen-alarms"

// ReservedHandle says whether a handle belongs to nobody, because people would take it for a group or for somebody in charge. Marks at
// its end make no difference: in a sentence nobody could tell @room. from @room.
func ReservedHandle(handle string) bool { return slices.Contains(reserved, trimMarks(handle)) }
