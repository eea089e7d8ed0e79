package sqlite

import (
	"context"
	"errors"

	"github.com/canteen-chat/canteen/chat"
)

// EditMessage implements chat.MessageStore.
func (s *Store) EditMessage(ctx context.Context, cmd chat.EditMessage) (chat.Message, error) {
	return write(ctx, s, func(t *tx) (chat.Message, error) {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return chat.Message{}, err
		}
		m, err := message(t.Conn, cmd.Room, cmd.Seq)
		if err == nil {
			err = cmd.Holds(m)
		}
		if err == nil {
			err = mark(t.Conn, cmd.By, &m)
		}
		if err != nil || !cmd.Changes(m) {
			return m, err
		}
		return t.edit(m, cmd)
	})
}

// changeable loads a message. It returns chat.ErrDeleted for a tombstone.
func (t *tx) changeable(room string, seq int64) (chat.Message, error) {
	m, err := message(t.Conn, room, seq)
	if err == nil {
		err = m.Changeable()
	}
	return m, err
}

func (t *tx) edit(m chat.Message, cmd chat.EditMessage) (chat.Message, error) {
	if err := t.keepVersion(m, cmd); err != nil {
		return m, err
	}
	member, err := t.isMember(m.Room)
	if err != nil {
		return m, err
	}
	before := m
	m = cmd.Apply(m, member)
	gone, fresh := cmd.Pictures(before, m)
	if err := errors.Join(t.endRows(gone, cmd.At), t.attachRows(fresh)); err != nil {
		return m, err
	}
	if err := exec(t.Conn, `UPDATE message SET text = ?, edited_at = ?, edits = ?, mentions = ?, broadcast = ?, parts = ?
		WHERE room = ? AND seq = ?`, m.Text, optionalMillis(m.EditedAt), m.Edits, jsonList(m.Mentions), string(m.Broadcast), m.Parts.Encode(),
		m.Room, m.Seq); err != nil {
		return m, err
	}
	if err := exec(t.Conn, "DELETE FROM version WHERE room = ? AND seq = ? AND n < ?", m.Room, m.Seq, m.OldestVersion()); err != nil {
		return m, err
	}
	if m.Rev, err = t.bumpRev(m.Room, m.Seq); err != nil {
		return m, err
	}
	t.announceMessage(m, false)
	if cmd.Passing() {
		return m, nil
	}
	t.announceThread(m)
	if err := exec(t.Conn, "DELETE FROM mention WHERE room = ? AND seq = ?", m.Room, m.Seq); err != nil {
		return m, err
	}
	return m, t.insertMentions(m)
}

// keepVersion keeps the text that a message has before an edit. Those of a message that is being written are not kept.
func (t *tx) keepVersion(m chat.Message, cmd chat.EditMessage) error {
	if cmd.Stream != nil {
		return nil
	}
	v := m.Version()
	return exec(t.Conn, "INSERT INTO version VALUES (?, ?, ?, ?, ?)", m.Room, m.Seq, v.N, v.Text, millis(v.At))
}

// DeleteMessage implements chat.MessageStore.
func (s *Store) DeleteMessage(ctx context.Context, cmd chat.DeleteMessage) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return err
		}
		m, err := message(t.Conn, cmd.Room, cmd.Seq)
		if err != nil || m.DeletedAt != nil {
			return err
		}
		if err := t.endFiles(m, cmd.At); err != nil {
			return err
		}
		m = m.Tombstone(cmd.At)
		t.erases()
		for _, statement := range []string{
			"DELETE FROM mention WHERE room = ? AND seq = ?",
			"DELETE FROM version WHERE room = ? AND seq = ?",
			"DELETE FROM reaction WHERE room = ? AND seq = ?",
			"DELETE FROM vote WHERE room = ? AND seq = ?",
			"DELETE FROM confirmation WHERE room = ? AND seq = ?",
			"DELETE FROM feedback WHERE room = ? AND seq = ?",
		} {
			if err := exec(t.Conn, statement, cmd.Room, cmd.Seq); err != nil {
				return err
			}
		}
		if err := exec(t.Conn, `UPDATE message SET deleted_at = ?, text = ?, edits = 0, mentions = '[]', broadcast = '', reactions = '[]',
			parts = '', tally = '', system_what = '', system_value = ''
			WHERE room = ? AND seq = ?`, optionalMillis(m.DeletedAt), m.Text, cmd.Room, cmd.Seq); err != nil {
			return err
		}
		if m.Rev, err = t.bumpRev(cmd.Room, cmd.Seq); err != nil {
			return err
		}
		if t.announceMessage(m, false); m.Thread == 0 {
			return nil
		}
		if err := t.removeReply(m.Room, m.Thread); err != nil {
			return err
		}
		t.announceThread(m)
		return nil
	})
}
