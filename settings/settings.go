// Package settings holds a user's own choices: how Canteen looks to them, what they want to hear of and how, and the sections of their list
// of rooms. It says which choices there are and what a change of them makes. It knows nothing of users and rooms, and keeps nothing.
//
// The package imports quiet, section and text.
package settings

import (
	"time"

	"github.com/canteen-chat/canteen/quiet"
	"github.com/canteen-chat/canteen/section"
)

// Limits of settings.
const (
	MaxSkinTone      = 5
	DefaultPushDelay = 30 * time.Second
	MaxPushDelay     = time.Hour
)

// Settings are a user's own choices, the same on all devices.
type Settings struct {
	Theme      string // "system", "light" or "dark"
	SkinTone   int    // 0 none, 1 (light) … 5 (dark)
	EnterSends bool
	Attention  Attention
	Sections   []section.Section // of the list of rooms, in order
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

// Notify is what of a room its member wants to hear of.
type Notify string

// What to hear of.
const (
	NotifyAll      Notify = "all"
	NotifyMentions Notify = "mentions"
	NotifyNothing  Notify = "nothing"
)

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

// Default are those of a new user.
func Default() Settings {
	return Settings{Theme: "system", EnterSends: true, Attention: DefaultAttention()}
}

// DefaultAttention is the Attention of a user who has chosen nothing.
func DefaultAttention() Attention {
	return Attention{DefaultNotify: NotifyMentions, Sound: SoundOff, Digest: DigestOff, PushDelay: DefaultPushDelay}
}

// SectionsVersion differs between different sections: see [Input.SectionsWere].
func (s Settings) SectionsVersion() string { return section.Version(s.Sections) }
