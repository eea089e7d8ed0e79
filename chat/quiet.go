package chat

import (
	"slices"
	"time"
)

// Quiet says when somebody does not want to be disturbed. Others see it. The zero value is never.
type Quiet struct {
	Until    *time.Time // until this moment
	Schedule *Schedule  // and at these times of the week
}

// Schedule is a part of the day on some days of the week. It goes by what a clock on the wall shows where somebody is: it begins and
// ends with the clock also on the days on which the clock is changed.
type Schedule struct {
	Days     []Day     // on which it begins, in the order of the week, each once
	From, To ClockTime // if To is not after From, it ends on the next day
}

// Day is a day of the week: mon … sun.
type Day string

// Days are all of them, in order.
func Days() []Day { return []Day{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// ClockTime is what a clock shows, from "00:00" to "23:59".
type ClockTime string

const clockLayout = "15:04"

// On says whether it is quiet at a moment, for somebody in zone.
func (q Quiet) On(at time.Time, zone *time.Location) bool {
	if q.Until != nil && at.Before(*q.Until) {
		return true
	}
	return q.Schedule != nil && q.Schedule.on(at.In(zone))
}

func (s Schedule) on(local time.Time) bool {
	clock := ClockTime(local.Format(clockLayout)) // such texts sort as the times do
	today := (int(local.Weekday()) + 6) % 7       // monday is 0
	yesterday := (today + 6) % 7
	begins := func(day int) bool { return slices.Contains(s.Days, Days()[day]) }
	if s.From < s.To {
		return begins(today) && s.From <= clock && clock < s.To
	}
	return begins(today) && s.From <= clock || begins(yesterday) && clock < s.To
}

// checked is q with the days in order. Invalid, with a field below this one, for days and times that there are not.
func (q Quiet) checked(field string) (Quiet, error) {
	if q.Until != nil {
		if err := someday(field+".until", *q.Until); err != nil {
			return q, err
		}
	}
	if q.Schedule == nil {
		return q, nil
	}
	s := *q.Schedule
	for _, d := range s.Days {
		if !slices.Contains(Days(), d) {
			return q, InvalidField(field+".schedule.days", "Days are mon, tue, wed, thu, fri, sat, sun: %q is none.", d)
		}
	}
	s.Days = slices.DeleteFunc(Days(), func(d Day) bool { return !slices.Contains(q.Schedule.Days, d) })
	if len(s.Days) == 0 {
		return q, InvalidField(field+".schedule.days", "At least one day is needed, of mon, tue, wed, thu, fri, sat, sun.")
	}
	if err := s.From.check(field + ".schedule.from"); err != nil {
		return q, err
	}
	return Quiet{q.Until, &s}, s.To.check(field + ".schedule.to")
}

func (t ClockTime) check(field string) error {
	if _, err := time.Parse(clockLayout, string(t)); err != nil || len(t) != len(clockLayout) {
		return InvalidField(field, "A time from 00:00 to 23:59 is needed.")
	}
	return nil
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
