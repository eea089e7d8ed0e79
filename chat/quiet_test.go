package chat_test

import (
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// TestQuiet: do not disturb until a moment, and on a schedule, in a time zone, across midnight and while clocks are changed.
func TestQuiet(t *testing.T) {
	until := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	nights := &chat.Schedule{Days: []chat.Day{"mon", "tue", "wed", "thu", "fri"}, From: "22:00", To: "07:00"}
	lunch := &chat.Schedule{Days: []chat.Day{"sat", "sun"}, From: "12:00", To: "13:30"}
	sundays := &chat.Schedule{Days: []chat.Day{"sun"}, From: "00:00", To: "00:00"} // from midnight to midnight
	small := &chat.Schedule{Days: chat.Days(), From: "02:15", To: "02:45"}
	late := &chat.Schedule{Days: chat.Days(), From: "02:30", To: "06:00"}
	for _, c := range []struct {
		name  string
		quiet chat.Quiet
		zone  string
		at    string // UTC
		want  bool
	}{
		{"never", chat.Quiet{}, "Europe/Berlin", "2026-11-30 12:00", false},
		{"until: before", chat.Quiet{Until: &until}, "UTC", "2026-11-30 11:59", true},
		{"until: then", chat.Quiet{Until: &until}, "UTC", "2026-11-30 12:00", false},
		{"until is over, the schedule is not", chat.Quiet{&until, nights}, "UTC", "2026-11-30 23:00", true},

		{"a day: before", chat.Quiet{Schedule: lunch}, "Europe/Berlin", "2026-11-28 10:59", false},
		{"a day: begins", chat.Quiet{Schedule: lunch}, "Europe/Berlin", "2026-11-28 11:00", true},
		{"a day: last minute", chat.Quiet{Schedule: lunch}, "Europe/Berlin", "2026-11-28 12:29", true},
		{"a day: ends", chat.Quiet{Schedule: lunch}, "Europe/Berlin", "2026-11-28 12:30", false},
		{"a day: another day", chat.Quiet{Schedule: lunch}, "Europe/Berlin", "2026-11-30 11:30", false},
		{"a day: the day there", chat.Quiet{Schedule: lunch}, "Pacific/Auckland", "2026-11-27 23:30", true},
		{"a day: no longer the day there", chat.Quiet{Schedule: lunch}, "Pacific/Auckland", "2026-11-29 23:30", false},

		{"midnight: before", chat.Quiet{Schedule: nights}, "Europe/Berlin", "2026-11-30 20:59", false},
		{"midnight: begins", chat.Quiet{Schedule: nights}, "Europe/Berlin", "2026-11-30 21:00", true},
		{"midnight", chat.Quiet{Schedule: nights}, "Europe/Berlin", "2026-11-30 23:00", true},
		{"midnight: last minute", chat.Quiet{Schedule: nights}, "Europe/Berlin", "2026-12-01 05:59", true},
		{"midnight: ends", chat.Quiet{Schedule: nights}, "Europe/Berlin", "2026-12-01 06:00", false},
		{"midnight: begun on friday", chat.Quiet{Schedule: nights}, "Europe/Berlin", "2026-11-28 03:00", true},
		{"midnight: not begun on saturday", chat.Quiet{Schedule: nights}, "Europe/Berlin", "2026-11-28 22:00", false},
		{"midnight: not begun on sunday", chat.Quiet{Schedule: nights}, "Europe/Berlin", "2026-11-30 03:00", false},
		{"a whole day: begins", chat.Quiet{Schedule: sundays}, "Asia/Kolkata", "2026-11-28 18:30", true},
		{"a whole day: last minute", chat.Quiet{Schedule: sundays}, "Asia/Kolkata", "2026-11-29 18:29", true},
		{"a whole day: ends", chat.Quiet{Schedule: sundays}, "Asia/Kolkata", "2026-11-29 18:30", false},

		{"to summer time: begins before", chat.Quiet{Schedule: late}, "Europe/Berlin", "2026-03-29 00:59", false},
		{"to summer time: the clock jumps over its beginning", chat.Quiet{Schedule: late}, "Europe/Berlin", "2026-03-29 01:00", true},
		{"to summer time: ends by the clock", chat.Quiet{Schedule: late}, "Europe/Berlin", "2026-03-29 03:59", true},
		{"to summer time: ended", chat.Quiet{Schedule: late}, "Europe/Berlin", "2026-03-29 04:00", false},
		{"to summer time: the clock jumps over all of it", chat.Quiet{Schedule: small}, "Europe/Berlin", "2026-03-29 01:00", false},
		{"to winter time: the first time", chat.Quiet{Schedule: small}, "Europe/Berlin", "2026-10-25 00:30", true},
		{"to winter time: between", chat.Quiet{Schedule: small}, "Europe/Berlin", "2026-10-25 00:50", false},
		{"to winter time: the second time", chat.Quiet{Schedule: small}, "Europe/Berlin", "2026-10-25 01:30", true},
		{"to winter time: ends by the clock", chat.Quiet{Schedule: late}, "Europe/Berlin", "2026-10-25 04:59", true},
		{"to winter time: ended", chat.Quiet{Schedule: late}, "Europe/Berlin", "2026-10-25 05:00", false},
		{"a midnight that is not there", chat.Quiet{Schedule: sundays}, "Africa/Cairo", "2026-04-23 22:00", false},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse("2006-01-02 15:04", c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.quiet.On(at, zone); got != c.want {
			t.Errorf("%s: %t at %s (there: %s)", c.name, got, c.at, at.In(zone).Format("Mon 15:04"))
		}
	}
}
