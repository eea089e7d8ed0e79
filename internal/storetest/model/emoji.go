package model

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// UseEmoji implements chat.EmojiUseStore.
func (s *Store) UseEmoji(ctx context.Context, uses []chat.EmojiUse) error {
	return do(ctx, s, chat.Facts{}, func() error {
		for _, u := range uses {
			if !slices.ContainsFunc(s.uses, func(o chat.EmojiUse) bool {
				return o.User == u.User && o.Room == u.Room && o.Seq == u.Seq && o.Emoji == u.Emoji
			}) {
				s.uses = append(s.uses, u)
			}
		}
		return nil
	})
}

// EmojiUses implements chat.EmojiUseStore.
func (s *Store) EmojiUses(ctx context.Context, user string, limit int) ([]chat.EmojiUse, error) {
	return read(ctx, s, func() ([]chat.EmojiUse, error) {
		out := slices.DeleteFunc(slices.Clone(s.uses), func(u chat.EmojiUse) bool { return u.User != user })
		slices.SortStableFunc(out, func(a, b chat.EmojiUse) int { return b.At.Compare(a.At) })
		return out[:min(limit, len(out))], nil
	})
}
