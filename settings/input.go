package settings

import (
	"fmt"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/quiet"
	"github.com/canteen-chat/canteen/section"
	"github.com/canteen-chat/canteen/text"
)

// Input changes settings; what is nil stays.
type Input struct {
	Theme      *string
	SkinTone   *int
	EnterSends *bool
	Attention  *AttentionInput
	Sections   *[]section.Section // replaces all of them
	// SectionsWere is the [Settings.SectionsVersion] that Sections rest on: other sections are not replaced. nil: any are.
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

// Kept returns the change in the form in which it is stored, or the field that is wrong, and why.
func (in Input) Kept(ids section.IDs) (kept Input, field, why string) {
	if in.Theme != nil && !slices.Contains([]string{"system", "light", "dark"}, *in.Theme) {
		return in, "theme", "One of system, light, dark is needed."
	}
	if in.SkinTone != nil && (*in.SkinTone < 0 || *in.SkinTone > MaxSkinTone) {
		return in, "skin_tone", fmt.Sprintf("A number from 0 (none) to %d (dark) is needed.", MaxSkinTone)
	}
	if in.Sections != nil {
		s, why := section.Checked(*in.Sections, ids)
		if why != "" {
			return in, "sections", why
		}
		in.Sections = &s
	}
	if in.Attention == nil {
		return in, "", ""
	}
	a, field, why := in.Attention.kept()
	in.Attention = &a
	return in, "attention." + field, why
}

func (in AttentionInput) kept() (kept AttentionInput, field, why string) {
	switch {
	case in.DefaultNotify != nil && !slices.Contains([]Notify{NotifyAll, NotifyMentions, NotifyNothing}, *in.DefaultNotify):
		return in, "default_notify", "One of all, mentions, nothing is needed."
	case in.Sound != nil && !slices.Contains([]Sound{SoundOff, SoundQuiet}, *in.Sound):
		return in, "sound", "One of off, quiet is needed."
	case in.Digest != nil && !slices.Contains([]Digest{DigestOff, DigestHourly, DigestDaily}, *in.Digest):
		return in, "digest", "One of off, hourly, daily is needed."
	case in.PushDelay != nil && (*in.PushDelay < 0 || *in.PushDelay > MaxPushDelay || *in.PushDelay%time.Second != 0):
		return in, "push_delay", fmt.Sprintf("A number of seconds from 0 to %d is needed.", MaxPushDelay/time.Second)
	}
	if in.Keywords != nil {
		k, why := text.Keywords(*in.Keywords)
		if why != "" {
			return in, "keywords", why
		}
		in.Keywords = &k
	}
	if in.Quiet != nil {
		q, field, why := in.Quiet.Kept()
		if why != "" {
			return in, "quiet." + field, why
		}
		in.Quiet = &q
	}
	return in, "", ""
}

// Apply is the settings after the change.
func (in Input) Apply(s Settings) Settings {
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

// set changes v when there is something to change it to.
func set[T any](v, to *T) {
	if to != nil {
		*v = *to
	}
}
