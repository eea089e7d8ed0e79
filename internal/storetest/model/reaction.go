package model

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// reaction is one emoji on a message, with the users in the order in which they reacted.
type reaction struct {
	emoji string
	by    []reactor
}

// reactor is a user who reacted, with the revision of the reaction.
type reactor struct {
	user string
	rev  int64
}

func (re reaction) users() []string {
	var ids []string
	for _, by := range re.by {
		ids = append(ids, by.user)
	}
	return ids
}

// view is the reaction as viewer sees it, with the first users.
func (re reaction) view(viewer string, users int) chat.Reaction {
	all := re.users()
	return chat.Reaction{
		Emoji: re.emoji, Count: len(all), Users: slices.Clone(all[:min(users, len(all))]), Me: slices.Contains(all, viewer),
	}
}

// SetReaction implements chat.ReactionStore.
func (s *Store) SetReaction(ctx context.Context, c chat.SetReaction) (chat.Message, error) {
	return command(ctx, s, c.Facts, func() (chat.Message, error) {
		r, m, err := s.changeable(c.Room, c.Seq)
		if err != nil {
			return chat.Message{}, err
		}
		i := slices.IndexFunc(m.reactions, func(re reaction) bool { return re.emoji == c.Emoji })
		if has := i >= 0 && slices.Contains(m.reactions[i].users(), c.User); has == c.Added {
			return r.viewMessage(m, c.User), nil
		}
		if i < 0 {
			if len(m.reactions) >= chat.MaxEmojiOnMessage {
				return chat.Message{}, chat.ErrTooManyEmoji()
			}
			i = len(m.reactions)
			m.reactions = append(m.reactions, reaction{emoji: c.Emoji})
		}
		now := &m.reactions[i]
		r.Rev++
		m.Rev = r.Rev
		if c.Added {
			now.by = append(now.by, reactor{c.User, r.Rev})
		} else {
			now.by = slices.DeleteFunc(now.by, func(by reactor) bool { return by.user == c.User })
		}
		s.emit(chat.ReactionChanged{
			Room: r.ID, Rev: m.Rev, Seq: m.Seq, User: c.User, Added: c.Added, Reaction: now.view("", chat.MaxReactionUsers),
		})
		m.reactions = slices.DeleteFunc(m.reactions, func(re reaction) bool { return len(re.by) == 0 })
		return r.viewMessage(m, c.User), nil
	})
}

// Reactions implements chat.ReactionStore.
func (s *Store) Reactions(ctx context.Context, room string, seq int64, viewer string) ([]chat.Reaction, error) {
	return read(ctx, s, func() (out []chat.Reaction, err error) {
		_, m, err := s.message(room, seq)
		if err != nil {
			return nil, err
		}
		for _, re := range m.reactions {
			out = append(out, re.view(viewer, len(re.by)))
		}
		return out, nil
	})
}
