// Package section holds the sections of a user's list of rooms: what they are, which are allowed, and the version by which a change of
// them says on which it rests. It knows nothing of users, and keeps nothing.
//
// The package imports text.
package section

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/text"
)

// Limits of a user's sections.
const (
	Max        = 20
	MaxRooms   = 500 // in all sections of a user together: every request reads them with the user
	NameLength = 40

	VersionLength = 20
)

// Section is a part of a user's list of rooms that the user made.
type Section struct {
	ID     string // the same under each name
	Name   string
	Folded bool     // shows only what is unread
	Rooms  []string // ids, in no order; the user may have left some of them
}

// IDs are what ids of rooms and sections are.
type IDs struct {
	Is  func(string) bool // whether it has the form of an id
	New func() string
}

// Checked gives sections in the form in which they are kept, or says why they are not allowed. A section without an id gets one. A room
// stands in the first section that names it. What is no id of a room is left out.
func Checked(in []Section, ids IDs) (out []Section, why string) {
	if len(in) > Max {
		return nil, fmt.Sprintf("At most %d sections are allowed.", Max)
	}
	names, taken, placed := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, s := range in {
		if s.ID == "" {
			s.ID = ids.New()
		}
		if !ids.Is(s.ID) || taken[s.ID] {
			return nil, "Each section needs an id of its own, in the form of all ids. A new section may leave it out."
		}
		s.Name = strings.TrimSpace(text.Normal(s.Name))
		if n := utf8.RuneCountInString(s.Name); n < 1 || n > NameLength {
			return nil, fmt.Sprintf("The name of a section needs 1 to %d characters.", NameLength)
		}
		if why := text.Line(s.Name); why != "" {
			return nil, why
		}
		key := text.Fold(s.Name)
		if names[key] {
			return nil, fmt.Sprintf("Two sections cannot have the same name: %q.", s.Name)
		}
		taken[s.ID], names[key] = true, true
		s.Rooms = slices.DeleteFunc(slices.Clone(s.Rooms), func(id string) bool {
			was := placed[id] || !ids.Is(id)
			placed[id] = placed[id] || !was
			return was
		})
		out = append(out, s)
	}
	rooms := 0
	for _, s := range out {
		rooms += len(s.Rooms)
	}
	if rooms > MaxRooms {
		return nil, fmt.Sprintf("At most %d rooms can be put into sections.", MaxRooms)
	}
	return out, ""
}

// Version is another for other sections.
func Version(ss []Section) string {
	h := sha256.New()
	for _, s := range ss {
		_, _ = fmt.Fprintf(h, "%q %q %t %q\n", s.ID, s.Name, s.Folded, s.Rooms) // a hash takes everything
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))[:VersionLength]
}
