package chat

import (
	"time"

	"github.com/canteen-chat/canteen/quiet"
)

// keptQuiet is q as it is kept. Invalid, with a field below this one, for days and times that there are not.
func keptQuiet(field string, q quiet.Quiet) (quiet.Quiet, error) {
	if q.Until != nil {
		if err := someday(field+".until", *q.Until); err != nil {
			return q, err
		}
	}
	if q.Schedule == nil {
		return q, nil
	}
	s, wrong, why := q.Schedule.Kept()
	if why != "" {
		return q, InvalidField(field+".schedule."+wrong, "%s", why)
	}
	return quiet.Quiet{Until: q.Until, Schedule: s}, nil
}

// someday refuses times that no calendar shows.
func someday(field string, t time.Time) error {
	if t.Year() < 2000 || t.Year() > 9000 {
		return InvalidField(field, "A time between the years 2000 and 9000 is needed.")
	}
	return nil
}

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
