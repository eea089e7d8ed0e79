package chat

import (
	"time"

	"github.com/canteen-chat/canteen/quiet"
)

// someday refuses times that no calendar shows.
func someday(field string, t time.Time) error { return reason(field, quiet.Until(t)) }

// placed is Invalid when the user has a schedule and no time zone. zone says which of the two was changed.
func (u User) placed(zone bool) error {
	switch {
	case u.Settings.Attention.Quiet.Schedule == nil || u.TimeZone != "":
		return nil
	case zone:
		return InvalidField("time_zone", "Your schedule for do not disturb needs a time zone. End the schedule first.")
	}
	return InvalidField("settings.attention.quiet.schedule", "A schedule needs your time zone. Set time_zone first.")
}
