// Package frequent is a consumer of the commit feed. It records which emoji each user uses, in messages and as reactions. The first
// row of the emoji picker shows the most frequent ones.
//
// A use is stored under (user, room, seq, emoji), so that recording it is idempotent. Its time is that of the message. The package
// imports chat and text.
package frequent

import (
	"context"
	"fmt"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/text"
)

// Reactions gives the reactions of a message with all users who reacted.
type Reactions interface {
	Reactions(ctx context.Context, room string, seq int64, viewer string) ([]chat.Reaction, error)
}

// Emoji implements follow.Consumer.
type Emoji struct {
	Store     chat.EmojiUseStore
	Reactions Reactions
	Clock     chat.Clock
}

// Name implements follow.Consumer.
func (e *Emoji) Name() string { return "frequent-emoji" }

// Apply implements follow.Consumer. It ignores uses that are too old to count.
func (e *Emoji) Apply(ctx context.Context, room string, ms []chat.Message) (wrote bool, err error) {
	oldest := e.Clock.Time().Add(-chat.EmojiUseLife)
	var uses []chat.EmojiUse
	for _, m := range ms {
		if m.DeletedAt != nil || m.CreatedAt.Before(oldest) {
			continue
		}
		if m.System == nil {
			used := text.EmojiIn(m.Text, chat.MaxFrequentEmoji)
			used = append(used, text.CustomEmojiIn(m.Text, chat.MaxFrequentEmoji)...) // whoever reads them leaves out what is none
			for _, emoji := range used {
				uses = append(uses, chat.EmojiUse{User: m.Author, Room: room, Seq: m.Seq, Emoji: emoji, At: m.CreatedAt})
			}
		}
		rs, err := e.reactions(ctx, m)
		if err != nil {
			return false, err
		}
		for _, r := range rs {
			for _, user := range r.Users {
				uses = append(uses, chat.EmojiUse{User: user, Room: room, Seq: m.Seq, Emoji: r.Emoji, At: m.CreatedAt})
			}
		}
	}
	if len(uses) == 0 {
		return false, nil
	}
	return true, e.Store.UseEmoji(ctx, uses)
}

// reactions are the reactions of a message with all users. The message itself contains only the first users.
func (e *Emoji) reactions(ctx context.Context, m chat.Message) ([]chat.Reaction, error) {
	for _, r := range m.Reactions {
		if r.Count > len(r.Users) {
			all, err := e.Reactions.Reactions(ctx, m.Room, m.Seq, "")
			if err != nil {
				return nil, fmt.Errorf("reactions of %s %d: %w", m.Room, m.Seq, err)
			}
			return all, nil
		}
	}
	return m.Reactions, nil
}
