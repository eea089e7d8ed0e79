package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

const hookColumns = "id, room, by, calls, created_at, used_at, epoch, secret"

func scanHook(st *sqlite.Stmt) chat.Hook {
	s := &scanner{st: st}
	h := chat.Hook{
		ID: s.text(), Room: s.text(), By: s.text(), Calls: s.bool(), CreatedAt: s.time(), UsedAt: s.optionalTime(), Epoch: s.int64(),
	}
	st.ColumnBytes(s.i, h.Secret[:])
	return h
}

// Hook implements chat.HookStore.
func (s *Store) Hook(ctx context.Context, id string) (chat.Hook, error) {
	return read(ctx, s, func(c *conn) (chat.Hook, error) {
		h, err := found(row(c, scanHook, "SELECT "+hookColumns+" FROM hook WHERE id = ?", id))
		if err == nil {
			h.Bot, err = userByID(c, h.ID)
		}
		return h, err
	})
}

// Hooks implements chat.HookStore.
func (s *Store) Hooks(ctx context.Context, room string) ([]chat.Hook, error) {
	return read(ctx, s, func(c *conn) ([]chat.Hook, error) {
		all, err := rows(c, scanHook, "SELECT "+hookColumns+" FROM hook WHERE room = ? ORDER BY created_at, id", room)
		for i := range all {
			if err == nil {
				all[i].Bot, err = userByID(c, all[i].ID)
			}
		}
		return all, err
	})
}

// TouchHook implements chat.HookStore.
func (s *Store) TouchHook(ctx context.Context, id string, used time.Time) error {
	return do(ctx, s, func(t *tx) error {
		return t.requireRow("UPDATE hook SET used_at = ? WHERE id = ? RETURNING id", millis(used), id)
	})
}

func (t *tx) insertHook(h chat.Hook) error {
	return exec(t.Conn, "INSERT OR REPLACE INTO hook VALUES (?, ?, ?, ?, ?, ?, ?, ?)", h.ID, h.Room, h.By, h.Calls, millis(h.CreatedAt),
		optionalMillis(h.UsedAt), h.Epoch, h.Secret[:])
}
