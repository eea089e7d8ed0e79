package sqlite

import (
	"context"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/stretch"
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
		ms, before, after, err := stretch.Window(q, r.LastSeq, pager{c, q})
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

// Up implements stretch.Reader.
func (p pager) Up(seq int64, b chat.Bound) ([]chat.Message, bool, error) {
	from, args := p.where()
	return messages(p.c, b, "SELECT "+messageColumns+from+"seq > ? ORDER BY seq", append(args, seq)...)
}

// Down implements stretch.Reader.
func (p pager) Down(seq int64, b chat.Bound) ([]chat.Message, bool, error) {
	from, args := p.where()
	ms, more, err := messages(p.c, b, "SELECT "+messageColumns+from+"seq < ? ORDER BY seq DESC", append(args, seq)...)
	slices.Reverse(ms)
	return ms, more, err
}

// Times implements stretch.Reader.
func (p pager) Times(seqs []int64) ([]time.Time, error) {
	out := make([]time.Time, len(seqs))
	for i, seq := range seqs {
		created := func(st *sqlite.Stmt) time.Time { return (&scanner{st: st}).time() }
		t, err := found(row(p.c, created, "SELECT created_at FROM message WHERE room = ? AND seq = ?", p.q.Room, seq))
		if err != nil {
			return nil, err
		}
		out[i] = t
	}
	return out, nil
}

// messages are the first messages of a query, and whether it has more. It reads one row beyond the bound.
func messages(c *conn, b chat.Bound, query string, args ...any) (ms []chat.Message, more bool, err error) {
	err = c.run(query, args, func(st *sqlite.Stmt) error {
		if more = b.Full(); more {
			return errEnough
		}
		m := scanMessage(st)
		b.Take(m)
		ms = append(ms, m)
		return nil
	})
	return ms, more, enough(err)
}

// Changes implements chat.PageStore. It can answer for any past revision.
func (s *Store) Changes(ctx context.Context, room string, since int64, b chat.Bound, viewer string) (chat.Changes, error) {
	return read(ctx, s, func(c *conn) (chat.Changes, error) {
		r, err := roomByID(c, room)
		if err != nil {
			return chat.Changes{}, err
		}
		if err := chat.KnowsRev(since, r.Rev); err != nil {
			return chat.Changes{}, err
		}
		ms, more, err := messages(c, b, "SELECT "+messageColumns+" FROM message WHERE room = ? AND rev > ? ORDER BY rev", room, since)
		if err != nil {
			return chat.Changes{}, err
		}
		out := chat.Changes{Head: r.Rev, Next: r.Rev, More: more, Messages: ms}
		if more {
			out.Next = ms[len(ms)-1].Rev
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
