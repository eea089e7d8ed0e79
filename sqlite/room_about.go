package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

func roomAbout(c *conn, room string) (chat.RoomAbout, error) {
	a, _, err := row(c, func(st *sqlite.Stmt) chat.RoomAbout {
		s := &scanner{st: st}
		return chat.RoomAbout{Description: s.text(), Welcome: s.text()}
	}, "SELECT description, welcome FROM room_about WHERE room = ?", room)
	return a, err
}

// RoomAbout implements chat.RoomStore.
func (s *Store) RoomAbout(ctx context.Context, room string) (chat.RoomAbout, error) {
	return read(ctx, s, func(c *conn) (chat.RoomAbout, error) { return roomAbout(c, room) })
}

// DescribeRoom implements chat.RoomStore.
func (s *Store) DescribeRoom(ctx context.Context, cmd chat.DescribeRoom) (chat.RoomAbout, error) {
	return write(ctx, s, func(t *tx) (chat.RoomAbout, error) {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return chat.RoomAbout{}, err
		}
		if _, err := roomByID(t.Conn, cmd.Room); err != nil {
			return chat.RoomAbout{}, err
		}
		was, err := roomAbout(t.Conn, cmd.Room)
		if err != nil {
			return was, err
		}
		now, changed := cmd.Apply(was)
		if !changed {
			return was, nil
		}
		if err := t.putAbout(cmd.Room, now); err != nil {
			return was, err
		}
		if err := exec(t.Conn, "UPDATE room SET welcomes = ?, version = version + 1 WHERE id = ?", now.Welcome != "", cmd.Room); err != nil {
			return was, err
		}
		r, err := roomByID(t.Conn, cmd.Room)
		t.announce(chat.RoomChanged{Room: r})
		return now, err
	})
}

func (t *tx) putAbout(room string, a chat.RoomAbout) error {
	if a == (chat.RoomAbout{}) {
		return exec(t.Conn, "DELETE FROM room_about WHERE room = ?", room)
	}
	return exec(t.Conn, "INSERT OR REPLACE INTO room_about VALUES (?, ?, ?)", room, a.Description, a.Welcome)
}
