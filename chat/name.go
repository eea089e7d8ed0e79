package chat

import "github.com/canteen-chat/canteen/text"

// NamesVersion is the version of the functions below. A store that keeps their results computes them again when it differs.
const NamesVersion = text.Comparison

// NameKeys are what names of people are compared by: two are alike when they share one.
func NameKeys(name string) []string { return text.NameKeys(name) }

// Deceptive says whether a person's name is ambiguous whatever others are called.
func Deceptive(name string) bool { return text.Deceptive(name) }

// RoomKey is what names of public rooms are compared by.
func RoomKey(name string) string { return text.Skeleton(name) }

// RoomFold is the form of a public room's name that browsing searches, and sorts by.
func RoomFold(name string) string { return text.Fold(name) }
