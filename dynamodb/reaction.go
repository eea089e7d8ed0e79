package dynamodb

import (
	"cmp"
	"context"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// userReaction is one user's reaction.
type userReaction struct {
	Emoji string `dynamodbav:"emoji"`
	User  string `dynamodbav:"user"`
	Rev   int64  `dynamodbav:"rev"`
}

func reactionKey(room string, seq int64, emoji, user string) table.Key {
	return table.NewKey(messages, messagePK(room), reactionSK(seq, emoji+"#"+user))
}

// setMe sets what messages of one room say of the viewer: Me in their reactions, and the vote in their polls. It loads, in one batch, the
// viewer's own reactions where the summary does not list all users.
func (t *tx) setMe(viewer string, ms ...*chat.Message) error {
	if err := t.setMine(viewer, ms...); err != nil {
		return err
	}
	var keys []table.Key
	each := func(f func(m *chat.Message, r *chat.Reaction)) {
		for _, m := range ms {
			for i := range m.Reactions {
				f(m, &m.Reactions[i])
			}
		}
	}
	each(func(m *chat.Message, r *chat.Reaction) {
		if r.Me = slices.Contains(r.Users, viewer); !r.Me && r.Count > len(r.Users) {
			keys = append(keys, reactionKey(m.Room, m.Seq, r.Emoji, viewer))
		}
	})
	if len(keys) == 0 {
		return nil
	}
	if _, err := t.Load(keys...); err != nil {
		return err
	}
	each(func(m *chat.Message, r *chat.Reaction) {
		r.Me = r.Me || t.Seen[reactionKey(m.Room, m.Seq, r.Emoji, viewer)] != nil
	})
	return nil
}

// SetReaction implements chat.ReactionStore.
func (s *Store) SetReaction(ctx context.Context, cmd chat.SetReaction) (chat.Message, error) {
	return writeInRoom(ctx, s, cmd.Room, func(t *tx) (chat.Message, error) {
		t.requireFacts(cmd.Facts)
		k := reactionKey(cmd.Room, cmd.Seq, cmd.Emoji, cmd.User)
		if _, err := t.Load(messageKey(cmd.Room, cmd.Seq), roomKey(cmd.Room), k); err != nil {
			return chat.Message{}, err
		}
		m, err := t.changeable(cmd.Room, cmd.Seq)
		if err == nil && (t.Seen[k] != nil) != cmd.Added {
			err = t.react(&m, cmd, k)
		}
		if err != nil {
			return chat.Message{}, err
		}
		out := m.toChat()
		if err := t.setMe(cmd.User, &out); err != nil {
			return out, err
		}
		for i, r := range out.Reactions {
			out.Reactions[i].Me = r.Emoji == cmd.Emoji && cmd.Added || r.Emoji != cmd.Emoji && r.Me
		}
		return out, nil
	})
}

// react adds or removes a reaction and updates the summary of its emoji.
func (t *tx) react(m *message, cmd chat.SetReaction, k table.Key) error {
	c := m.toChat()
	all, now, err := cmd.Apply(c.Reactions, func() ([]string, error) { return t.remainingUsers(cmd) })
	if err != nil {
		return err
	}
	c.Reactions = all
	m.setFromChat(c)
	m.Reacted = &reactionChange{User: cmd.User, Added: cmd.Added, Reaction: reactionOf(now)}
	if _, err := t.revise(m); err != nil {
		return err
	}
	if !cmd.Added {
		t.Remove(k)
		return nil
	}
	return t.Put(k, userReaction{Emoji: cmd.Emoji, User: cmd.User, Rev: m.Rev})
}

// remainingUsers returns the first users of the emoji without the user whose reaction is removed.
func (t *tx) remainingUsers(cmd chat.SetReaction) ([]string, error) {
	all, err := t.s.userReactions(t.ctx, cmd.Room, cmd.Seq)
	if err != nil {
		return nil, err
	}
	var users []string
	for _, r := range all {
		if r.Emoji == cmd.Emoji && r.User != cmd.User && len(users) < chat.MaxReactionUsers {
			users = append(users, r.User)
		}
	}
	return users, nil
}

// userReactions returns all reactions of a message in the order of their revisions.
func (s *Store) userReactions(ctx context.Context, room string, seq int64) ([]userReaction, error) {
	items, err := s.db.Query(ctx, table.Range{
		Table: messages, PK: messagePK(room), From: reactionSK(seq, ""), To: reactionSK(seq, "\U0010FFFF"),
	})
	if err != nil {
		return nil, err
	}
	out := make([]userReaction, len(items))
	for i, it := range items {
		if out[i], err = table.Decode[userReaction](it); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b userReaction) int { return cmp.Compare(a.Rev, b.Rev) })
	return out, nil
}

// Reactions implements chat.ReactionStore.
func (s *Store) Reactions(ctx context.Context, room string, seq int64, viewer string) ([]chat.Reaction, error) {
	return read(ctx, s, func(t *tx) ([]chat.Reaction, error) {
		m, err := t.message(room, seq)
		if err != nil || len(m.Reactions) == 0 {
			return nil, err
		}
		all, err := s.userReactions(ctx, room, seq)
		if err != nil {
			return nil, err
		}
		out := m.toChat().Reactions
		for i := range out {
			out[i].Users = nil
			for _, r := range all {
				if r.Emoji == out[i].Emoji {
					out[i].Users = append(out[i].Users, r.User)
				}
			}
			out[i].Count, out[i].Me = len(out[i].Users), slices.Contains(out[i].Users, viewer)
		}
		return slices.DeleteFunc(out, func(r chat.Reaction) bool { return r.Count == 0 }), nil
	})
}

// Clean deletes what an event leaves behind, which nothing reads any more: the reactions, votes, confirmations and earlier texts of a
// tombstone, and the threads of a room for somebody who left it. It may be repeated.
func (s *Store) Clean(ctx context.Context, e chat.Event) error {
	switch e := e.(type) {
	case chat.MessageChanged:
		if e.Message.DeletedAt != nil {
			return s.cleanMessage(ctx, e.Message.Room, e.Message.Seq)
		}
	case chat.RoomLeft:
		return s.endThreads(ctx, e.User, e.Room)
	}
	return nil
}

// cleanMessage deletes the reactions, votes, confirmations and earlier texts of a tombstone.
func (s *Store) cleanMessage(ctx context.Context, room string, seq int64) error {
	var keys []table.Key
	for _, q := range []table.Range{
		{From: reactionSK(seq, ""), To: reactionSK(seq, "\U0010FFFF")},
		{From: voteSK(seq, ""), To: voteSK(seq, "\U0010FFFF")},
		{From: confirmationSK(seq, ""), To: confirmationSK(seq, "~")},
		{From: versionSK(seq, 0), To: versionSK(seq, 1e12-1)},
	} {
		q.Table, q.PK, q.Projection = messages, messagePK(room), "pk, sk"
		items, err := s.db.Query(ctx, q)
		if err != nil {
			return err
		}
		for _, it := range items {
			keys = append(keys, table.NewKey(messages, it.Text("pk"), it.Text("sk")))
		}
	}
	return s.db.DeleteAll(ctx, keys)
}
