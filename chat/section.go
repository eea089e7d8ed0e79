package chat

import "github.com/canteen-chat/canteen/section"

// Section is a part of a user's list of rooms that the user made.
type Section = section.Section

// ErrSectionsChanged is the answer to a change of sections that rests on others than there are.
func ErrSectionsChanged() *Error {
	return errTaken("settings.sections", "The sections were changed on another device. Fetch them and change them again.")
}

// sections checks sections and returns them in the form in which they are kept: see [section.Checked].
func sections(field string, in []Section) ([]Section, error) {
	out, why := section.Checked(in, section.IDs{Is: IsID, New: NewID})
	return out, reason(field, why)
}

// SectionsVersion is another for other sections: see [SettingsInput.SectionsWere].
func (s Settings) SectionsVersion() string { return section.Version(s.Sections) }
