package wire

import (
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/quiet"
	"github.com/canteen-chat/canteen/settings"
)

// Quiet says when a user does not want to be disturbed: until a time, and on a schedule in the user's time zone.
type Quiet struct {
	Until    *Time     `json:"until,omitempty" format:"date-time" doc:"Until this time, which may be over"`
	Schedule *Schedule `json:"schedule,omitempty" doc:"Each week, by the clock in the user's time_zone"`
}

// Schedule is a part of the day on some days of the week.
type Schedule struct {
	Days []string `json:"days" nullable:"false" maxItems:"7" enum:"mon,tue,wed,thu,fri,sat,sun" doc:"On which it begins, one at least"`
	From string   `json:"from" format:"clock-time" example:"22:00"`
	To   string   `json:"to" format:"clock-time" example:"07:00" doc:"On the next day if it is not later than from"`
}

// Attention is what a user wants to hear of, and how.
type Attention struct {
	DefaultNotify string   `json:"default_notify" enum:"all,mentions,nothing" doc:"The level of rooms that the user joins, but direct ones"`
	ThreadAlert   bool     `json:"thread_alert" doc:"Replies in followed threads alert in rooms of the level all"`
	Keywords      []string `json:"keywords" maxItems:"20" nullable:"false" doc:"Words and phrases that alert like a mention"`
	Quiet         *Quiet   `json:"quiet,omitempty" doc:"Do not disturb"`
	Sound         string   `json:"sound" enum:"off,quiet"`
	Digest        string   `json:"digest" enum:"off,hourly,daily" doc:"How often e-mail tells of what waits"`
	PushDelay     int      `json:"push_delay" minimum:"0" maximum:"3600" doc:"Seconds for which e-mail waits: a digest holds nothing newer"`
}

// UpdateAttention changes what a user wants to hear of. Absent fields stay unchanged.
type UpdateAttention struct {
	DefaultNotify *string   `json:"default_notify,omitempty" enum:"all,mentions,nothing" doc:"For rooms joined from now on; all, mentions or nothing"`
	ThreadAlert   *bool     `json:"thread_alert,omitempty" example:"true"`
	Keywords      *[]string `json:"keywords,omitempty" maxItems:"20" nullable:"false" doc:"At most 20 of 2–40 characters; replaces all"`
	Quiet         *Quiet    `json:"quiet,omitempty" doc:"Do not disturb; replaces all of it, {} ends it"`
	Sound         *string   `json:"sound,omitempty" enum:"off,quiet" doc:"off or quiet"`
	Digest        *string   `json:"digest,omitempty" enum:"off,hourly,daily" doc:"off, hourly or daily"`
	PushDelay     *int      `json:"push_delay,omitempty" minimum:"0" maximum:"3600" example:"30" doc:"Seconds, at most 3,600"`
}

func newQuiet(q quiet.Quiet) *Quiet {
	if q == (quiet.Quiet{}) {
		return nil
	}
	w := &Quiet{Until: optionalTime(q.Until)}
	if s := q.Schedule; s != nil {
		w.Schedule = &Schedule{From: string(s.From), To: string(s.To)}
		for _, d := range s.Days {
			w.Schedule.Days = append(w.Schedule.Days, string(d))
		}
	}
	return w
}

func newAttention(a settings.Attention) Attention {
	return Attention{
		DefaultNotify: string(a.DefaultNotify), ThreadAlert: a.ThreadAlerts, Keywords: list(a.Keywords), Quiet: newQuiet(a.Quiet),
		Sound: string(a.Sound), Digest: string(a.Digest), PushDelay: int(a.PushDelay / time.Second),
	}
}

func (q *Quiet) input() *quiet.Quiet {
	if q == nil {
		return nil
	}
	in := &quiet.Quiet{Until: q.Until.Pointer()}
	if s := q.Schedule; s != nil {
		in.Schedule = &quiet.Schedule{From: quiet.ClockTime(s.From), To: quiet.ClockTime(s.To)}
		for _, d := range s.Days {
			in.Schedule.Days = append(in.Schedule.Days, quiet.Day(d))
		}
	}
	return in
}

func (b *UpdateAttention) input() *settings.AttentionInput {
	if b == nil {
		return nil
	}
	in := &settings.AttentionInput{
		DefaultNotify: (*chat.Notify)(b.DefaultNotify), ThreadAlerts: b.ThreadAlert, Keywords: b.Keywords, Quiet: b.Quiet.input(),
		Sound: (*settings.Sound)(b.Sound), Digest: (*settings.Digest)(b.Digest),
	}
	if b.PushDelay != nil {
		d := time.Duration(*b.PushDelay) * time.Second
		in.PushDelay = &d
	}
	return in
}
