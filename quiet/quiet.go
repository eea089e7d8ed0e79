// Package quiet says when somebody does not want to be disturbed. It knows nothing of users, and keeps nothing.
//
// The package imports nothing of this module.
package quiet

import (
	"fmt"
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

const (
	clockLayout = "15:04"
	noTime      = "A time from 00:00 to 23:59 is needed."
)

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

// Kept returns q in the form in which it is stored, or the field that is wrong, and why: a moment that no calendar shows, or days or times
// that do not exist.
func (q Quiet) Kept() (kept Quiet, field, why string) {
	if q.Until != nil {
		if why := Until(*q.Until); why != "" {
			return q, "until", why
		}
	}
	if q.Schedule == nil {
		return q, "", ""
	}
	s, field, why := q.Schedule.Kept()
	if why != "" {
		return q, "schedule." + field, why
	}
	return Quiet{Until: q.Until, Schedule: s}, "", ""
}

// Until says what is wrong with a moment until which something holds; "" if nothing is.
func Until(t time.Time) (why string) {
	if t.Year() < 2000 || t.Year() > 9000 {
		return "A time between the years 2000 and 9000 is needed."
	}
	return ""
}

// Kept is the schedule as it is kept, with the days in order, or which field is wrong with it, and why.
func (s Schedule) Kept() (kept *Schedule, field, why string) {
	for _, d := range s.Days {
		if !slices.Contains(Days(), d) {
			return nil, "days", fmt.Sprintf("Days are mon, tue, wed, thu, fri, sat, sun: %q is none.", d)
		}
	}
	given := s.Days
	if s.Days = slices.DeleteFunc(Days(), func(d Day) bool { return !slices.Contains(given, d) }); len(s.Days) == 0 {
		return nil, "days", "At least one day is needed, of mon, tue, wed, thu, fri, sat, sun."
	}
	switch {
	case !s.From.shown():
		return nil, "from", noTime
	case !s.To.shown():
		return nil, "to", noTime
	}
	return &s, "", ""
}

// shown says whether a clock shows such a time.
func (t ClockTime) shown() bool {
	_, err := time.Parse(clockLayout, string(t))
	return err == nil && len(t) == len(clockLayout)
}
