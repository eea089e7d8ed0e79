package chat_test

import (
	"reflect"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/quiet"
	"github.com/canteen-chat/canteen/settings"
)

func attend(h *house, in settings.AttentionInput) (settings.Attention, error) {
	u, _, err := h.rules.UpdateMe(h.t.Context(), h.people["mira"], chat.UpdateMeInput{Settings: &settings.Input{Attention: &in}})
	return u.Settings.Attention, err
}

// TestAttentionRefuses: what there is not is refused by its field, and changes nothing.
func TestAttentionRefuses(t *testing.T) {
	h := open(t, nil)
	notify := chat.Notify("some")
	schedule := func(days ...quiet.Day) settings.AttentionInput {
		return settings.AttentionInput{Quiet: &quiet.Quiet{Schedule: &quiet.Schedule{Days: days, From: "22:00", To: "07:00"}}}
	}
	for _, c := range []struct {
		what  string
		in    settings.AttentionInput
		field string
	}{
		{"an unknown level", settings.AttentionInput{DefaultNotify: &notify}, "default_notify"},
		{"no days", schedule(), "quiet.schedule.days"},
		{"a schedule without a time zone", schedule("mon"), "quiet.schedule"},
	} {
		got, err := attend(h, c.in)
		is(t, c.what, err, chat.Invalid, "settings.attention."+c.field)
		if u, _, err := h.rules.Me(t.Context(), h.people["mira"]); err != nil || !reflect.DeepEqual(u.Settings, settings.Default()) {
			t.Errorf("%s changed %+v, %v", c.what, got, err)
		}
	}
	zone, none := "Asia/Kolkata", ""
	in := schedule("mon")
	both := chat.UpdateMeInput{TimeZone: &zone, Settings: &settings.Input{Attention: &in}}
	h.must(h.rules.UpdateMe(t.Context(), h.people["mira"], both))
	_, _, err := h.rules.UpdateMe(t.Context(), h.people["mira"], chat.UpdateMeInput{TimeZone: &none})
	is(t, "a schedule loses its time zone", err, chat.Invalid, "time_zone")
}

// TestSettingsOfTwoDevices: a change of one setting leaves what another device has just changed. Both actors are as of their sign-in.
func TestSettingsOfTwoDevices(t *testing.T) {
	h := open(t, nil)
	phone, tone, yes := h.signIn("mira"), 3, true
	h.must(h.rules.UpdateMe(t.Context(), phone, chat.UpdateMeInput{Settings: &settings.Input{SkinTone: &tone}}))
	got, err := attend(h, settings.AttentionInput{ThreadAlerts: &yes})
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
	if _, err := attend(h, settings.AttentionInput{DefaultNotify: &nothing}); err != nil {
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
