package dynamodb

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// version is an earlier text of a message.
type version struct {
	Text string `dynamodbav:"text"`
	At   int64  `dynamodbav:"at"`
}

// A transaction holds at most 100 items. reservedItems stay free for the conditions and the
// events that commit adds.
const (
	maxTransactionItems = 100
	reservedItems       = 8
)

// EditMessage implements chat.MessageStore.
func (s *Store) EditMessage(ctx context.Context, cmd chat.EditMessage) (chat.Message, error) {
	var deferred []table.Key
	m, err := writeInRoom(ctx, s, cmd.Room, func(t *tx) (chat.Message, error) {
		t.requireFacts(cmd.Facts)
		keys := []table.Key{messageKey(cmd.Room, cmd.Seq), roomKey(cmd.Room)}
		for _, u := range cmd.Mentions {
			keys = append(keys, userRoomKey(u, cmd.Room))
		}
		if _, err := t.Load(keys...); err != nil {
			return chat.Message{}, err
		}
		m, err := t.message(cmd.Room, cmd.Seq)
		if err == nil {
			err = cmd.Holds(m.toChat())
		}
		if err != nil {
			return chat.Message{}, err
		}
		if cmd.Changes(m.toChat()) {
			if err := t.edit(&m, cmd); err != nil {
				return chat.Message{}, err
			}
			deferred = t.deferMentionRemovals()
		}
		out := m.toChat()
		return out, t.setMe(cmd.By, &out)
	})
	if err == nil && len(deferred) > 0 {
		if err := s.removeMentions(ctx, m, deferred); err != nil { // the edit is committed; the users count one mention too many
			s.log.WarnContext(ctx, "mentions of an earlier text not removed", "room", m.Room, "seq", m.Seq, "error", err)
		}
	}
	return m, err
}

// changeable loads a message. A tombstone is an error.
func (t *tx) changeable(room string, seq int64) (message, error) {
	m, err := t.message(room, seq)
	if err == nil {
		err = m.toChat().Changeable()
	}
	return m, err
}

// removeMentions deletes the mentions whose removal an edit deferred, unless the message has changed since.
func (s *Store) removeMentions(ctx context.Context, m chat.Message, keys []table.Key) error {
	return do(ctx, s, func(t *tx) error {
		now, err := t.message(m.Room, m.Seq)
		if err != nil || now.Rev != m.Rev {
			return err
		}
		for _, k := range keys {
			t.Discard(k)
		}
		return t.Guard(messageKey(m.Room, m.Seq))
	})
}

// deferMentionRemovals takes removals of mentions out of a transaction that is too large, and returns them. An edit that
// replaces forty mentioned people with forty others makes one.
func (t *tx) deferMentionRemovals() []table.Key {
	return t.Defer(maxTransactionItems-reservedItems, func(k table.Key) bool { return k.Table == messages && k.SK[0] == '@' })
}

func (t *tx) edit(m *message, cmd chat.EditMessage) error {
	before := m.toChat()
	earlier := before.Version()
	k := table.NewKey(messages, messagePK(m.Room), versionSK(m.Seq, earlier.N))
	if cmd.Stream == nil { // texts of a message that is being written are not kept
		if err := t.Put(k, version{earlier.Text, table.Millis(earlier.At)}); err != nil {
			return err
		}
	}
	after := cmd.Apply(before, t.isMember(m.Room))
	gone, fresh := cmd.Pictures(before, after)
	if err := t.exchange(gone, fresh, cmd.At); err != nil {
		return err
	}
	m.setFromChat(after)
	if !cmd.Passing() {
		m.InThread = m.Thread
	}
	if oldest := m.toChat().OldestVersion(); oldest > 0 {
		t.Discard(table.NewKey(messages, messagePK(m.Room), versionSK(m.Seq, oldest-1)))
	}
	if _, err := t.revise(m); err != nil {
		return err
	}
	if _, err := t.changeRoom(m.Room, func(r *room) {
		if r.Last != nil && r.Last.Seq == m.Seq {
			r.Last = briefOf(m.toChat())
		}
		if len(m.Mentions) > 0 {
			r.LastMention = max(r.LastMention, m.Seq)
		}
	}); err != nil {
		return err
	}
	t.endBroadcast(before, *m)
	return t.putMentions(m.toChat(), before.Counted())
}

// endBroadcast removes the entry of a message that called the whole room, and does so no more.
func (t *tx) endBroadcast(before chat.Message, now message) {
	if before.Broadcast == chat.BroadcastRoom && now.Broadcast != before.Broadcast {
		t.Discard(broadcastKey(now.Room, now.Seq))
	}
}

// DeleteMessage implements chat.MessageStore.
func (s *Store) DeleteMessage(ctx context.Context, cmd chat.DeleteMessage) error {
	return doInRoom(ctx, s, cmd.Room, func(t *tx) error {
		t.requireFacts(cmd.Facts)
		if _, err := t.Load(messageKey(cmd.Room, cmd.Seq), roomKey(cmd.Room)); err != nil {
			return err
		}
		m, err := t.message(cmd.Room, cmd.Seq)
		if err != nil || m.DeletedAt != nil {
			return err
		}
		return t.makeTombstone(m, cmd)
	})
}

// makeTombstone turns a message into a tombstone. Its reactions and earlier texts can be too many for one transaction.
// Nothing reads them any more; [Store.Clean] deletes them once the stream delivers the tombstone.
func (t *tx) makeTombstone(m message, cmd chat.DeleteMessage) error {
	before := m.toChat()
	m.setFromChat(before.Tombstone(cmd.At))
	if _, err := t.revise(&m); err != nil {
		return err
	}
	t.endBroadcast(before, m)
	t.endFeedback(before)
	if err := t.endFiles(before, cmd.At); err != nil {
		return err
	}
	if err := t.putMentions(m.toChat(), before.Counted()); err != nil {
		return err
	}
	if m.inTimeline() {
		if err := t.markDeleted(table.NewKey(messages, messagePK(m.Room), timelineSK(m.Seq))); err != nil {
			return err
		}
		if err := t.replaceLast(m); err != nil {
			return err
		}
	}
	if m.Thread == 0 {
		return nil
	}
	if err := t.markDeleted(table.NewKey(messages, messagePK(m.Room), replySK(m.Thread, m.Seq))); err != nil {
		return err
	}
	return t.removeReply(m)
}

// markDeleted marks an entry of the timeline or of a thread as deleted.
func (t *tx) markDeleted(k table.Key) error {
	_, err := change(t, k, func(p *indexEntry) { p.Deleted = true })
	return err
}

// replaceLast sets the room's last message to the one before, if the deleted message was the last.
func (t *tx) replaceLast(deleted message) error {
	r, err := t.room(deleted.Room)
	if err != nil || r.Last == nil || r.Last.Seq != deleted.Seq {
		return err
	}
	left, err := t.s.db.Query(t.ctx, table.Range{
		Table: messages, PK: messagePK(r.ID), From: timelineSK(0), To: timelineSK(deleted.Seq - 1), Descending: true, Limit: 1,
		Filter: "attribute_not_exists(deleted)",
	})
	if err != nil {
		return err
	}
	var last *brief
	if len(left) > 0 {
		m, err := t.message(r.ID, left[0].Integer("seq"))
		if err != nil {
			return err
		}
		last = briefOf(m.toChat())
	}
	_, err = t.changeRoom(r.ID, func(r *room) { r.Last = last })
	return err
}
