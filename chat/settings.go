package chat

import (
	"cmp"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/quiet"
	"github.com/canteen-chat/canteen/text"
)

// Settings are a user's own choices, the same on all devices.
type Settings struct {
	Theme      string // "system", "light" or "dark"
	SkinTone   int    // 0 none, 1 (light) … 5 (dark)
	EnterSends bool
	Attention  Attention
	Sections   []Section // of the list of rooms, in order
}

// Attention is what a user wants to hear of, and how.
type Attention struct {
	DefaultNotify Notify        // of the rooms that they join or make from now on, but direct ones
	ThreadAlerts  bool          // replies in followed threads alert, where all messages do
	Keywords      []string      // words and phrases that alert like a mention
	Quiet         quiet.Quiet   // do not disturb
	Sound         Sound         // of a notification
	Digest        Digest        // by e-mail, of what waits
	PushDelay     time.Duration // how long e-mail waits: a digest holds nothing newer
}

// Sound is what a notification sounds like.
type Sound string

// Sounds.
const (
	SoundOff   Sound = "off"
	SoundQuiet Sound = "quiet"
)

// Digest is how often e-mail tells of what waits.
type Digest string

// Digests.
const (
	DigestOff    Digest = "off"
	DigestHourly Digest = "hourly"
	DigestDaily  Digest = "daily"
)

// DefaultSettings are those of a new user.
func DefaultSettings() Settings {
	return Settings{Theme: "system", EnterSends: true, Attention: DefaultAttention()}
}

// DefaultAttention is what a user wants to hear of who has not said otherwise.
func DefaultAttention() Attention {
	return Attention{DefaultNotify: NotifyMentions, Sound: SoundOff, Digest: DigestOff, PushDelay: DefaultPushDelay}
}

// NotifyIn is what a user hears of a room of this kind that they join now.
func (u User) NotifyIn(k Kind) Notify {
	if k == Direct {
		return NotifyAll
	}
	return cmp.Or(u.Settings.Attention.DefaultNotify, NotifyMentions)
}

// SettingsInput changes settings; what is nil stays.
type SettingsInput struct {
	Theme      *string
	SkinTone   *int
	EnterSends *bool
	Attention  *AttentionInput
	Sections   *[]Section // replaces all of them
	// SectionsWere is the [Settings.SectionsVersion] that Sections rest on: of other sections, nothing is changed. nil: of any.
	SectionsWere *string
}

// AttentionInput changes what a user wants to hear of; what is nil stays.
type AttentionInput struct {
	DefaultNotify *Notify
	ThreadAlerts  *bool
	Keywords      *[]string
	Quiet         *quiet.Quiet // replaces all of it; the zero value ends it
	Sound         *Sound
	Digest        *Digest
	PushDelay     *time.Duration
}

// checked is what is to be changed, in the form in which it is kept. Invalid, with the field, for what there is not.
func (in SettingsInput) checked() (SettingsInput, error) {
	if in.Theme != nil && !slices.Contains([]string{"system", "light", "dark"}, *in.Theme) {
		return in, InvalidField("settings.theme", "One of system, light, dark is needed.")
	}
	if in.SkinTone != nil && (*in.SkinTone < 0 || *in.SkinTone > MaxSkinTone) {
		return in, InvalidField("settings.skin_tone", "A number from 0 (none) to %d (dark) is needed.", MaxSkinTone)
	}
	if in.Sections != nil {
		s, err := sections("settings.sections", *in.Sections)
		if err != nil {
			return in, err
		}
		in.Sections = &s
	}
	if in.Attention == nil {
		return in, nil
	}
	a, err := in.Attention.checked()
	in.Attention = &a
	return in, err
}

func (in AttentionInput) checked() (AttentionInput, error) {
	const at = "settings.attention."
	switch {
	case in.DefaultNotify != nil && !slices.Contains([]Notify{NotifyAll, NotifyMentions, NotifyNothing}, *in.DefaultNotify):
		return in, InvalidField(at+"default_notify", "One of all, mentions, nothing is needed.")
	case in.Sound != nil && !slices.Contains([]Sound{SoundOff, SoundQuiet}, *in.Sound):
		return in, InvalidField(at+"sound", "One of off, quiet is needed.")
	case in.Digest != nil && !slices.Contains([]Digest{DigestOff, DigestHourly, DigestDaily}, *in.Digest):
		return in, InvalidField(at+"digest", "One of off, hourly, daily is needed.")
	case in.PushDelay != nil && (*in.PushDelay < 0 || *in.PushDelay > MaxPushDelay || *in.PushDelay%time.Second != 0):
		return in, InvalidField(at+"push_delay", "A number of seconds from 0 to %d is needed.", MaxPushDelay/time.Second)
	}
	if in.Keywords != nil {
		k, why := text.Keywords(*in.Keywords)
		if err := reason(at+"keywords", why); err != nil {
			return in, err
		}
		in.Keywords = &k
	}
	if in.Quiet != nil {
		q, err := keptQuiet(at+"quiet", *in.Quiet)
		if err != nil {
			return in, err
		}
		in.Quiet = &q
	}
	return in, nil
}

// Apply is the settings after the change.
func (in SettingsInput) Apply(s Settings) Settings {
	set(&s.Theme, in.Theme)
	set(&s.SkinTone, in.SkinTone)
	set(&s.EnterSends, in.EnterSends)
	set(&s.Sections, in.Sections)
	if a := in.Attention; a != nil {
		set(&s.Attention.DefaultNotify, a.DefaultNotify)
		set(&s.Attention.ThreadAlerts, a.ThreadAlerts)
		set(&s.Attention.Keywords, a.Keywords)
		set(&s.Attention.Quiet, a.Quiet)
		set(&s.Attention.Sound, a.Sound)
		set(&s.Attention.Digest, a.Digest)
		set(&s.Attention.PushDelay, a.PushDelay)
	}
	return s
}
