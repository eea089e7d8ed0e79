package chat

import "github.com/canteen-chat/canteen/text"

// NamesVersion is the version of the functions below. A store that keeps their results computes them again when it differs.
// It is raised with text.Comparison, and with each change here: once, when guests got no keys.
const NamesVersion = text.Comparison + 1

// NameKeys are what the names of people are compared by: two are alike when they share one. A guest has none. Guests are always
// ambiguous instead, so that by changing their name they cannot find out what people are called whom they do not see.
func (u User) NameKeys() []string {
	if u.Role == Guest {
		return nil
	}
	return text.NameKeys(u.Name)
}

// Deceptive says whether a person is ambiguous whatever others are called.
func (u User) Deceptive() bool { return u.Role == Guest || text.Deceptive(u.Name) }

// RoomKey is what names of public rooms are compared by.
func RoomKey(name string) string { return text.Skeleton(name) }

// RoomFold is the form of a public room's name that browsing searches, and sorts by.
func RoomFold(name string) string { return text.Fold(name) }
