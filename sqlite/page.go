package sqlite

import (
	"context"
	"slices"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

// Message implements chat.PageStore.
func (s *Store) Message(ctx context.Context, room string, seq int64, viewer string) (chat.Message, error) {
	return read(ctx, s, func(c *conn) (chat.Message, error) {
		m, err := message(c, room, seq)
		if err != nil {
			return m, err
		}
		return m, mark(c, viewer, &m)
	})
}

// Page implements chat.PageStore.
func (s *Store) Page(ctx context.Context, q chat.PageQuery) (chat.Page, error) {
	return read(ctx, s, func(c *conn) (chat.Page, error) {
		r, err := roomByID(c, q.Room)
		if err != nil {
			return chat.Page{}, err
		}
		ms, before, after, err := chat.Window(q, r.LastSeq, pager{c, q})
		out := chat.Page{Head: r.Rev, Messages: ms, MoreBefore: before, MoreAfter: after}
		for i := range out.Messages {
			if err == nil {
				err = mark(c, q.Viewer, &out.Messages[i])
			}
		}
		return out, err
	})
}

type pager struct {
	c *conn
	q chat.PageQuery
}

// Both clauses name their index. Without statistics SQLite would choose the primary key and scan all messages in between.
const timeline = " FROM message INDEXED BY message_timeline WHERE room = ? AND (thread = 0 OR also_in_room = 1) AND "
const replies = " FROM message INDEXED BY message_thread WHERE room = ? AND thread > 0 AND thread = ? AND "

func (p pager) where() (string, []any) {
	if p.q.Thread > 0 {
		return replies, []any{p.q.Room, p.q.Thread}
	}
	return timeline, []any{p.q.Room}
}

// Up implements chat.Stretches.
func (p pager) Up(seq int64, limit int) ([]chat.Message, bool, error) {
	from, args := p.where()
	ms, err := rows(p.c, scanMessage, "SELECT "+messageColumns+from+"seq > ? ORDER BY seq LIMIT +?", append(args, seq, limit+1)...)
	if len(ms) > limit {
		return ms[:limit], true, err
	}
	return ms, false, err
}

// Down implements chat.Stretches.
func (p pager) Down(seq int64, limit int) ([]chat.Message, bool, error) {
	from, args := p.where()
	ms, err := rows(p.c, scanMessage, "SELECT "+messageColumns+from+"seq < ? ORDER BY seq DESC LIMIT +?", append(args, seq, limit+1)...)
	more := len(ms) > limit
	if more {
		ms = ms[:limit]
	}
	slices.Reverse(ms)
	return ms, more, err
}

// Changes implements chat.PageStore. It can answer for any past revision.
func (s *Store) Changes(ctx context.Context, room string, since int64, limit int, viewer string) (chat.Changes, error) {
	return read(ctx, s, func(c *conn) (chat.Changes, error) {
		r, err := roomByID(c, room)
		if err != nil {
			return chat.Changes{}, err
		}
		if err := chat.KnowsRev(since, r.Rev); err != nil {
			return chat.Changes{}, err
		}
		ms, err := rows(c, scanMessage, "SELECT "+messageColumns+" FROM message WHERE room = ? AND rev > ? ORDER BY rev LIMIT +?", room,
			since, limit+1)
		if err != nil {
			return chat.Changes{}, err
		}
		out := chat.Changes{Head: r.Rev, Next: r.Rev, Messages: ms}
		if len(ms) > limit {
			out.Messages, out.More = ms[:limit], true
			out.Next = ms[limit-1].Rev
		}
		for i := range out.Messages {
			if err := mark(c, viewer, &out.Messages[i]); err != nil {
				return out, err
			}
		}
		return out, nil
	})
}

// Versions implements chat.PageStore.
func (s *Store) Versions(ctx context.Context, q chat.VersionQuery) (chat.History, error) {
	return read(ctx, s, func(c *conn) (h chat.History, err error) {
		m, err := message(c, q.Room, q.Seq)
		if err == nil && m.DeletedAt != nil {
			err = chat.ErrNotFound()
		}
		if err != nil {
			return h, err
		}
		before := m.Edits
		if q.Before != nil && *q.Before <= m.Edits {
			before = *q.Before
		} else {
			h.Add(q, m.Version())
		}
		err = c.run("SELECT n, text, at FROM version WHERE room = ? AND seq = ? AND n < ? ORDER BY n DESC", []any{q.Room, q.Seq, before},
			func(st *sqlite.Stmt) error {
				s := &scanner{st: st}
				if !h.Add(q, chat.Version{N: s.int64(), Text: s.text(), At: s.time()}) {
					return errEnough
				}
				return nil
			})
		return h, enough(err)
	})
}
