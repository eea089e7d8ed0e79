package wire

import "github.com/canteen-chat/canteen/chat"

// Section is a part of the list of rooms that the user made. A room that is starred is listed among the starred ones instead.
type Section struct {
	ID     string   `json:"id,omitempty" format:"id" doc:"The same under each name. A new section may leave it out: the server makes it"`
	Name   string   `json:"name" minLength:"1" maxLength:"40" format:"line" example:"Projects" doc:"1–40 characters; no two have the same"`
	Folded bool     `json:"folded,omitempty" doc:"Shows only what is unread"`
	Rooms  []string `json:"rooms" nullable:"false" maxItems:"500" format:"id" doc:"Ids of rooms; those that the user is not in are ignored"`
}

func newSections(ss []chat.Section) []Section {
	out := make([]Section, len(ss))
	for i, s := range ss {
		out[i] = Section{ID: s.ID, Name: s.Name, Folded: s.Folded, Rooms: list(s.Rooms)}
	}
	return out
}

func sectionsInput(b *[]Section) *[]chat.Section {
	if b == nil {
		return nil
	}
	out := make([]chat.Section, len(*b))
	for i, s := range *b {
		out[i] = chat.Section{ID: s.ID, Name: s.Name, Folded: s.Folded, Rooms: s.Rooms}
	}
	return &out
}
