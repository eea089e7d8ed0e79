package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

// Listeners are the members of a room whom each of its messages may alert by chat.Listens.
func (s *Store) Listeners(ctx context.Context, room string) ([]string, error) {
	return read(ctx, s, func(c *conn) ([]string, error) { return listeners(c, room) })
}

// listeners looks at all members of a direct room, of which there are few. In other rooms it looks only at those who want to hear of every
// message.
func listeners(c *conn, room string) (out []string, err error) {
	r, err := roomByID(c, room)
	if err != nil {
		return nil, err
	}
	members := "SELECT user, notify, muted FROM member INDEXED BY member_listens WHERE room = ? AND notify = 'all' AND muted = 0"
	if r.Kind == chat.Direct {
		members = "SELECT user, notify, muted FROM member WHERE room = ?"
	}
	err = c.run(members, []any{room}, func(st *sqlite.Stmt) error {
		s := &scanner{st: st}
		user := s.text()
		if chat.Listens(r.Kind, chat.Notify(s.text()), s.bool()) {
			out = append(out, user)
		}
		return nil
	})
	return out, err
}
