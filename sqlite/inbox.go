package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

const inboxColumns = "user, key, cause, reason, room, seq, keyword, at, print, count, cleared"

func scanInbox(st *sqlite.Stmt) chat.InboxRow {
	s := &scanner{st: st}
	return chat.InboxRow{
		User: s.text(), Key: s.text(), Cause: chat.InboxCause(s.text()), Reason: s.text(), Room: s.text(), Seq: s.int64(), Keyword: s.text(),
		At: s.time(), Print: s.text(), Count: s.int(), Cleared: s.bool(),
	}
}

// InboxRows implements chat.InboxStore.
func (s *Store) InboxRows(ctx context.Context, of []chat.InboxRow) ([]chat.InboxRow, error) {
	return read(ctx, s, func(c *conn) (out []chat.InboxRow, err error) {
		for _, r := range of {
			kept, ok, err := row(c, scanInbox, "SELECT "+inboxColumns+" FROM inbox WHERE user = ? AND key = ?", r.User, r.Key)
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, kept)
			}
		}
		return out, nil
	})
}

// PutInbox implements chat.InboxStore.
func (s *Store) PutInbox(ctx context.Context, rows []chat.InboxRow) error {
	return do(ctx, s, func(t *tx) error {
		for _, r := range rows {
			if err := exec(t.Conn, "INSERT OR REPLACE INTO inbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", r.User, r.Key, string(r.Cause),
				r.Reason, r.Room, r.Seq, r.Keyword, millis(r.At), r.Print, r.Count, r.Cleared); err != nil {
				return err
			}
			if err := exec(t.Conn, "DELETE FROM inbox WHERE user = ? AND at < ?", r.User, millis(r.At.Add(-chat.InboxLife))); err != nil {
				return err
			}
		}
		return nil
	})
}

// Inbox implements chat.InboxStore.
func (s *Store) Inbox(ctx context.Context, user string) ([]chat.InboxRow, chat.InboxMarks, error) {
	var marks chat.InboxMarks
	out, err := read(ctx, s, func(c *conn) ([]chat.InboxRow, error) {
		var err error
		marks, _, err = row(c, func(st *sqlite.Stmt) chat.InboxMarks {
			s := &scanner{st: st}
			return chat.InboxMarks{SeenAt: s.time(), ClearedBefore: s.time()}
		}, "SELECT seen_at, cleared_before FROM inbox_mark WHERE user = ?", user)
		if err != nil {
			return nil, err
		}
		return rows(c, scanInbox, "SELECT "+inboxColumns+" FROM inbox WHERE user = ?", user)
	})
	return out, marks, err
}

// InboxMessages implements chat.InboxStore.
func (s *Store) InboxMessages(ctx context.Context, user string, places []chat.MessagePlace) ([]chat.Message, error) {
	return read(ctx, s, func(c *conn) (out []chat.Message, err error) {
		for _, p := range places {
			m, err := message(c, p.Room, p.Seq)
			if err == nil {
				err = mark(c, user, &m)
			}
			if chat.ErrorCode(err) == chat.NotFound {
				continue
			}
			if err != nil {
				return nil, err
			}
			out = append(out, m)
		}
		return out, nil
	})
}

// ClearInbox implements chat.InboxStore.
func (s *Store) ClearInbox(ctx context.Context, user, key string) error {
	return do(ctx, s, func(t *tx) error {
		_, err := found(row(t.Conn, integer, "UPDATE inbox SET cleared = 1 WHERE user = ? AND key = ? RETURNING 1", user, key))
		return err
	})
}

// MarkInbox implements chat.InboxStore.
func (s *Store) MarkInbox(ctx context.Context, user string, m chat.InboxMarks) error {
	return do(ctx, s, func(t *tx) error {
		return exec(t.Conn, `INSERT INTO inbox_mark VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET
			seen_at = max(seen_at, excluded.seen_at), cleared_before = max(cleared_before, excluded.cleared_before)`,
			user, max(0, millis(m.SeenAt)), max(0, millis(m.ClearedBefore)))
	})
}

// Hearers implements chat.InboxStore.
func (s *Store) Hearers(ctx context.Context, room string, users []string) (chat.Kind, []chat.Hearer, error) {
	var kind chat.Kind
	out, err := read(ctx, s, func(c *conn) ([]chat.Hearer, error) {
		r, err := roomByID(c, room)
		if err != nil {
			return nil, err
		}
		kind = r.Kind
		query, args := "SELECT user, notify, muted FROM member WHERE room = ?", []any{room}
		if users != nil {
			query, args = query+" AND user IN (SELECT value FROM json_each(?))", append(args, jsonList(users))
		}
		hearers, err := rows(c, func(st *sqlite.Stmt) chat.Hearer {
			s := &scanner{st: st}
			return chat.Hearer{User: chat.User{ID: s.text()}, Notify: chat.Notify(s.text()), Muted: s.bool()}
		}, query, args...)
		for i, h := range hearers {
			if hearers[i].User, err = userByID(c, h.ID); err != nil {
				return nil, err
			}
		}
		return hearers, err
	})
	return kind, out, err
}
