// Package emojiname holds the names of the workspace's own emoji: which are allowed, which of several is the main name of a picture, and
// what adding, renaming and deleting makes of them. It knows nothing of users and pictures but their ids, and keeps nothing.
//
// The package imports text.
package emojiname

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/text"
)

// Limits of names.
const (
	Max          = 2000 // aliases included and deleted ones not
	MaxOfPicture = 20
)

// Emoji is a name of a picture of the workspace's own. A picture may have several names; they share its id. A name stays the picture's for
// ever: nobody can give a deleted name to another picture, so that old messages never show something else.
type Emoji struct {
	Name    string
	Picture string    // its id
	Sum     string    // SHA-256 of the picture, in hexadecimal
	By      string    // who gave the name; of one that is or was the main name, who made the emoji
	At      time.Time // when
	MainAt  time.Time // when it became the main name; zero for a name that never was it
	Deleted bool
	AliasOf string // the main name, where this is another one; derived
}

// Check says what is wrong with the name that an emoji is to have; "" if nothing is.
func Check(name string) (why string) {
	switch {
	case !text.IsEmojiName(name):
		return fmt.Sprintf("Use %d to %d of the characters a-z 0-9 _ -.", text.EmojiNameMin, text.EmojiNameMax)
	case text.IsShortcode(name):
		return "A standard emoji has this name. Choose another one."
	}
	return ""
}

// New is the first name of a picture, which somebody gives it now.
func New(name, id string, picture []byte, by string, now time.Time) Emoji {
	sum := sha256.Sum256(picture)
	return Emoji{Name: name, Picture: id, Sum: hex.EncodeToString(sum[:]), By: by, At: now, MainAt: now}
}

// Alike are the names of the picture that has a name.
func Alike(all []Emoji, name string) []Emoji {
	i := slices.IndexFunc(all, func(e Emoji) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(all), func(e Emoji) bool { return e.Picture != all[i].Picture })
}

// WithMain fills AliasOf. The main name of a picture is the one that became it last.
func WithMain(all []Emoji) []Emoji {
	main := map[string]Emoji{}
	for _, e := range byName(all) {
		if m, ok := main[e.Picture]; !ok || e.MainAt.After(m.MainAt) {
			main[e.Picture] = e
		}
	}
	for i, e := range all {
		if all[i].AliasOf = ""; main[e.Picture].Name != e.Name {
			all[i].AliasOf = main[e.Picture].Name
		}
	}
	return all
}

// Main is the main name among all names of a picture, of which AliasOf is filled.
func Main(alike []Emoji) Emoji {
	return alike[slices.IndexFunc(alike, func(e Emoji) bool { return e.AliasOf == "" })]
}

// Gave says whether a user gave a name of a picture, or made the emoji. alike are all names of the picture, of which AliasOf is filled.
func Gave(alike []Emoji, name, user string) bool {
	return slices.ContainsFunc(alike, func(e Emoji) bool { return e.By == user && (e.Name == name || e.AliasOf == "") })
}

// Ends are the names that end with a name: with the main name, all of them.
func Ends(alike []Emoji, name string) []string {
	if Main(alike).Name != name {
		return []string{name}
	}
	var all []string
	for _, e := range alike {
		all = append(all, e.Name)
	}
	return all
}

func byName(es []Emoji) []Emoji {
	return slices.SortedFunc(slices.Values(es), func(a, b Emoji) int { return cmp.Compare(a.Name, b.Name) })
}
