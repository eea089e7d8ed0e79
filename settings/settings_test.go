package settings_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/quiet"
	"github.com/canteen-chat/canteen/section"
	"github.com/canteen-chat/canteen/settings"
)

var ids = section.IDs{Is: func(string) bool { return true }, New: func() string { return "new" }}

// TestApply: each part changes by itself, and begins with its default.
func TestApply(t *testing.T) {
	nothing, yes, sound, digest, delay := settings.NotifyNothing, true, settings.SoundQuiet, settings.DigestDaily, time.Minute
	until := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	want := settings.DefaultAttention()
	if want.DefaultNotify != settings.NotifyMentions || want.PushDelay != 30*time.Second || want.Digest != settings.DigestOff {
		t.Errorf("defaults: %+v", want)
	}
	nights := quiet.Quiet{Until: &until, Schedule: &quiet.Schedule{Days: []quiet.Day{"sun", "mon", "sun"}, From: "22:00", To: "07:00"}}
	now := settings.Default()
	for _, step := range []struct {
		in  settings.AttentionInput
		set func()
	}{
		{settings.AttentionInput{}, func() {}},
		{settings.AttentionInput{DefaultNotify: &nothing}, func() { want.DefaultNotify = nothing }},
		{settings.AttentionInput{ThreadAlerts: &yes}, func() { want.ThreadAlerts = true }},
		{settings.AttentionInput{Keywords: &[]string{" Soup ", "soup", "C++", "a.*b", "SOUP", "cafe\u0301"}}, func() {
			want.Keywords = []string{"Soup", "C++", "a.*b", "café"}
		}},
		{settings.AttentionInput{Quiet: &nights}, func() {
			want.Quiet = quiet.Quiet{Until: &until, Schedule: &quiet.Schedule{Days: []quiet.Day{"mon", "sun"}, From: "22:00", To: "07:00"}}
		}},
		{settings.AttentionInput{Sound: &sound, Digest: &digest, PushDelay: &delay}, func() {
			want.Sound, want.Digest, want.PushDelay = sound, digest, delay
		}},
		{settings.AttentionInput{Quiet: &quiet.Quiet{}, Keywords: &[]string{}}, func() { want.Quiet, want.Keywords = quiet.Quiet{}, nil }},
	} {
		step.set()
		kept, field, why := settings.Input{Attention: &step.in}.Kept(ids)
		if now = kept.Apply(now); why != "" || !reflect.DeepEqual(now.Attention, want) {
			t.Errorf("%+v: %+v, %s: %s, want %+v", step.in, now.Attention, field, why, want)
		}
	}
}

// TestKept: what there is not is refused by its field.
func TestKept(t *testing.T) {
	ago := time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)
	notify, sound, digest := settings.Notify("some"), settings.Sound("loud"), settings.Digest("weekly")
	delay := func(d time.Duration) *time.Duration { return &d }
	words := func(list ...string) settings.AttentionInput { return settings.AttentionInput{Keywords: &list} }
	schedule := func(from, to quiet.ClockTime, days ...quiet.Day) settings.AttentionInput {
		return settings.AttentionInput{Quiet: &quiet.Quiet{Schedule: &quiet.Schedule{Days: days, From: from, To: to}}}
	}
	for _, c := range []struct {
		what  string
		in    settings.AttentionInput
		field string
	}{
		{"an unknown level", settings.AttentionInput{DefaultNotify: &notify}, "default_notify"},
		{"an unknown sound", settings.AttentionInput{Sound: &sound}, "sound"},
		{"an unknown digest", settings.AttentionInput{Digest: &digest}, "digest"},
		{"a delay below zero", settings.AttentionInput{PushDelay: delay(-time.Second)}, "push_delay"},
		{"a delay above the limit", settings.AttentionInput{PushDelay: delay(time.Hour + time.Second)}, "push_delay"},
		{"a part of a second", settings.AttentionInput{PushDelay: delay(time.Millisecond)}, "push_delay"},
		{"a keyword of one letter", words("soup", "a"), "keywords"},
		{"a keyword of one letter in two code points", words("e\u0301"), "keywords"},
		{"a keyword of white space", words("   "), "keywords"},
		{"a keyword of 41 letters", words(strings.Repeat("a", 41)), "keywords"},
		{"a pattern", words("^.*$"), "keywords"},
		{"an emoji twice", words("🍕🍕"), "keywords"},
		{"two lines", words("soup\nbread"), "keywords"},
		{"21 keywords", words(strings.Split(strings.Repeat("word ", 20)+"word", " ")...), "keywords"},
		{"a time before there was Canteen", settings.AttentionInput{Quiet: &quiet.Quiet{Until: &ago}}, "quiet.until"},
		{"no days", schedule("22:00", "07:00"), "quiet.schedule.days"},
		{"an unknown day", schedule("22:00", "07:00", "mon", "monday"), "quiet.schedule.days"},
		{"a time that no clock shows", schedule("24:00", "07:00", "mon"), "quiet.schedule.from"},
		{"a time in another form", schedule("22:00", "7:00", "mon"), "quiet.schedule.to"},
	} {
		kept, field, why := settings.Input{Attention: &c.in}.Kept(ids)
		if why == "" || field != "attention."+c.field {
			t.Errorf("%s: %s %s, %+v", c.what, field, why, kept)
		}
	}
	theme, tone, loud := "pink", settings.MaxSkinTone+1, 5
	for want, in := range map[string]settings.Input{
		"theme": {Theme: &theme}, "skin_tone": {SkinTone: &tone}, "sections": {Sections: &[]section.Section{{Name: " "}}},
	} {
		if _, field, why := in.Kept(ids); field != want || why == "" {
			t.Errorf("%+v: %s %s, want %s", in, field, why, want)
		}
	}
	dark, no := "dark", false
	all := settings.Input{Theme: &dark, SkinTone: &loud, EnterSends: &no, Sections: &[]section.Section{{Name: " Work "}}}
	kept, field, why := all.Kept(ids)
	want := settings.Settings{Theme: "dark", SkinTone: 5, Attention: settings.DefaultAttention()}
	want.Sections = []section.Section{{ID: "new", Name: "Work"}}
	if got := kept.Apply(settings.Default()); why != "" || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %s %s, want %+v", got, field, why, want)
	}
	if want.SectionsVersion() == settings.Default().SectionsVersion() {
		t.Error("other sections have the same version")
	}
}
