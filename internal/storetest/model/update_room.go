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
			return chat.Room{}, chat.ErrNotFound()
		}
		now := c.Apply(r.Room)
		isNew := r.Kind != chat.Public || chat.RoomKey(now.Name) != chat.RoomKey(r.Name)
		if now.Kind == chat.Public && isNew && s.nameTaken(now.Name, r.ID) {
			return chat.Room{}, chat.ErrRoomNameTaken()
		}
		if !c.Changed(r.Room) {
			return r.view(), nil
		}
		posts := c.Changes(r.Room)
		r.Room = c.Apply(r.Room)
		r.Version++
		first := len(s.emitted)
		s.emit(chat.RoomChanged{Room: r.Room})
		for _, p := range posts {
			s.postSystem(r, chat.SystemPost{By: c.By, System: p, Text: c.Texts[p.What]}, c.At)
		}
		s.emitted[first].Event = chat.RoomChanged{Room: r.view()} // announced first, but with the room's state at the end of the commit
		return r.view(), nil
	})
}
