package model

import (
	"context"

	"github.com/canteen-chat/canteen"
)

// UpdateRoom implements canteen.RoomStore.
func (s *Store) UpdateRoom(ctx context.Context, c canteen.UpdateRoom) (canteen.Room, error) {
	return command(ctx, s, c.Facts, func() (canteen.Room, error) {
		r := s.rooms[c.Room]
		if r == nil {
			return canteen.Room{}, errNotFound()
		}
		if c.Name != nil && r.Kind == canteen.Public && s.nameTaken(c.NameFold, r.ID) {
			return canteen.Room{}, errTaken("name", "There is a room of this name already.")
		}
		posts := changes(r, c)
		if len(posts) == 0 {
			return r.view(), nil
		}
		set(&r.Name, c.Name)
		set(&r.Topic, c.Topic)
		set(&r.Posting, c.Posting)
		set(&r.Archived, c.Archived)
		if c.Name != nil {
			r.nameFold = c.NameFold
		}
		r.Version++
		first := len(s.said)
		s.say(canteen.RoomChanged{}, r.ids()...)
		for _, p := range posts {
			s.postSystem(r, canteen.SystemPost{By: c.By, System: p, Text: c.Texts[p.What]}, c.At)
		}
		if len(s.said) > first { // as it is at the end of the commit, though told first
			s.said[first].Event = canteen.RoomChanged{Room: r.view()}
		}
		return r.view(), nil
	})
}

// changes are the system messages that tell what becomes different.
func changes(r *room, c canteen.UpdateRoom) []canteen.System {
	var out []canteen.System
	if c.Name != nil && *c.Name != r.Name {
		out = append(out, canteen.System{What: canteen.Renamed, Value: *c.Name})
	}
	if c.Topic != nil && *c.Topic != r.Topic {
		out = append(out, canteen.System{What: canteen.TopicChanged, Value: *c.Topic})
	}
	if c.Posting != nil && *c.Posting != r.Posting {
		out = append(out, canteen.System{What: canteen.PostingSet, Value: string(*c.Posting)})
	}
	switch {
	case c.Archived == nil || *c.Archived == r.Archived:
	case *c.Archived:
		out = append(out, canteen.System{What: canteen.RoomArchived})
	default:
		out = append(out, canteen.System{What: canteen.RoomUnarchive})
	}
	return out
}
