package sqlite

import (
	"context"
	"math"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

// Feedback implements chat.FeedbackStore.
func (s *Store) Feedback(ctx context.Context, q chat.FeedbackQuery) (out []chat.Message, more bool, err error) {
	p := thread.Place{}
	at := int64(math.MaxInt64)
	if q.After != nil { // of one moment: by room, then seq, both ascending
		p, at = *q.After, millis(q.After.At)
	}
	const (
		after = "at <= ?1 AND (at < ?1 OR room > ?2 OR room = ?2 AND seq > ?3) ORDER BY at DESC, room, seq LIMIT +?4"
		every = "SELECT at, room, seq FROM feedback WHERE " + after
		own   = "SELECT at, room, seq FROM feedback WHERE author = ?5 AND " + after
	)
	query, args := every, []any{at, p.Room, p.Root, q.Limit + 1}
	if q.Author != "" {
		query, args = own, append(args, q.Author)
	}
	out, err = read(ctx, s, func(c *conn) ([]chat.Message, error) {
		places, err := rows(c, scanPlace, query, args...)
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

func scanPlace(st *sqlite.Stmt) thread.Place {
	s := &scanner{st: st}
	return thread.Place{At: s.time(), Room: s.text(), Root: s.int64()}
}

// enterFeedback lists a message that is feedback.
func (t *tx) enterFeedback(m chat.Message) error {
	if m.Feedback == nil {
		return nil
	}
	return exec(t.Conn, "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?)", m.Room, m.Seq, m.Author, millis(m.CreatedAt))
}
