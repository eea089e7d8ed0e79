package model

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen"
)

// reaction is one emoji on a message, with all who used it in the order in which they did.
type reaction struct {
	emoji string
	users []string
}

// view is a copy as viewer sees it, with the first users.
func (re reaction) view(viewer string, users int) canteen.Reaction {
	return canteen.Reaction{
		Emoji: re.emoji, Count: len(re.users), Users: slices.Clone(re.users[:min(users, len(re.users))]), Me: slices.Contains(re.users, viewer),
	}
}

// SetReaction implements canteen.ReactionStore.
func (s *Store) SetReaction(ctx context.Context, c canteen.SetReaction) (canteen.Message, error) {
	return command(ctx, s, c.Facts, func() (canteen.Message, error) {
		r, m, err := s.living(c.Room, c.Seq)
		if err != nil {
			return canteen.Message{}, err
		}
		i := slices.IndexFunc(m.reactions, func(re reaction) bool { return re.emoji == c.Emoji })
		if has := i >= 0 && slices.Contains(m.reactions[i].users, c.User); has == c.Added {
			return r.viewMessage(m, c.User), nil
		}
		if i < 0 {
			if len(m.reactions) >= canteen.MaxEmojiOnMessage {
				return canteen.Message{}, canteen.Errorf(canteen.Conflict, "A message can have at most %d different emoji. Join one that is there.", canteen.MaxEmojiOnMessage)
			}
			i = len(m.reactions)
			m.reactions = append(m.reactions, reaction{emoji: c.Emoji})
		}
		now := &m.reactions[i]
		if c.Added {
			now.users = append(now.users, c.User)
			s.useEmoji(c.User, c.Emoji, c.At)
		} else {
			now.users = slices.DeleteFunc(now.users, func(id string) bool { return id == c.User })
		}
		r.Rev++
		m.Rev = r.Rev
		s.say(canteen.ReactionChanged{
			Room: r.ID, Rev: m.Rev, Seq: m.Seq, User: c.User, Added: c.Added, Reaction: now.view("", canteen.MaxReactionUsers),
		}, r.ids()...)
		m.reactions = slices.DeleteFunc(m.reactions, func(re reaction) bool { return len(re.users) == 0 })
		return r.viewMessage(m, c.User), nil
	})
}

// Reactions implements canteen.ReactionStore.
func (s *Store) Reactions(ctx context.Context, room string, seq int64, viewer string) ([]canteen.Reaction, error) {
	return read(ctx, s, func() (out []canteen.Reaction, err error) {
		_, m, err := s.message(room, seq)
		if err != nil {
			return nil, err
		}
		for _, re := range m.reactions {
			out = append(out, re.view(viewer, len(re.users)))
		}
		return out, nil
	})
}
