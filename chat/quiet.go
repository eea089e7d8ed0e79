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

// ClockTime is what a clock shows, in minutes since midnight.
type ClockTime int

// On says whether it is quiet at a moment, for somebody in zone.
func (q Quiet) On(at time.Time, zone *time.Location) bool {
	if q.Until != nil && at.Before(*q.Until) {
		return true
	}
	return q.Schedule != nil && q.Schedule.on(at.In(zone))
}

func (s Schedule) on(local time.Time) bool {
	clock := ClockTime(60*local.Hour() + local.Minute())
	today := (int(local.Weekday()) + 6) % 7 // monday is 0
	yesterday := (today + 6) % 7
	begins := func(day int) bool { return slices.Contains(s.Days, Days()[day]) }
	if s.From < s.To {
		return begins(today) && s.From <= clock && clock < s.To
	}
	return begins(today) && s.From <= clock || begins(yesterday) && clock < s.To
}
