package chat_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/quiet"
)

func attend(h *house, in chat.AttentionInput) (chat.Attention, error) {
	u, _, err := h.rules.UpdateMe(h.t.Context(), h.people["mira"], chat.UpdateMeInput{Settings: &chat.SettingsInput{Attention: &in}})
	return u.Settings.Attention, err
}

// TestAttentionSettings: each part changes by itself, and begins with its default.
func TestAttentionSettings(t *testing.T) {
	h := open(t, nil)
	zone, nothing, yes, sound, digest, delay := "Europe/Berlin", chat.NotifyNothing, true, chat.SoundQuiet, chat.DigestDaily, time.Minute
	h.must(h.rules.UpdateMe(t.Context(), h.people["mira"], chat.UpdateMeInput{TimeZone: &zone}))
	until := h.clock().Add(time.Hour)
	want := chat.DefaultAttention()
	if want.DefaultNotify != chat.NotifyMentions || want.PushDelay != 30*time.Second || want.Digest != chat.DigestOff {
		t.Errorf("defaults: %+v", want)
	}
	nights := quiet.Quiet{Until: &until, Schedule: &quiet.Schedule{Days: []quiet.Day{"sun", "mon", "sun"}, From: "22:00", To: "07:00"}}
	for _, step := range []struct {
		in  chat.AttentionInput
		set func()
	}{
		{chat.AttentionInput{}, func() {}},
		{chat.AttentionInput{DefaultNotify: &nothing}, func() { want.DefaultNotify = nothing }},
		{chat.AttentionInput{ThreadAlerts: &yes}, func() { want.ThreadAlerts = true }},
		{chat.AttentionInput{Keywords: &[]string{" Soup ", "soup", "C++", "a.*b", "SOUP", "cafe\u0301"}}, func() {
			want.Keywords = []string{"Soup", "C++", "a.*b", "café"}
		}},
		{chat.AttentionInput{Quiet: &nights}, func() {
			want.Quiet = quiet.Quiet{Until: &until, Schedule: &quiet.Schedule{Days: []quiet.Day{"mon", "sun"}, From: "22:00", To: "07:00"}}
		}},
		{chat.AttentionInput{Sound: &sound, Digest: &digest, PushDelay: &delay}, func() {
			want.Sound, want.Digest, want.PushDelay = sound, digest, delay
		}},
		{chat.AttentionInput{Quiet: &quiet.Quiet{}, Keywords: &[]string{}}, func() { want.Quiet, want.Keywords = quiet.Quiet{}, nil }},
	} {
		step.set()
		if got, err := attend(h, step.in); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: %+v, %v, want %+v", step.in, got, err, want)
		}
	}
}

// TestAttentionRefuses: what there is not is refused by its field, and changes nothing.
func TestAttentionRefuses(t *testing.T) {
	h := open(t, nil)
	ago := time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)
	notify, sound, digest := chat.Notify("some"), chat.Sound("loud"), chat.Digest("weekly")
	delay := func(d time.Duration) *time.Duration { return &d }
	words := func(list ...string) chat.AttentionInput { return chat.AttentionInput{Keywords: &list} }
	schedule := func(from, to quiet.ClockTime, days ...quiet.Day) chat.AttentionInput {
		return chat.AttentionInput{Quiet: &quiet.Quiet{Schedule: &quiet.Schedule{Days: days, From: from, To: to}}}
	}
	for _, c := range []struct {
		what  string
		in    chat.AttentionInput
		field string
	}{
		{"an unknown level", chat.AttentionInput{DefaultNotify: &notify}, "default_notify"},
		{"an unknown sound", chat.AttentionInput{Sound: &sound}, "sound"},
		{"an unknown digest", chat.AttentionInput{Digest: &digest}, "digest"},
		{"a delay below zero", chat.AttentionInput{PushDelay: delay(-time.Second)}, "push_delay"},
		{"a delay above the limit", chat.AttentionInput{PushDelay: delay(time.Hour + time.Second)}, "push_delay"},
		{"a part of a second", chat.AttentionInput{PushDelay: delay(time.Millisecond)}, "push_delay"},
		{"a keyword of one letter", words("soup", "a"), "keywords"},
		{"a keyword of one letter in two code points", words("e\u0301"), "keywords"},
		{"a keyword of white space", words("   "), "keywords"},
		{"a keyword of 41 letters", words(strings.Repeat("a", 41)), "keywords"},
		{"a pattern", words("^.*$"), "keywords"},
		{"an emoji twice", words("🍕🍕"), "keywords"},
		{"two lines", words("soup\nbread"), "keywords"},
		{"21 keywords", words(strings.Split(strings.Repeat("word ", 20)+"word", " ")...), "keywords"},
		{"a time before there was Canteen", chat.AttentionInput{Quiet: &quiet.Quiet{Until: &ago}}, "quiet.until"},
		{"no days", schedule("22:00", "07:00"), "quiet.schedule.days"},
		{"an unknown day", schedule("22:00", "07:00", "mon", "monday"), "quiet.schedule.days"},
		{"a time that no clock shows", schedule("24:00", "07:00", "mon"), "quiet.schedule.from"},
		{"a time in another form", schedule("22:00", "7:00", "mon"), "quiet.schedule.to"},
		{"a schedule without a time zone", schedule("22:00", "07:00", "mon"), "quiet.schedule"},
	} {
		got, err := attend(h, c.in)
		is(t, c.what, err, chat.Invalid, "settings.attention."+c.field)
		if u, _, err := h.rules.Me(t.Context(), h.people["mira"]); err != nil || !reflect.DeepEqual(u.Settings, chat.DefaultSettings()) {
			t.Errorf("%s changed %+v, %v", c.what, got, err)
		}
	}
	zone, none := "Asia/Kolkata", ""
	in := schedule("22:00", "07:00", "mon")
	both := chat.UpdateMeInput{TimeZone: &zone, Settings: &chat.SettingsInput{Attention: &in}}
	h.must(h.rules.UpdateMe(t.Context(), h.people["mira"], both))
	_, _, err := h.rules.UpdateMe(t.Context(), h.people["mira"], chat.UpdateMeInput{TimeZone: &none})
	is(t, "a schedule loses its time zone", err, chat.Invalid, "time_zone")
}

// TestSettingsOfTwoDevices: a change of one setting leaves what another device has just changed. Both actors are as of their sign-in.
func TestSettingsOfTwoDevices(t *testing.T) {
	h := open(t, nil)
	phone, tone, yes := h.signIn("mira"), 3, true
	h.must(h.rules.UpdateMe(t.Context(), phone, chat.UpdateMeInput{Settings: &chat.SettingsInput{SkinTone: &tone}}))
	got, err := attend(h, chat.AttentionInput{ThreadAlerts: &yes})
	h.must(err)
	u, _, err := h.rules.Me(t.Context(), phone)
	if err != nil || u.Settings.SkinTone != tone || !got.ThreadAlerts || !u.Settings.Attention.ThreadAlerts {
		t.Errorf("%+v, %v", u.Settings, err)
	}
}

// TestDefaultLevel: a room that somebody joins or makes has their default level, a direct one tells of everything.
func TestDefaultLevel(t *testing.T) {
	h := open(t, nil)
	nothing := chat.NotifyNothing
	if _, err := attend(h, chat.AttentionInput{DefaultNotify: &nothing}); err != nil {
		t.Fatal(err)
	}
	mira, jonas := h.people["mira"], h.people["jonas"]
	made, _, err := h.rules.AddRoom(t.Context(), mira, chat.NewRoomInput{Kind: chat.Public, Name: "plans"})
	h.must(err)
	direct, _, err := h.rules.AddRoom(t.Context(), mira, chat.NewRoomInput{Kind: chat.Direct, Members: []string{jonas.User.ID}})
	h.must(err)
	joined, err := h.rules.Join(t.Context(), jonas, made.ID)
	h.must(err)
	if made.Notify != chat.NotifyNothing || direct.Notify != chat.NotifyAll || joined.Notify != chat.NotifyMentions {
		t.Errorf("made: %s, direct: %s, joined: %s", made.Notify, direct.Notify, joined.Notify)
	}
}
