package model

import (
	"cmp"
	"context"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/emojiname"
)

// AllCustomEmoji implements chat.CustomEmojiStore.
func (s *Store) AllCustomEmoji(ctx context.Context) ([]emojiname.Emoji, string, error) {
	all, err := read(ctx, s, func() ([]emojiname.Emoji, error) { return s.liveEmoji(), nil })
	return all, s.emojiRevision, err
}

// CustomEmojiRevision implements chat.CustomEmojiStore.
func (s *Store) CustomEmojiRevision(ctx context.Context) (string, error) {
	return read(ctx, s, func() (string, error) { return s.emojiRevision, nil })
}

// CustomEmojiNamed implements chat.CustomEmojiStore.
func (s *Store) CustomEmojiNamed(ctx context.Context, names []string) ([]emojiname.Emoji, error) {
	return read(ctx, s, func() (out []emojiname.Emoji, err error) {
		for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
			if e, ok := s.emoji[name]; ok {
				out = append(out, e)
			}
		}
		return out, nil
	})
}

// AddCustomEmoji implements chat.CustomEmojiStore.
func (s *Store) AddCustomEmoji(ctx context.Context, c chat.AddCustomEmoji) (emojiname.Emoji, error) {
	return command(ctx, s, c.Facts, func() (emojiname.Emoji, error) {
		var was *emojiname.Emoji
		if e, ok := s.emoji[c.Emoji.Name]; ok {
			was = &e
		}
		e, err := c.Row(was, s.alike(c.From), len(s.liveEmoji()))
		if err != nil {
			return e, err
		}
		s.emoji[e.Name], s.emojiRevision = e, c.Revision
		s.emit(chat.CustomEmojiChanged{})
		return e, nil
	})
}

// DeleteCustomEmoji implements chat.CustomEmojiStore.
func (s *Store) DeleteCustomEmoji(ctx context.Context, c chat.DeleteCustomEmoji) error {
	return do(ctx, s, c.Facts, func() error {
		rows, err := c.Rows(s.alike(c.Was[0].Name))
		if err != nil {
			return err
		}
		for _, e := range rows {
			s.emoji[e.Name] = e
		}
		s.emojiRevision = c.Revision
		s.emit(chat.CustomEmojiChanged{})
		return nil
	})
}

// liveEmoji are the names that are not deleted, sorted.
func (s *Store) liveEmoji() []emojiname.Emoji {
	var out []emojiname.Emoji
	for _, e := range s.emoji {
		if !e.Deleted {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b emojiname.Emoji) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// alike are all names of the picture that has a name.
func (s *Store) alike(name string) []emojiname.Emoji {
	e, ok := s.emoji[name]
	if !ok || e.Deleted {
		return nil
	}
	return slices.DeleteFunc(s.liveEmoji(), func(o emojiname.Emoji) bool { return o.Picture != e.Picture })
}
