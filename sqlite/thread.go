package sqlite

import (
	"context"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

// addReply adds a reply to its root's thread info, which is a change of the root. Its cost must not grow with the thread, since all
// commands wait for the one writer.
func (t *tx) addReply(reply chat.Message) error {
	root, err := message(t.Conn, reply.Room, reply.Thread)
	if err != nil {
		return err
	}
	var info thread.Info
	if root.ThreadInfo != nil {
		info = *root.ThreadInfo
	}
	info = info.Add(reply.Author, reply.CreatedAt)
	if err := exec(t.Conn, "UPDATE message SET replies = ?, last_reply_at = ?, repliers = ? WHERE room = ? AND seq = ?",
		info.Replies, millis(info.LastReplyAt), jsonList(info.Repliers), root.Room, root.Seq); err != nil {
		return err
	}
	if err := t.announceRoot(root.Room, root.Seq); err != nil {
		return err
	}
	return t.follow(root, reply)
}

// removeReply recomputes the root's thread info after a reply was deleted: the last reply and the first repliers may be others now.
func (t *tx) removeReply(room string, root int64) error {
	repliers, err := rows(t.Conn, text, `SELECT author FROM message INDEXED BY message_thread WHERE room = ? AND thread = ? AND thread > 0
		AND deleted_at IS NULL
		GROUP BY author ORDER BY min(seq) LIMIT +?`, room, root, thread.MaxRepliers)
	if err != nil {
		return err
	}
	if err := exec(t.Conn, `UPDATE message SET repliers = ?3, (replies, last_reply_at) =
		(SELECT count(*), max(created_at) FROM message INDEXED BY message_thread WHERE room = ?1 AND thread = ?2 AND thread > 0
		AND deleted_at IS NULL)
		WHERE room = ?1 AND seq = ?2`, room, root, jsonList(repliers)); err != nil {
		return err
	}
	return t.announceRoot(room, root)
}

// announceRoot sets the root's rev to the room's next rev and announces the root.
func (t *tx) announceRoot(room string, root int64) error {
	if _, err := t.bumpRev(room, root); err != nil {
		return err
	}
	m, err := message(t.Conn, room, root)
	if err != nil {
		return err
	}
	t.announceMessage(m, false)
	return nil
}

const threadColumns = "follow, read_seq, read_rev"

func (s *scanner) threadRow() thread.Row {
	return thread.Row{Follow: thread.Follow(s.text()), ReadSeq: s.int64(), ReadRev: s.int64()}
}

// threadRow is the row of a user and a thread; the zero value if there is none.
func threadRow(c *conn, room string, root int64, user string) (thread.Row, error) {
	r, _, err := row(c, func(st *sqlite.Stmt) thread.Row { return (&scanner{st: st}).threadRow() },
		"SELECT "+threadColumns+" FROM my_thread WHERE user = ? AND room = ? AND root = ?", user, room, root)
	return r, err
}

func (t *tx) setThread(room string, root int64, user string, r thread.Row) error {
	return exec(t.Conn, "INSERT OR REPLACE INTO my_thread VALUES (?, ?, ?, ?, ?, ?)", user, room, root, string(r.Follow), r.ReadSeq,
		r.ReadRev)
}

// changeThread replaces the row of a user and a thread, if that makes a difference.
func (t *tx) changeThread(room string, root int64, user string, change func(thread.Row) thread.Row) (changed bool, err error) {
	was, err := threadRow(t.Conn, room, root, user)
	if err != nil {
		return false, err
	}
	now := change(was)
	if now == was {
		return false, nil
	}
	return true, t.setThread(room, root, user, now)
}

// follow makes the author of a reply and the author of its root follow the thread, and announces the reply to those who do.
func (t *tx) follow(root, reply chat.Message) error {
	member, err := t.isMember(reply.Room)
	if err != nil {
		return err
	}
	if member(reply.Author) {
		if _, err := t.changeThread(root.Room, root.Seq, reply.Author, func(r thread.Row) thread.Row {
			return r.Replied(reply.Seq)
		}); err != nil {
			return err
		}
	}
	if root.Author != reply.Author && member(root.Author) {
		if _, err := t.changeThread(root.Room, root.Seq, root.Author, func(r thread.Row) thread.Row {
			return r.Heard(reply.Seq)
		}); err != nil {
			return err
		}
	}
	t.announceThread(reply)
	return nil
}

// announceThread announces to those who follow a thread that a reply is new or has changed.
func (t *tx) announceThread(m chat.Message) {
	if m.Thread > 0 {
		t.announce(chat.ThreadChanged{Room: m.Room, Root: m.Thread})
	}
}

// FollowersAt is as of audience.Membership. It ignores the version.
func (s *Store) FollowersAt(ctx context.Context, room string, root, _ int64) ([]string, error) {
	return read(ctx, s, func(c *conn) ([]string, error) { return followers(c, room, root) })
}

func followers(c *conn, room string, root int64) ([]string, error) {
	return rows(c, text, "SELECT user FROM my_thread INDEXED BY my_thread_root WHERE room = ? AND root = ? AND follow IN ('on', 'auto')",
		room, root)
}

// rootOf loads the root of a thread.
func rootOf(c *conn, room string, seq int64) (chat.Message, error) {
	m, err := message(c, room, seq)
	if err == nil && !m.IsRoot() {
		err = chat.ErrNotFound()
	}
	return m, err
}

// myThread is the thread of a root, with the replies that it shows and its counts. It reads no other messages.
func myThread(c *conn, root chat.Message, user string) (chat.MyThread, error) {
	r, err := threadRow(c, root.Room, root.Seq, user)
	if err != nil {
		return chat.MyThread{}, err
	}
	latest, err := rows(c, scanMessage, "SELECT "+messageColumns+replies+"deleted_at IS NULL ORDER BY seq DESC LIMIT +?", root.Room,
		root.Seq, chat.MaxLatest)
	if err != nil {
		return chat.MyThread{}, err
	}
	slices.Reverse(latest)
	for i := range latest {
		if err := mark(c, user, &latest[i]); err != nil {
			return chat.MyThread{}, err
		}
	}
	if err := mark(c, user, &root); err != nil {
		return chat.MyThread{}, err
	}
	t := chat.ThreadOf(r, root, latest)
	if !r.Follows() {
		return t, nil
	}
	counts, _, err := row(c, func(st *sqlite.Stmt) [2]int { return [2]int{st.ColumnInt(0), st.ColumnInt(1)} }, `SELECT
		(SELECT count(*) FROM (SELECT 1 FROM message INDEXED BY message_thread WHERE room = ?1 AND thread = ?2 AND thread > 0 AND seq > ?3
			AND author <> ?4 AND deleted_at IS NULL LIMIT +?5)),
		min(?5, (SELECT count(*) FROM (SELECT 1 FROM mention INDEXED BY mention_thread WHERE user = ?4 AND room = ?1 AND thread = ?2
			AND thread > 0 AND seq > ?3 LIMIT +?5))
		+ (SELECT count(*) FROM (SELECT 1 FROM message INDEXED BY message_broadcast WHERE room = ?1 AND thread = ?2 AND seq > ?3
			AND author <> ?4 AND broadcast = 'room'
			AND NOT EXISTS (SELECT 1 FROM mention WHERE mention.user = ?4 AND mention.room = ?1 AND mention.seq = message.seq)
			LIMIT +?5)))`, root.Room, root.Seq, r.ReadSeq, user, chat.MaxUnread)
	t.Unread, t.MentionCount = counts[0], counts[1]
	return t, err
}

// MyThread implements chat.ThreadStore.
func (s *Store) MyThread(ctx context.Context, room string, root int64, user string) (chat.MyThread, error) {
	return read(ctx, s, func(c *conn) (chat.MyThread, error) { return myThreadOf(c, room, root, user) })
}

func myThreadOf(c *conn, room string, root int64, user string) (chat.MyThread, error) {
	m, err := rootOf(c, room, root)
	if err != nil {
		return chat.MyThread{}, err
	}
	return myThread(c, m, user)
}

// selectThreadStates selects the threads of a user, with one number for each: four times the time of the last reply, plus how that reply
// stands to the pointer; NULL without replies. The last reply of each is found by one search in an index. ?1 is the user.
const selectThreadStates = `SELECT room, root, read_seq, (
		SELECT created_at * 4 + CASE WHEN seq <= read_seq THEN 0 WHEN author <> ?1 THEN 1 ELSE 2 END
		FROM message INDEXED BY message_thread WHERE room = my_thread.room AND thread = root AND thread > 0 AND deleted_at IS NULL
		ORDER BY seq DESC LIMIT 1)
	FROM my_thread WHERE user = ?1 AND follow IN ('on', 'auto')`

// How the last reply stands to the pointer: read, unread, or unread but one's own, so that earlier ones decide.
const (
	lastIsUnread = 1
	lastIsOwn    = 2
)

// unreadBefore says whether a reply of others is unread in a thread.
func unreadBefore(c *conn, p thread.Place, readSeq int64, user string) (bool, error) {
	_, unread, err := row(c, integer, "SELECT 1"+replies+"seq > ? AND author <> ? AND deleted_at IS NULL LIMIT 1", p.Room, p.Root, readSeq,
		user)
	return unread, err
}

// threadStates are the threads with replies that a user follows, in any order.
func threadStates(c *conn, user string) (all []thread.State, err error) {
	err = c.run(selectThreadStates, []any{user}, func(st *sqlite.Stmt) (err error) {
		s := &scanner{st: st}
		t := thread.State{Place: thread.Place{Room: s.text(), Root: s.int64()}}
		readSeq := s.int64()
		if st.ColumnIsNull(s.i) {
			return nil
		}
		last := s.int64()
		t.At, t.Unread = time.UnixMilli(last>>2).UTC(), last&lastIsUnread != 0
		if last&lastIsOwn != 0 {
			t.Unread, err = unreadBefore(c, t.Place, readSeq, user)
		}
		all = append(all, t)
		return err
	})
	return all, err
}

// MyThreads implements chat.ThreadStore. It loads only the threads of the page.
func (s *Store) MyThreads(ctx context.Context, q chat.ThreadQuery) (chat.ThreadPage, error) {
	return read(ctx, s, func(c *conn) (chat.ThreadPage, error) {
		all, err := threadStates(c, q.User)
		if err != nil {
			return chat.ThreadPage{}, err
		}
		return q.PageOf(all, func(places []thread.Place) (out []chat.MyThread, err error) {
			for _, p := range places {
				t, err := myThreadOf(c, p.Room, p.Root, q.User)
				if err != nil {
					return nil, err
				}
				out = append(out, t)
			}
			return out, nil
		})
	})
}

// FollowThread implements chat.ThreadStore.
func (s *Store) FollowThread(ctx context.Context, cmd chat.FollowThread) (chat.MyThread, error) {
	return s.myThreadAfter(ctx, cmd.Facts, cmd.Room, cmd.Root, cmd.User, func(_ *tx, was thread.Row, mt chat.MyThread) (thread.Row,
		bool, error) {
		now, changed := cmd.Apply(was, mt)
		return now, changed, nil
	})
}

// ReadThread implements chat.ThreadStore.
func (s *Store) ReadThread(ctx context.Context, cmd chat.ReadThread) (chat.MyThread, error) {
	return s.myThreadAfter(ctx, cmd.Facts, cmd.Room, cmd.Root, cmd.User, func(t *tx, was thread.Row, _ chat.MyThread) (thread.Row,
		bool, error) {
		r, err := roomByID(t.Conn, cmd.Room)
		if err != nil {
			return was, false, err
		}
		return cmd.Apply(was, r.LastSeq)
	})
}

// myThreadAfter changes the row of a member and a thread, and announces that to the member.
func (s *Store) myThreadAfter(ctx context.Context, facts chat.Facts, room string, root int64, user string,
	apply func(*tx, thread.Row, chat.MyThread) (now thread.Row, changed bool, err error),
) (chat.MyThread, error) {
	return write(ctx, s, func(t *tx) (chat.MyThread, error) {
		if err := t.checkFacts(facts); err != nil {
			return chat.MyThread{}, err
		}
		member, err := t.isMember(room)
		if err == nil && !member(user) {
			err = chat.ErrNotFound()
		}
		if err != nil {
			return chat.MyThread{}, err
		}
		mt, err := myThreadOf(t.Conn, room, root, user)
		if err != nil {
			return mt, err
		}
		was, err := threadRow(t.Conn, room, root, user)
		if err != nil {
			return mt, err
		}
		now, changed, err := apply(t, was, mt)
		if err != nil || !changed {
			return mt, err
		}
		if err := t.setThread(room, root, user, now); err != nil {
			return mt, err
		}
		t.announce(chat.ThreadChanged{Room: room, Root: root, User: user})
		return myThread(t.Conn, mt.Root, user)
	})
}

// FollowMentioned implements chat.ThreadStore.
func (s *Store) FollowMentioned(ctx context.Context, reply chat.Message) error {
	return do(ctx, s, func(t *tx) error {
		if _, err := rootOf(t.Conn, reply.Room, reply.Thread); err != nil {
			return err
		}
		for _, user := range reply.Counted() {
			joined, ok, err := row(t.Conn, integer, "SELECT joined_at FROM member WHERE room = ? AND user = ?", reply.Room, user)
			if err != nil {
				return err
			}
			if !ok || joined > millis(reply.CreatedAt) {
				continue
			}
			changed, err := t.changeThread(reply.Room, reply.Thread, user, func(r thread.Row) thread.Row { return r.Heard(reply.Seq) })
			if err != nil {
				return err
			}
			if changed {
				t.announce(chat.ThreadChanged{Room: reply.Room, Root: reply.Thread, User: user})
			}
		}
		return nil
	})
}
