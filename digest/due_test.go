package digest_test

import (
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/digest"
	"github.com/canteen-chat/canteen/quiet"
	"github.com/canteen-chat/canteen/settings"
)

func person(d settings.Digest, zone string) chat.User {
	s := settings.Default()
	s.Attention.Digest = d
	return chat.User{ID: "mira", Name: "Mira", Email: "mira@example.org", TimeZone: zone, Settings: s}
}

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// TestJudge is the table of when a digest is due: by the clock of whoever gets it, also on days when clocks are changed, not in quiet
// times, and not while they are active.
func TestJudge(t *testing.T) {
	night := &quiet.Schedule{Days: quiet.Days(), From: "22:00", To: "09:30"}
	for _, row := range []struct {
		name      string
		user      chat.User
		last, now string
		active    bool
		change    func(*chat.User)
		want      digest.Verdict
		again     string
	}{
		{"hourly, too early", person("hourly", ""), "2026-11-24T08:00:00Z", "2026-11-24T08:59:59Z", false, nil,
			digest.Later, "2026-11-24T09:00:00Z"},
		{"hourly", person("hourly", ""), "2026-11-24T08:00:00Z", "2026-11-24T09:00:00Z", false, nil, digest.Send, ""},
		{"hourly, active", person("hourly", ""), "2026-11-24T08:00:00Z", "2026-11-24T09:00:00Z", true, nil,
			digest.Later, "2026-11-24T09:10:00Z"},
		{"daily, without a zone", person("daily", ""), "2026-11-23T08:00:00Z", "2026-11-24T07:59:00Z", false, nil,
			digest.Later, "2026-11-24T08:00:00Z"},
		{"daily", person("daily", "Europe/Berlin"), "2026-11-23T07:00:00Z", "2026-11-24T07:00:00Z", false, nil, digest.Send, ""},
		{"daily, just before", person("daily", "Europe/Berlin"), "2026-11-23T07:00:00Z", "2026-11-24T06:59:59Z", false, nil, digest.Later,
			"2026-11-24T07:00:00Z"},
		{"daily, turned on at night", person("daily", "America/Los_Angeles"), "2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z", false, nil,
			digest.Later,
			"2026-11-24T16:00:00Z"},
		{"daily, sent late", person("daily", "Europe/Berlin"), "2026-11-24T15:00:00Z", "2026-11-24T16:00:00Z", false, nil, digest.Later,
			"2026-11-25T07:00:00Z"},
		{"the day before summer time", person("daily", "Europe/Berlin"), "2026-03-28T07:00:00Z", "2026-03-28T08:00:00Z", false, nil,
			digest.Later,
			"2026-03-29T06:00:00Z"},
		{"the day before winter time", person("daily", "Europe/Berlin"), "2026-10-24T06:00:00Z", "2026-10-24T08:00:00Z", false, nil,
			digest.Later,
			"2026-10-25T07:00:00Z"},
		{"daily, sent late, half an hour before 8:00", person("daily", "Europe/Berlin"), "2026-11-24T06:30:00Z", "2026-11-24T07:00:00Z", false,
			nil,
			digest.Later, "2026-11-25T07:00:00Z"},
		{"half an hour's zone", person("daily", "Asia/Kathmandu"), "2026-11-24T02:15:00Z", "2026-11-24T02:16:00Z", false, nil, digest.Later,
			"2026-11-25T02:15:00Z"},
		{"a zone that nobody knows", person("daily", "Mars/Base"), "2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z", false, nil,
			digest.Send, ""},
		{"quiet by schedule", person("daily", "Europe/Berlin"), "2026-11-23T07:00:00Z", "2026-11-24T07:00:00Z", false,
			func(u *chat.User) { u.Settings.Attention.Quiet.Schedule = night }, digest.Later, "2026-11-24T07:10:00Z"},
		{"after the schedule", person("daily", "Europe/Berlin"), "2026-11-23T07:00:00Z", "2026-11-24T08:30:00Z", false,
			func(u *chat.User) { u.Settings.Attention.Quiet.Schedule = night }, digest.Send, ""},
		{"quiet for half an hour", person("hourly", ""), "2026-11-24T07:00:00Z", "2026-11-24T09:00:00Z", false, func(u *chat.User) {
			until := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
			u.Settings.Attention.Quiet.Until = &until
		}, digest.Later, "2026-11-24T09:30:00Z"},
		{"quiet for a week", person("hourly", ""), "2026-11-24T07:00:00Z", "2026-11-24T09:00:00Z", false, func(u *chat.User) {
			until := time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC)
			u.Settings.Attention.Quiet.Until = &until
		}, digest.Later, "2026-11-24T10:00:00Z"},
		{"off", person("off", ""), "2026-11-24T07:00:00Z", "2026-11-24T09:00:00Z", false, nil, digest.End, ""},
		{"deactivated", person("hourly", ""), "2026-11-24T07:00:00Z", "2026-11-24T09:00:00Z", false,
			func(u *chat.User) { u.Deactivated = true }, digest.End, ""},
		{"a bot", person("hourly", ""), "2026-11-24T07:00:00Z", "2026-11-24T09:00:00Z", false,
			func(u *chat.User) { u.Bot = true }, digest.End, ""},
		{"just turned on", person("hourly", ""), "", "2026-11-24T09:00:00Z", true, nil, digest.Begin, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := chat.DigestState{User: "mira"}
			if row.last != "" {
				d.Last = moment(t, row.last)
			}
			if row.change != nil {
				row.change(&row.user)
			}
			got, again := digest.Judge(row.user, d, moment(t, row.now), row.active)
			if got != row.want || got == digest.Later && !again.Equal(moment(t, row.again)) {
				t.Errorf("%d at %s, want %d at %s", got, again, row.want, row.again)
			}
		})
	}
}
