package sqlite

import (
	"context"
	"math"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

// Feedback implements chat.FeedbackStore.
func (s *Store) Feedback(ctx context.Context, q chat.FeedbackQuery) (out []chat.Message, more bool, err error) {
	where, args := "f.at <= ?", []any{int64(math.MaxInt64)}
	if p := q.After; p != nil { // of one moment: by room, then seq, both ascending
		where, args = where+" AND (f.at < ? OR f.room > ? OR f.room = ? AND f.seq > ?)", []any{millis(p.At), millis(p.At), p.Room, p.Room, p.Root}
	}
	if q.Author != "" {
		where, args = where+" AND f.author = ?", append(args, q.Author)
	}
	out, err = read(ctx, s, func(c *conn) ([]chat.Message, error) {
		places, err := rows(c, scanPlace, "SELECT f.at, f.room, f.seq FROM feedback f WHERE "+where+
			" ORDER BY f.at DESC, f.room, f.seq LIMIT ?", append(args, q.Limit+1)...)
		if err != nil {
			return nil, err
		}
		if more = len(places) > q.Limit; more {
			places = places[:q.Limit]
		}
		ms := make([]chat.Message, len(places))
		for i, p := range places {
			if ms[i], err = message(c, p.Room, p.Root); err != nil {
				return nil, err
			}
		}
		return ms, nil
	})
	return out, more, err
}

func scanPlace(st *sqlite.Stmt) chat.ThreadPlace {
	s := &scanner{st: st}
	return chat.ThreadPlace{At: s.time(), Room: s.text(), Root: s.int64()}
}

// enterFeedback lists a message that is feedback.
func (t *tx) enterFeedback(m chat.Message) error {
	if m.Feedback == nil {
		return nil
	}
	return exec(t.Conn, "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?)", m.Room, m.Seq, m.Author, millis(m.CreatedAt))
}
