package chat

import "github.com/canteen-chat/canteen/section"

// Section is a part of a user's list of rooms that the user made.
type Section = section.Section

// ErrSectionsChanged is the answer to a change of sections that rests on others than there are.
func ErrSectionsChanged() *Error {
	return errTaken("settings.sections", "The sections were changed on another device. Fetch them and change them again.")
}
