package model

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
)

// UpdateRoom implements chat.RoomStore.
func (s *Store) UpdateRoom(ctx context.Context, c chat.UpdateRoom) (chat.Room, error) {
	return command(ctx, s, c.Facts, func() (chat.Room, error) {
		r := s.rooms[c.Room]
		if r == nil {
			return chat.Room{}, errNotFound()
		}
		if c.Name != nil && r.Kind == chat.Public && s.nameTaken(c.NameFold, r.ID) {
			return chat.Room{}, errTaken("name", "There is a room of this name already.")
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
		s.say(chat.RoomChanged{}, r.ids()...)
		for _, p := range posts {
			s.postSystem(r, chat.SystemPost{By: c.By, System: p, Text: c.Texts[p.What]}, c.At)
		}
		if len(s.said) > first { // as it is at the end of the commit, though told first
			s.said[first].Event = chat.RoomChanged{Room: r.view()}
		}
		return r.view(), nil
	})
}

// changes are the system messages that tell what becomes different.
func changes(r *room, c chat.UpdateRoom) []chat.System {
	var out []chat.System
	if c.Name != nil && *c.Name != r.Name {
		out = append(out, chat.System{What: chat.Renamed, Value: *c.Name})
	}
	if c.Topic != nil && *c.Topic != r.Topic {
		out = append(out, chat.System{What: chat.TopicChanged, Value: *c.Topic})
	}
	if c.Posting != nil && *c.Posting != r.Posting {
		out = append(out, chat.System{What: chat.PostingSet, Value: string(*c.Posting)})
	}
	switch {
	case c.Archived == nil || *c.Archived == r.Archived:
	case *c.Archived:
		out = append(out, chat.System{What: chat.RoomArchived})
	default:
		out = append(out, chat.System{What: chat.RoomUnarchive})
	}
	return out
}
