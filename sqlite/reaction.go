package sqlite

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// mark sets what a message says of the viewer: the Me field of its reactions, and their vote.
func mark(c *conn, viewer string, m *chat.Message) error {
	if err := markVote(c, viewer, m); err != nil {
		return err
	}
	for i, r := range m.Reactions {
		m.Reactions[i].Me = slices.Contains(r.Users, viewer)
		if m.Reactions[i].Me || r.Count <= len(r.Users) {
			continue
		}
		_, me, err := row(c, integer, "SELECT 1 FROM reaction WHERE room = ? AND seq = ? AND emoji = ? AND user = ?", m.Room, m.Seq,
			r.Emoji, viewer)
		if err != nil {
			return err
		}
		m.Reactions[i].Me = me
	}
	return nil
}

// SetReaction implements chat.ReactionStore.
func (s *Store) SetReaction(ctx context.Context, cmd chat.SetReaction) (chat.Message, error) {
	return write(ctx, s, func(t *tx) (chat.Message, error) {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return chat.Message{}, err
		}
		m, err := t.changeable(cmd.Room, cmd.Seq)
		if err != nil {
			return m, err
		}
		_, has, err := row(t.Conn, integer, "SELECT 1 FROM reaction WHERE room = ? AND seq = ? AND emoji = ? AND user = ?", cmd.Room,
			cmd.Seq, cmd.Emoji, cmd.User)
		if err != nil {
			return m, err
		}
		if has != cmd.Added {
			if m, err = t.react(m, cmd); err != nil {
				return m, err
			}
		}
		return m, mark(t.Conn, cmd.User, &m)
	})
}

func (t *tx) react(m chat.Message, cmd chat.SetReaction) (chat.Message, error) {
	all, now, err := cmd.Apply(m.Reactions, func() ([]string, error) {
		return rows(t.Conn, text, "SELECT user FROM reaction WHERE room = ? AND seq = ? AND emoji = ? AND user <> ? ORDER BY rev LIMIT +?",
			m.Room, m.Seq, cmd.Emoji, cmd.User, chat.MaxReactionUsers)
	})
	if err != nil {
		return m, err
	}
	m.Reactions = all
	if m.Rev, err = t.bumpRev(m.Room, m.Seq); err != nil {
		return m, err
	}
	if cmd.Added {
		err = exec(t.Conn, "INSERT INTO reaction VALUES (?, ?, ?, ?, ?)", m.Room, m.Seq, cmd.Emoji, cmd.User, m.Rev)
	} else {
		err = exec(t.Conn, "DELETE FROM reaction WHERE room = ? AND seq = ? AND emoji = ? AND user = ?", m.Room, m.Seq, cmd.Emoji, cmd.User)
	}
	if err != nil {
		return m, err
	}
	if err := exec(t.Conn, "UPDATE message SET reactions = ? WHERE room = ? AND seq = ?", jsonList(summaries(all)), m.Room,
		m.Seq); err != nil {
		return m, err
	}
	t.announce(chat.ReactionChanged{Room: m.Room, Rev: m.Rev, Seq: m.Seq, User: cmd.User, Added: cmd.Added, Reaction: now})
	return m, nil
}

func summaries(rs []chat.Reaction) []summary {
	kept := make([]summary, len(rs))
	for i, r := range rs {
		kept[i] = summary{r.Emoji, r.Count, r.Users}
	}
	return kept
}

// Reactions implements chat.ReactionStore.
func (s *Store) Reactions(ctx context.Context, room string, seq int64, viewer string) ([]chat.Reaction, error) {
	return read(ctx, s, func(c *conn) ([]chat.Reaction, error) {
		m, err := message(c, room, seq)
		if err != nil {
			return nil, err
		}
		for i, r := range m.Reactions {
			if m.Reactions[i].Users, err = rows(c, text, "SELECT user FROM reaction WHERE room = ? AND seq = ? AND emoji = ? ORDER BY rev",
				room, seq, r.Emoji); err != nil {
				return nil, err
			}
			m.Reactions[i].Me = slices.Contains(m.Reactions[i].Users, viewer)
		}
		return m.Reactions, nil
	})
}
