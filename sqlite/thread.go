package sqlite

import (
	"github.com/canteen-chat/canteen/chat"
)

// addReply adds a reply to its root's thread info, which is a change of the root. Its cost must not grow with the thread, since all
// commands wait for the one writer.
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
	return t.announceRoot(root.Room, root.Seq)
}

// removeReply recomputes the root's thread info after a reply was deleted: the last reply and the first repliers may be others now.
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
	t.announceMessage(m)
	return nil
}
