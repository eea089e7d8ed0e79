package dynamodb

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

func roomAboutKey(id string) table.Key { return table.NewKey(rooms, roomPK(id), "about") }

// roomAbout is a chat.RoomAbout. It is an item of its own, since each message writes the item of its room.
type roomAbout struct {
	Description string `dynamodbav:"description,omitempty"`
	Welcome     string `dynamodbav:"welcome,omitempty"`
}

// RoomAbout implements chat.RoomStore.
func (s *Store) RoomAbout(ctx context.Context, id string) (chat.RoomAbout, error) {
	return read(ctx, s, func(t *tx) (chat.RoomAbout, error) {
		a, _, err := loadOptional[roomAbout](t, roomAboutKey(id))
		return chat.RoomAbout(a), err
	})
}

// DescribeRoom implements chat.RoomStore.
func (s *Store) DescribeRoom(ctx context.Context, cmd chat.DescribeRoom) (chat.RoomAbout, error) {
	return writeInRoom(ctx, s, cmd.Room, func(t *tx) (chat.RoomAbout, error) {
		t.requireFacts(cmd.Facts)
		if _, err := t.Load(roomKey(cmd.Room), roomAboutKey(cmd.Room)); err != nil {
			return chat.RoomAbout{}, err
		}
		if _, err := t.room(cmd.Room); err != nil {
			return chat.RoomAbout{}, err
		}
		was, _, err := loadOptional[roomAbout](t, roomAboutKey(cmd.Room))
		if err != nil {
			return chat.RoomAbout{}, err
		}
		now, changed := cmd.Apply(chat.RoomAbout(was))
		if !changed {
			return now, nil
		}
		if err := t.Put(roomAboutKey(cmd.Room), roomAbout(now)); err != nil {
			return now, err
		}
		r, err := t.changeRoom(cmd.Room, func(r *room) {
			r.Welcomes = now.Welcome != ""
			r.Version++
		})
		if err != nil {
			return now, err
		}
		return now, t.addEvent(chat.RoomChanged{Room: r.toChat()}, r.Version)
	})
}
