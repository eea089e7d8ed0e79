package sqlite

import (
	"context"
	"slices"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen"
)

// Message implements canteen.PageStore.
func (s *Store) Message(ctx context.Context, room string, seq int64, viewer string) (canteen.Message, error) {
	return read(ctx, s, func(c *sqlite.Conn) (canteen.Message, error) {
		m, err := message(c, room, seq)
		if err != nil {
			return m, err
		}
		return m, mark(c, viewer, &m)
	})
}

// Page implements canteen.PageStore.
func (s *Store) Page(ctx context.Context, q canteen.PageQuery) (canteen.Page, error) {
	return read(ctx, s, func(c *sqlite.Conn) (canteen.Page, error) {
		r, err := roomByID(c, q.Room)
		if err != nil {
			return canteen.Page{}, err
		}
		p := pager{c, q}
		out, err := p.page(r.LastSeq)
		out.Head = r.Rev
		for i := range out.Messages {
			if err == nil {
				err = mark(c, q.Viewer, &out.Messages[i])
			}
		}
		return out, err
	})
}

type pager struct {
	c *sqlite.Conn
	q canteen.PageQuery
}

func (p pager) page(last int64) (canteen.Page, error) {
	switch q := p.q; {
	case q.After != nil:
		ms, more, err := p.up(*q.After, q.Limit)
		return p.around(nil, ms, *q.After+1, more, err)
	case q.Around != nil:
		return p.centre(*q.Around)
	case q.Before != nil:
		ms, more, err := p.down(*q.Before, q.Limit)
		out := canteen.Page{Messages: ms, MoreBefore: more}
		if err == nil {
			out.MoreAfter, err = p.any("seq >= ?", *q.Before)
		}
		return out, err
	default:
		ms, more, err := p.down(last+1, q.Limit)
		return canteen.Page{Messages: ms, MoreBefore: more}, err
	}
}

// around joins what lies before and after; from is the first seq that after may hold.
func (p pager) around(before, after []canteen.Message, from int64, more bool, err error) (canteen.Page, error) {
	out := canteen.Page{Messages: append(before, after...), MoreAfter: more}
	if err == nil {
		out.MoreBefore, err = p.any("seq < ?", from)
	}
	return out, err
}

// centre is half of the limit before seq, seq or the nearest after it, and the rest after.
func (p pager) centre(seq int64) (canteen.Page, error) {
	before, moreBefore, err := p.down(seq, p.q.Limit/2)
	if err != nil {
		return canteen.Page{}, err
	}
	after, moreAfter, err := p.up(seq-1, p.q.Limit-len(before))
	if err != nil {
		return canteen.Page{}, err
	}
	if short := p.q.Limit - len(before) - len(after); short > 0 && moreBefore {
		if before, moreBefore, err = p.down(seq, len(before)+short); err != nil {
			return canteen.Page{}, err
		}
	}
	return canteen.Page{Messages: append(before, after...), MoreBefore: moreBefore, MoreAfter: moreAfter}, nil
}

// Both name their index: without statistics SQLite would take the primary key, and walk through what lies in between.
const timeline = " FROM message INDEXED BY message_timeline WHERE room = ? AND (thread = 0 OR also_in_room = 1) AND "
const replies = " FROM message INDEXED BY message_thread WHERE room = ? AND thread > 0 AND thread = ? AND "

func (p pager) where() (string, []any) {
	if p.q.Thread > 0 {
		return replies, []any{p.q.Room, p.q.Thread}
	}
	return timeline, []any{p.q.Room}
}

// up are at most limit after seq, ascending, and whether there are more.
func (p pager) up(seq int64, limit int) ([]canteen.Message, bool, error) {
	from, args := p.where()
	ms, err := rows(p.c, scanMessage, "SELECT "+messageColumns+from+"seq > ? ORDER BY seq LIMIT +?", append(args, seq, limit+1)...)
	if len(ms) > limit {
		return ms[:limit], true, err
	}
	return ms, false, err
}

// down are at most limit before seq, ascending, and whether there are more.
func (p pager) down(seq int64, limit int) ([]canteen.Message, bool, error) {
	from, args := p.where()
	ms, err := rows(p.c, scanMessage, "SELECT "+messageColumns+from+"seq < ? ORDER BY seq DESC LIMIT +?", append(args, seq, limit+1)...)
	more := len(ms) > limit
	if more {
		ms = ms[:limit]
	}
	slices.Reverse(ms)
	return ms, more, err
}

func (p pager) any(condition string, seq int64) (bool, error) {
	from, args := p.where()
	_, ok, err := row(p.c, integer, "SELECT 1"+from+condition+" LIMIT 1", append(args, seq)...)
	return ok, err
}

// Changes implements canteen.PageStore. Every revision is known for ever.
func (s *Store) Changes(ctx context.Context, room string, since int64, limit int, viewer string) (canteen.Changes, error) {
	return read(ctx, s, func(c *sqlite.Conn) (canteen.Changes, error) {
		r, err := roomByID(c, room)
		if err != nil {
			return canteen.Changes{}, err
		}
		if since > r.Rev {
			return canteen.Changes{}, canteen.Errorf(canteen.Gone, "The room has no revision %d yet. Load it afresh.", since)
		}
		ms, err := rows(c, scanMessage, "SELECT "+messageColumns+" FROM message WHERE room = ? AND rev > ? ORDER BY rev LIMIT +?", room, since, limit+1)
		if err != nil {
			return canteen.Changes{}, err
		}
		out := canteen.Changes{Head: r.Rev, Next: r.Rev, Messages: ms}
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

// Versions implements canteen.PageStore.
func (s *Store) Versions(ctx context.Context, room string, seq int64) ([]canteen.Version, error) {
	return read(ctx, s, func(c *sqlite.Conn) ([]canteen.Version, error) {
		m, err := message(c, room, seq)
		if err == nil && m.DeletedAt != nil {
			err = errNotFound()
		}
		if err != nil {
			return nil, err
		}
		at := m.CreatedAt
		if m.EditedAt != nil {
			at = *m.EditedAt
		}
		earlier, err := rows(c, func(st *sqlite.Stmt) canteen.Version {
			s := &scanner{st: st}
			return canteen.Version{Text: s.text(), At: s.time()}
		}, "SELECT text, at FROM version WHERE room = ? AND seq = ? ORDER BY n DESC", room, seq)
		return append([]canteen.Version{{Text: m.Text, At: at}}, earlier...), err
	})
}
