package sqlite

import (
	"context"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/inbox"
	"github.com/canteen-chat/canteen/thread"
)

const inboxColumns = "user, key, cause, reason, room, seq, thread, keyword, at, print, count, cleared_at"

func scanInbox(st *sqlite.Stmt) inbox.Row {
	s := &scanner{st: st}
	return inbox.Row{
		User: s.text(), Key: s.text(), Cause: chat.InboxCause(s.text()), Reason: s.text(), Room: s.text(), Seq: s.int64(),
		Thread: s.int64(), Keyword: s.text(), At: s.time(), Print: s.text(), Count: s.int(), ClearedAt: s.time(),
	}
}

func inboxRow(c *conn, user, key string) (inbox.Row, bool, error) {
	return row(c, scanInbox, "SELECT "+inboxColumns+" FROM inbox WHERE user = ? AND key = ?", user, key)
}

// InboxRows implements inbox.Store.
func (s *Store) InboxRows(ctx context.Context, user string, keys []string) ([]inbox.Row, error) {
	return read(ctx, s, func(c *conn) (out []inbox.Row, err error) {
		for _, k := range keys {
			r, ok, err := inboxRow(c, user, k)
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, r)
			}
		}
		return out, nil
	})
}

// PutInbox implements inbox.Store. It also deletes rows of all users that are too old.
func (s *Store) PutInbox(ctx context.Context, rows []inbox.Row) (wrote bool, err error) {
	return write(ctx, s, func(t *tx) (wrote bool, err error) {
		var newest time.Time
		for _, r := range rows {
			kept, _, err := inboxRow(t.Conn, r.User, r.Key)
			if err != nil {
				return false, err
			}
			now, changed := r.Over(kept)
			if !changed {
				continue
			}
			if err := t.setInbox(now); err != nil {
				return false, err
			}
			if wrote = true; r.At.After(newest) {
				newest = r.At
			}
		}
		if !wrote {
			return false, nil
		}
		return true, exec(t.Conn, "DELETE FROM inbox WHERE at < ?", millis(newest.Add(-chat.InboxLife)))
	})
}

func (t *tx) setInbox(r inbox.Row) error {
	return exec(t.Conn, "INSERT OR REPLACE INTO inbox ("+inboxColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", r.User, r.Key,
		string(r.Cause), r.Reason, r.Room, r.Seq, r.Thread, r.Keyword, millis(r.At), r.Print, r.Count, max(0, millis(r.ClearedAt)))
}

// InboxRooms implements inbox.Store.
func (s *Store) InboxRooms(ctx context.Context, user string) ([]inbox.Room, chat.InboxMarks, error) {
	var marks chat.InboxMarks
	out, err := read(ctx, s, func(c *conn) (_ []inbox.Room, err error) {
		marks, _, err = row(c, func(st *sqlite.Stmt) chat.InboxMarks {
			s := &scanner{st: st}
			return chat.InboxMarks{SeenAt: s.time(), ClearedBefore: s.time(), KeysCleared: s.time()}
		}, "SELECT seen_at, cleared_before, keys_cleared FROM inbox_mark WHERE user = ?", user)
		if err != nil {
			return nil, err
		}
		return rows(c, func(st *sqlite.Stmt) inbox.Room {
			s := &scanner{st: st}
			return inbox.Room{
				ID: s.text(), Kind: chat.Kind(s.text()), Notify: chat.Notify(s.text()), Muted: s.bool(), JoinedAt: s.time(),
				ReadSeq: s.int64(), LastSeq: s.int64(), LastMention: s.int64(), LastBroadcast: s.int64(),
			}
		}, `SELECT room.id, room.kind, member.notify, member.muted, member.joined_at, member.read_seq, room.last_seq,
			(SELECT max(seq) FROM mention WHERE mention.user = ?1 AND mention.room = room.id),
			(SELECT max(seq) FROM message INDEXED BY message_broadcast WHERE message.room = room.id AND broadcast = 'room')
			FROM member JOIN room ON room.id = member.room WHERE member.user = ?1 ORDER BY room.id`, user)
	})
	return out, marks, err
}

// latest is later than all times.
const latest = 1 << 60

// Inbox implements inbox.Store.
func (s *Store) Inbox(ctx context.Context, q inbox.Query) ([]inbox.Row, error) {
	at, key := int64(latest), ""
	if q.After != nil {
		at, key = millis(q.After.At), q.After.Key
	}
	return read(ctx, s, func(c *conn) ([]inbox.Row, error) {
		return rows(c, scanInbox, "SELECT "+inboxColumns+` FROM inbox INDEXED BY inbox_newest WHERE user = ?1 AND at <= ?2 AND at > ?4
			AND at > cleared_at AND cause <> '' AND (at < ?2 OR key > ?3) AND (?5 OR cause <> 'reaction') AND (?6 OR cause = 'reaction')
			ORDER BY at DESC, key LIMIT +?7`, q.User, at, key, millis(q.Oldest), q.Reactions, q.Others, q.Limit)
	})
}

// InboxIn implements inbox.Store.
func (s *Store) InboxIn(ctx context.Context, user string, ranges []inbox.Range) ([][]inbox.Row, error) {
	return read(ctx, s, func(c *conn) ([][]inbox.Row, error) {
		out := make([][]inbox.Row, len(ranges))
		for i, r := range ranges {
			before := int64(latest)
			if !r.Before.IsZero() {
				before = millis(r.Before)
			}
			var err error
			if r.Broadcasts {
				out[i], err = rows(c, func(st *sqlite.Stmt) inbox.Row {
					s := &scanner{st: st}
					m := inbox.Row{
						User: user, Cause: chat.InboxBroadcast, Room: r.Room, Seq: s.int64(), Thread: s.int64(), At: s.time(),
					}
					m.Key = inbox.Key(m.Cause, m.Room, m.Seq)
					return m
				}, `SELECT seq, thread, created_at FROM message INDEXED BY message_broadcast
					WHERE room = ? AND seq > ? AND broadcast = 'room' AND created_at <= ? AND author <> ?
					ORDER BY seq DESC LIMIT +?`, r.Room, r.After, before, user, r.Limit)
			} else {
				out[i], err = rows(c, scanInbox, "SELECT "+inboxColumns+` FROM inbox INDEXED BY inbox_room
					WHERE user = ? AND room = ? AND seq > ? AND at <= ? AND at > cleared_at AND cause IN ('mention', 'keyword')
					ORDER BY seq DESC LIMIT +?`, user, r.Room, r.After, before, r.Limit)
			}
			if err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// InboxThreads implements inbox.Store. It sorts the places of all threads that the user follows, and loads none.
func (s *Store) InboxThreads(ctx context.Context, q inbox.ThreadQuery) (threads, unread []thread.State, err error) {
	all, err := read(ctx, s, func(c *conn) ([]thread.State, error) { return threadStates(c, q.User) })
	slices.SortFunc(all, func(a, b thread.State) int { return a.Compare(b.Place) })
	for _, t := range all {
		if t.Unread && len(unread) < chat.MaxUnread {
			unread = append(unread, t)
		}
		if (t.Unread || !q.Unread) && (q.Before.IsZero() || !t.At.After(q.Before)) && len(threads) < q.Limit {
			threads = append(threads, t)
		}
	}
	return threads, unread, err
}

// InboxReplies implements inbox.Store.
func (s *Store) InboxReplies(ctx context.Context, user string, places []thread.Place) ([]inbox.Replies, error) {
	return read(ctx, s, func(c *conn) (out []inbox.Replies, err error) {
		for _, p := range places {
			last, ok, err := row(c, scanMessage, "SELECT "+messageColumns+replies+"deleted_at IS NULL ORDER BY seq DESC LIMIT 1",
				p.Room, p.Root)
			if err == nil && ok {
				err = mark(c, user, &last)
			}
			if err != nil {
				return nil, err
			}
			mine, err := threadRow(c, p.Room, p.Root, user)
			if err != nil || !ok || !mine.Follows() {
				if err != nil {
					return nil, err
				}
				continue
			}
			by, err := rows(c, text, "SELECT author"+replies+"seq > ? AND author <> ? AND deleted_at IS NULL ORDER BY seq DESC LIMIT +?",
				p.Room, p.Root, mine.ReadSeq, user, chat.MaxUnread)
			if err != nil {
				return nil, err
			}
			out = append(out, inbox.Replies{Root: p.Root, Latest: last, By: unique(by)})
		}
		return out, nil
	})
}

// unique are the strings of a list, each once.
func unique(list []string) (out []string) {
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// InboxMessages implements inbox.Store.
func (s *Store) InboxMessages(ctx context.Context, user string, places []inbox.MessagePlace) ([]inbox.Message, error) {
	return read(ctx, s, func(c *conn) (out []inbox.Message, err error) {
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
			im := inbox.Message{Message: m}
			if p.Thread > 0 {
				mine, err := threadRow(c, p.Room, p.Thread, user)
				if err != nil {
					return nil, err
				}
				if mine.Follows() {
					im.ThreadRead = mine.ReadSeq
				}
			}
			out = append(out, im)
		}
		return out, nil
	})
}

// ClearInbox implements inbox.Store.
func (s *Store) ClearInbox(ctx context.Context, user, key string, at time.Time) error {
	return do(ctx, s, func(t *tx) error {
		r, ok, err := inboxRow(t.Conn, user, key)
		if err != nil || ok && !at.After(r.ClearedAt) {
			return err
		}
		if !ok {
			_, of, _ := inbox.ParseKey(key)
			r = inbox.Row{User: user, Key: key, Room: of.Room, Seq: of.Seq}
		}
		if r.ClearedAt = at; r.Cause == "" {
			r.At = at
		}
		if err := t.setInbox(r); err != nil {
			return err
		}
		return t.markInbox(user, chat.InboxMarks{KeysCleared: at})
	})
}

// MarkInbox implements inbox.Store.
func (s *Store) MarkInbox(ctx context.Context, user string, m chat.InboxMarks) error {
	m.KeysCleared = time.Time{}
	return do(ctx, s, func(t *tx) error { return t.markInbox(user, m) })
}

func (t *tx) markInbox(user string, m chat.InboxMarks) error {
	return exec(t.Conn, `INSERT INTO inbox_mark VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seen_at = max(seen_at, excluded.seen_at),
		cleared_before = max(cleared_before, excluded.cleared_before), keys_cleared = max(keys_cleared, excluded.keys_cleared)`,
		user, max(0, millis(m.SeenAt)), max(0, millis(m.ClearedBefore)), max(0, millis(m.KeysCleared)))
}

// Hearers implements inbox.HearerStore.
func (s *Store) Hearers(ctx context.Context, room string, users []string) (chat.Kind, []inbox.Hearer, error) {
	var kind chat.Kind
	out, err := read(ctx, s, func(c *conn) ([]inbox.Hearer, error) {
		r, err := roomByID(c, room)
		if err != nil {
			return nil, err
		}
		kind = r.Kind
		query, args := "SELECT user, notify, muted FROM member WHERE room = ?", []any{room}
		if users != nil {
			query, args = query+" AND user IN (SELECT value FROM json_each(?))", append(args, jsonList(users))
		}
		hearers, err := rows(c, func(st *sqlite.Stmt) inbox.Hearer {
			s := &scanner{st: st}
			return inbox.Hearer{User: chat.User{ID: s.text()}, Notify: chat.Notify(s.text()), Muted: s.bool()}
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
