package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

// Confirm implements chat.ConfirmationStore.
func (s *Store) Confirm(ctx context.Context, cmd chat.ConfirmMessage) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return err
		}
		m, err := message(t.Conn, cmd.Room, cmd.Seq)
		if err == nil {
			err = m.Confirmable()
		}
		if err != nil {
			return err
		}
		_, has, err := row(t.Conn, integer, "SELECT 1 FROM confirmation WHERE room = ? AND seq = ? AND user = ?", cmd.Room, cmd.Seq, cmd.User)
		if err != nil || has {
			return err
		}
		t.announce(chat.MessageConfirmed{Room: cmd.Room, Seq: cmd.Seq, User: cmd.User, Author: m.Author})
		return exec(t.Conn, "INSERT INTO confirmation VALUES (?, ?, ?, ?)", cmd.Room, cmd.Seq, cmd.User, millis(cmd.At))
	})
}

// Confirmations implements chat.ConfirmationStore.
func (s *Store) Confirmations(ctx context.Context, room string, seq int64) ([]chat.Confirmation, error) {
	return read(ctx, s, func(c *conn) ([]chat.Confirmation, error) {
		return rows(c, func(st *sqlite.Stmt) chat.Confirmation {
			s := &scanner{st: st}
			return chat.Confirmation{User: s.text(), At: s.time()}
		}, "SELECT user, at FROM confirmation WHERE room = ? AND seq = ? ORDER BY user", room, seq)
	})
}

// Confirmed implements chat.ConfirmationStore.
func (s *Store) Confirmed(ctx context.Context, room string, seq int64, user string) (*time.Time, error) {
	return read(ctx, s, func(c *conn) (*time.Time, error) {
		at, _, err := row(c, func(st *sqlite.Stmt) *time.Time {
			at := (&scanner{st: st}).time()
			return &at
		}, "SELECT at FROM confirmation WHERE room = ? AND seq = ? AND user = ?", room, seq, user)
		return at, err
	})
}
