package chat

import (
	"strings"

	"github.com/canteen-chat/canteen/text"
)

// Section is a part of a user's list of rooms that the user made.
type Section struct {
	Name   string
	Folded bool     // shows only what is unread
	Rooms  []string // ids, in no order; the user may have left some of them
}

// sections checks sections and returns them in the form in which they are kept. A room stands in the first section that names it. What is
// no id of a room is left out.
func sections(field string, in []Section) (out []Section, err error) {
	if len(in) > MaxSections {
		return nil, InvalidField(field, "At most %d sections are allowed.", MaxSections)
	}
	names, placed := map[string]bool{}, map[string]bool{}
	for _, s := range in {
		s.Name = strings.TrimSpace(text.Normal(s.Name))
		if err := shortText(field, s.Name, SectionNameLength, true); err != nil {
			return nil, err
		}
		key := text.Fold(s.Name)
		if names[key] {
			return nil, InvalidField(field, "Two sections cannot have the same name: %q.", s.Name)
		}
		names[key] = true
		s.Rooms = distinct(s.Rooms, func(id string) bool { return IsID(id) && !placed[id] })
		for _, id := range s.Rooms {
			placed[id] = true
		}
		out = append(out, s)
	}
	if len(placed) > MaxSectionRooms {
		return nil, InvalidField(field, "At most %d rooms can be put into sections.", MaxSectionRooms)
	}
	return out, nil
}
