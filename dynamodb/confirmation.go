package dynamodb

import (
	"context"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// confirmation is one user's confirmation of a message. It lies beside the message.
type confirmation struct {
	User string `dynamodbav:"user"`
	At   int64  `dynamodbav:"at"`
}

func confirmationSK(seq int64, user string) string { return "A#" + table.Ordinal(seq) + "#" + user }

func confirmationKey(room string, seq int64, user string) table.Key {
	return table.NewKey(messages, messagePK(room), confirmationSK(seq, user))
}

func (c confirmation) toChat() chat.Confirmation {
	return chat.Confirmation{User: c.User, At: table.At(c.At)}
}

// Confirm implements chat.ConfirmationStore.
func (s *Store) Confirm(ctx context.Context, cmd chat.ConfirmMessage) error {
	return doInRoom(ctx, s, cmd.Room, func(t *tx) error {
		t.requireFacts(cmd.Facts)
		k := confirmationKey(cmd.Room, cmd.Seq, cmd.User)
		if _, err := t.Load(messageKey(cmd.Room, cmd.Seq), roomKey(cmd.Room), k); err != nil {
			return err
		}
		m, err := t.message(cmd.Room, cmd.Seq)
		if err == nil {
			err = m.toChat().Confirmable()
		}
		if err != nil || t.Seen[k] != nil {
			return err
		}
		r, err := t.room(cmd.Room)
		if err != nil {
			return err
		}
		if err := t.Put(k, confirmation{cmd.User, table.Millis(cmd.At)}); err != nil {
			return err
		}
		if err := t.Guard(messageKey(cmd.Room, cmd.Seq)); err != nil { // it is not deleted meanwhile
			return err
		}
		t.eventPos = eventPosition{room: r.ID, rev: r.Rev, version: r.Version}
		return t.addEvent(chat.MessageConfirmed{Room: cmd.Room, Seq: cmd.Seq, User: cmd.User, Author: m.Author}, 0)
	})
}

// Confirmations implements chat.ConfirmationStore. Those of a tombstone may be there until it is cleaned up.
func (s *Store) Confirmations(ctx context.Context, room string, seq int64) ([]chat.Confirmation, error) {
	items, err := s.db.Query(ctx, table.Range{
		Table: messages, PK: messagePK(room), From: confirmationSK(seq, ""), To: confirmationSK(seq, "~"),
	})
	if err != nil || len(items) == 0 {
		return nil, err
	}
	if m, err := s.Message(ctx, room, seq, ""); err != nil || m.DeletedAt != nil {
		return nil, err
	}
	out := make([]chat.Confirmation, len(items))
	for i, it := range items {
		c, err := table.Decode[confirmation](it)
		if err != nil {
			return nil, err
		}
		out[i] = c.toChat()
	}
	return out, nil
}

// Confirmed implements chat.ConfirmationStore.
func (s *Store) Confirmed(ctx context.Context, room string, seq int64, user string) (*time.Time, error) {
	return read(ctx, s, func(t *tx) (*time.Time, error) {
		k := confirmationKey(room, seq, user)
		if _, err := t.Load(k, messageKey(room, seq)); err != nil {
			return nil, err
		}
		c, ok, err := loadOptional[confirmation](t, k)
		if err != nil || !ok {
			return nil, err
		}
		m, err := t.message(room, seq)
		if err != nil || m.DeletedAt != nil {
			return nil, err
		}
		at := table.At(c.At)
		return &at, nil
	})
}
