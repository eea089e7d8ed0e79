package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

// Listeners are the members of a room whom each of its messages may alert by chat.Listens.
func (s *Store) Listeners(ctx context.Context, room string) ([]string, error) {
	return read(ctx, s, func(c *conn) ([]string, error) {
		r, err := roomByID(c, room)
		if err != nil {
			return nil, err
		}
		var out []string
		err = c.run("SELECT user, notify, muted FROM member WHERE room = ?", []any{room}, func(st *sqlite.Stmt) error {
			s := &scanner{st: st}
			user := s.text()
			if chat.Listens(r.Kind, chat.Notify(s.text()), s.bool()) {
				out = append(out, user)
			}
			return nil
		})
		return out, err
	})
}
