package sqlite

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
)

// EditMessage implements chat.MessageStore.
func (s *Store) EditMessage(ctx context.Context, cmd chat.EditMessage) (chat.Message, error) {
	return write(ctx, s, func(t *tx) (chat.Message, error) {
		if err := t.hold(cmd.Facts); err != nil {
			return chat.Message{}, err
		}
		m, err := message(t.Conn, cmd.Room, cmd.Seq)
		if err == nil && m.DeletedAt != nil {
			err = errDeleted()
		}
		if err == nil {
			err = mark(t.Conn, cmd.By, &m)
		}
		if err != nil || m.Text == cmd.Text {
			return m, err
		}
		return t.edit(m, cmd)
	})
}

func (t *tx) edit(m chat.Message, cmd chat.EditMessage) (chat.Message, error) {
	written := m.CreatedAt
	if m.EditedAt != nil {
		written = *m.EditedAt
	}
	if err := exec(t.Conn, "INSERT INTO version SELECT ?1, ?2, count(*), ?3, ?4 FROM version WHERE room = ?1 AND seq = ?2",
		m.Room, m.Seq, m.Text, millis(written)); err != nil {
		return m, err
	}
	var err error
	if m.Mentions, err = t.present(m.Room, cmd.Mentions); err != nil {
		return m, err
	}
	m.Text, m.EditedAt = cmd.Text, &cmd.At
	if err := exec(t.Conn, "UPDATE message SET text = ?, edited_at = ?, mentions = ? WHERE room = ? AND seq = ?",
		m.Text, millis(cmd.At), jsonList(m.Mentions), m.Room, m.Seq); err != nil {
		return m, err
	}
	if err := exec(t.Conn, "DELETE FROM mention WHERE room = ? AND seq = ?", m.Room, m.Seq); err != nil {
		return m, err
	}
	if err := t.mention(m); err != nil {
		return m, err
	}
	if m.Rev, err = t.revise(m.Room, m.Seq); err != nil {
		return m, err
	}
	return m, t.sayMessage(m)
}

// DeleteMessage implements chat.MessageStore.
func (s *Store) DeleteMessage(ctx context.Context, cmd chat.DeleteMessage) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.hold(cmd.Facts); err != nil {
			return err
		}
		m, err := message(t.Conn, cmd.Room, cmd.Seq)
		if err != nil || m.DeletedAt != nil {
			return err
		}
		for _, statement := range []string{
			"UPDATE message SET text = '', mentions = '[]', reactions = '[]', system_what = '', system_value = '' WHERE room = ? AND seq = ?",
			"DELETE FROM mention WHERE room = ? AND seq = ?",
			"DELETE FROM version WHERE room = ? AND seq = ?",
			"DELETE FROM reaction WHERE room = ? AND seq = ?",
		} {
			if err := exec(t.Conn, statement, cmd.Room, cmd.Seq); err != nil {
				return err
			}
		}
		if err := exec(t.Conn, "UPDATE message SET deleted_at = ? WHERE room = ? AND seq = ?", millis(cmd.At), cmd.Room, cmd.Seq); err != nil {
			return err
		}
		if _, err := t.revise(cmd.Room, cmd.Seq); err != nil {
			return err
		}
		if m, err = message(t.Conn, cmd.Room, cmd.Seq); err != nil {
			return err
		}
		if err := t.sayMessage(m); err != nil || m.Thread == 0 {
			return err
		}
		return t.removeReply(m.Room, m.Thread)
	})
}
