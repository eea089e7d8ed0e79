package dynamodb

import (
	"cmp"
	"slices"

	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/thread"
)

// addReply adds a reply to the thread summary of its root. This is a change of the root.
func (t *tx) addReply(reply message) error {
	root, err := t.message(reply.Room, reply.Thread)
	if err != nil {
		return err
	}
	c := root.toChat()
	var info thread.Info
	if c.ThreadInfo != nil {
		info = *c.ThreadInfo
	}
	return t.reviseRoot(root, info.Add(reply.Author, table.At(reply.CreatedAt)))
}

// reviseRoot writes the thread summary of a root, as a change of the root.
func (t *tx) reviseRoot(root message, info thread.Info) error {
	c := root.toChat()
	if c.ThreadInfo = &info; info.Replies == 0 {
		c.ThreadInfo = nil
	}
	root.setFromChat(c)
	root.InThread = root.Seq
	_, err := t.revise(&root)
	return err
}

// removeReply computes the thread summary again without the deleted reply, since last reply and repliers depend on those
// that remain. Every reply changes the root, so a concurrent one conflicts.
func (t *tx) removeReply(deleted message) error {
	root, err := t.message(deleted.Room, deleted.Thread)
	if err != nil {
		return err
	}
	items, err := t.s.db.Query(t.ctx, table.Range{
		Table: messages, PK: messagePK(root.Room), From: replySK(root.Seq, 0), To: replySK(root.Seq, 1e12-1),
		Filter: "attribute_not_exists(deleted)",
	})
	if err != nil {
		return err
	}
	var replies []indexEntry
	for _, it := range items {
		p, err := table.Decode[indexEntry](it)
		if err != nil {
			return err
		}
		if p.Seq != deleted.Seq {
			replies = append(replies, p)
		}
	}
	slices.SortFunc(replies, func(a, b indexEntry) int { return cmp.Compare(a.Seq, b.Seq) })
	if root.Replies-1 != len(replies) {
		return table.ErrPartialCommit
	}
	var info thread.Info
	for _, p := range replies {
		info = info.Add(p.Author, table.At(p.CreatedAt))
	}
	return t.reviseRoot(root, info)
}
