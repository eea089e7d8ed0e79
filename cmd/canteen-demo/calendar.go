package main

import (
	"time"
)

const (
	days  = 15 // working days before today; the company begins to use Canteen on the first of them
	opens = 8 * time.Hour
	ends  = 17*time.Hour + 30*time.Minute // everything of today happens between opens and ends
)

// moment is a time of the script: day 0 is today, day n the n-th working day before today.
type moment struct {
	day   int
	clock time.Duration // since midnight
}

// calendar turns moments into times, in the time zone of now.
type calendar struct{ now time.Time }

// time gives the time of a moment. Today's moments are moved into the part of the day that is over, in the same order: before 17:30 they
// lie between 8:00 and now, and in the night between midnight and now.
func (c calendar) time(m moment) time.Time {
	day := c.now
	for left := m.day; left > 0; {
		if day = day.AddDate(0, 0, -1); day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
			left--
		}
	}
	midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, day.Location())
	if m.day > 0 {
		return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, int(m.clock/time.Second), 0, day.Location()).UTC()
	}
	clock := min(max(m.clock, opens), ends)
	if over := c.now.Sub(midnight); over < ends {
		from := opens
		if over < opens+time.Hour {
			from = 0
		}
		clock = from + time.Duration(float64(clock-opens)/float64(ends-opens)*float64(over-from))
	}
	return midnight.Add(clock).Truncate(time.Millisecond).UTC()
}
