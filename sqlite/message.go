package sqlite

import (
	"context"
	"fmt"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

const messageColumns = `room, seq, rev, author, client_id, text, created_at, edited_at, deleted_at, thread, also_in_room, replies,
	last_reply_at, repliers, mentions, system_what, system_value, reactions, edits, broadcast, parts, tally`

// summary is a reaction as it is stored in a message's row.
type summary struct {
	Emoji string   `json:"e"`
	Count int      `json:"n"`
	Users []string `json:"u"` // the first MaxReactionUsers
}

func scanMessage(st *sqlite.Stmt) chat.Message {
	s := &scanner{st: st}
	m := chat.Message{
		Room: s.text(), Seq: s.int64(), Rev: s.int64(), Author: s.text(), ClientID: s.text(), Text: s.text(), CreatedAt: s.time(),
		EditedAt: s.optionalTime(), DeletedAt: s.optionalTime(), Thread: s.int64(), AlsoInRoom: s.bool(),
	}
	info := thread.Info{Replies: s.int()}
	if at := s.optionalTime(); at != nil {
		info.LastReplyAt = *at
	}
	if info.Repliers = list[string](s); info.Replies > 0 {
		m.ThreadInfo = &info
	}
	m.Mentions = list[string](s)
	if what, value := s.text(), s.text(); what != "" {
		m.System = &chat.System{What: chat.What(what), Value: value}
	}
	for _, r := range list[summary](s) {
		m.Reactions = append(m.Reactions, chat.Reaction{Emoji: r.Emoji, Count: r.Count, Users: r.Users})
	}
	m.Edits, m.Broadcast = s.int64(), chat.Broadcast(s.text())
	m.Parts, m.Tally = parts(s), tally(s)
	return m
}

// parts reads what chat.Parts.Encode wrote.
func parts(s *scanner) chat.Parts {
	p, err := chat.DecodeParts(s.text())
	if err != nil {
		panic(fmt.Sprintf("sqlite: %v", err))
	}
	return p
}

func message(c *conn, room string, seq int64) (chat.Message, error) {
	return found(row(c, scanMessage, "SELECT "+messageColumns+" FROM message WHERE room = ? AND seq = ?", room, seq))
}

// PostedMessage implements chat.MessageStore.
func (s *Store) PostedMessage(ctx context.Context, room, author, clientID string) (chat.Message, error) {
	return read(ctx, s, func(c *conn) (chat.Message, error) { return postedMessage(c, room, author, clientID) })
}

func postedMessage(c *conn, room, author, clientID string) (chat.Message, error) {
	m, err := found(row(c, scanMessage, "SELECT "+messageColumns+" FROM message WHERE author = ? AND room = ? AND client_id = ?", author,
		room, clientID))
	if err != nil {
		return m, err
	}
	return m, mark(c, author, &m)
}

// PostMessage implements chat.MessageStore.
func (s *Store) PostMessage(ctx context.Context, cmd chat.PostMessage) (chat.Message, bool, error) {
	created := false
	m, err := write(ctx, s, func(t *tx) (m chat.Message, err error) {
		m, created, err = t.postOnce(cmd)
		return m, err
	})
	return m, err == nil && created, err // after an error the writer may still be writing to created
}

// postOnce looks for an earlier post with the same idempotency key only in the second attempt at its batch. Few posts are repeats, and
// the key is unique in the schema, so a repeat makes the first attempt fail.
func (t *tx) postOnce(cmd chat.PostMessage) (m chat.Message, created bool, err error) {
	if t.savepoint {
		m, err := postedMessage(t.Conn, cmd.Room, cmd.Author, cmd.ClientID)
		if err == nil || chat.ErrorCode(err) != chat.NotFound {
			return m, false, err
		}
	}
	if err := t.checkFacts(cmd.Facts); err != nil {
		return m, false, err
	}
	m, err = t.post(cmd)
	return m, true, err
}

func (t *tx) post(cmd chat.PostMessage) (chat.Message, error) {
	if cmd.Thread > 0 {
		root, err := message(t.Conn, cmd.Room, cmd.Thread)
		if err == nil {
			err = root.Answerable()
		}
		if err != nil {
			return chat.Message{}, err
		}
	}
	member, err := t.isMember(cmd.Room)
	if err != nil {
		return chat.Message{}, err
	}
	m, err := t.insert(cmd.Message(member))
	if err == nil {
		err = t.attach(m)
	}
	if err == nil {
		err = t.enterFeedback(m)
	}
	if err != nil {
		return m, err
	}
	if m.InTimeline() {
		if err := t.moveRead(m.Room, m.Author, m.Seq); err != nil {
			return m, err
		}
	}
	if m.Thread > 0 {
		return m, t.addReply(m)
	}
	return m, nil
}

// insert stores the message with the room's next seq and rev, and announces it.
func (t *tx) insert(m chat.Message) (chat.Message, error) {
	at, err := found(row(t.Conn, func(st *sqlite.Stmt) [2]int64 { return [2]int64{st.ColumnInt64(0), st.ColumnInt64(1)} },
		"UPDATE room SET last_seq = last_seq + 1, rev = rev + 1 WHERE id = ? RETURNING last_seq, rev", m.Room))
	if err != nil {
		return m, err
	}
	m.Seq, m.Rev = at[0], at[1]
	t.Conn.changes.reportCounters(m.Room, m.Seq, m.Rev)
	var clientID any
	if m.ClientID != "" {
		clientID = m.ClientID
	}
	var system chat.System
	if m.System != nil {
		system = *m.System
	}
	if err := exec(t.Conn, "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?, ?, 0, NULL, '[]', ?, ?, ?, '[]', 0, ?, ?, ?)",
		m.Room, m.Seq, m.Rev, m.Author, clientID, m.Text, millis(m.CreatedAt), m.Thread, m.AlsoInRoom, jsonList(m.Mentions),
		string(system.What), system.Value, string(m.Broadcast), m.Parts.Encode(),
		m.Tally.Encode()); err != nil {
		return m, err
	}
	if err := t.insertMentions(m); err != nil {
		return m, err
	}
	t.announceMessage(m, true)
	return m, nil
}

// insertMentions stores for whom the message counts as a mention.
func (t *tx) insertMentions(m chat.Message) error {
	for _, u := range m.Counted() {
		if err := exec(t.Conn, "INSERT INTO mention VALUES (?, ?, ?, ?)", u, m.Room, m.Seq, m.Thread); err != nil {
			return err
		}
	}
	return nil
}

// announceMessage announces that a message was posted, or has changed.
func (t *tx) announceMessage(m chat.Message, posted bool) {
	m.Reactions = slices.Clone(m.Reactions)
	for i := range m.Reactions {
		m.Reactions[i].Me = false
	}
	t.announce(chat.MessageChanged{Message: m, Posted: posted})
}

func (t *tx) postSystem(room string, p chat.SystemPost, at time.Time) error {
	_, err := t.insert(p.Message(room, at))
	return err
}

// bumpRev sets a message's rev to the room's next rev and returns it.
func (t *tx) bumpRev(room string, seq int64) (int64, error) {
	rev, err := found(row(t.Conn, integer, "UPDATE room SET rev = rev + 1 WHERE id = ? RETURNING rev", room))
	if err != nil {
		return 0, err
	}
	t.Conn.changes.reportCounters(room, 0, rev)
	return rev, exec(t.Conn, "UPDATE message SET rev = ? WHERE room = ? AND seq = ?", rev, room, seq)
}
