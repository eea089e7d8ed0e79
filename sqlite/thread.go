package sqlite

import (
	"github.com/canteen-chat/canteen/chat"
)

// addReply adds a reply to its root's sum, as the root's change. It costs the same in a long thread as in a short one,
// since everybody waits for the one writer.
func (t *tx) addReply(reply chat.Message) error {
	root, err := message(t.Conn, reply.Room, reply.Thread)
	if err != nil {
		return err
	}
	var info chat.ThreadInfo
	if root.ThreadInfo != nil {
		info = *root.ThreadInfo
	}
	info = info.Add(reply.Author, reply.CreatedAt)
	if err := exec(t.Conn, "UPDATE message SET replies = ?, last_reply_at = ?, repliers = ? WHERE room = ? AND seq = ?",
		info.Replies, millis(info.LastReplyAt), jsonList(info.Repliers), root.Room, root.Seq); err != nil {
		return err
	}
	return t.sayRoot(root.Room, root.Seq)
}

// removeReply sums the thread up anew once a reply is deleted: what it was last or first in depends on the others.
func (t *tx) removeReply(room string, root int64) error {
	repliers, err := rows(t.Conn, text, `SELECT author FROM message INDEXED BY message_thread WHERE room = ? AND thread = ? AND thread > 0
		AND deleted_at IS NULL
		GROUP BY author ORDER BY min(seq) LIMIT +?`, room, root, chat.MaxRepliers)
	if err != nil {
		return err
	}
	if err := exec(t.Conn, `UPDATE message SET repliers = ?3, (replies, last_reply_at) =
		(SELECT count(*), max(created_at) FROM message INDEXED BY message_thread WHERE room = ?1 AND thread = ?2 AND thread > 0
		AND deleted_at IS NULL)
		WHERE room = ?1 AND seq = ?2`, room, root, jsonList(repliers)); err != nil {
		return err
	}
	return t.sayRoot(room, root)
}

// sayRoot gives the root the next rev and announces it.
func (t *tx) sayRoot(room string, root int64) error {
	if _, err := t.revise(room, root); err != nil {
		return err
	}
	m, err := message(t.Conn, room, root)
	if err != nil {
		return err
	}
	t.sayMessage(m)
	return nil
}
