package model

import (
	"cmp"
	"context"
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// AllCustomEmoji implements chat.CustomEmojiStore.
func (s *Store) AllCustomEmoji(ctx context.Context) ([]chat.CustomEmoji, string, error) {
	all, err := read(ctx, s, func() ([]chat.CustomEmoji, error) { return s.liveEmoji(), nil })
	return all, s.emojiRevision, err
}

// CustomEmojiRevision implements chat.CustomEmojiStore.
func (s *Store) CustomEmojiRevision(ctx context.Context) (string, error) {
	return read(ctx, s, func() (string, error) { return s.emojiRevision, nil })
}

// CustomEmojiNamed implements chat.CustomEmojiStore.
func (s *Store) CustomEmojiNamed(ctx context.Context, names []string) ([]chat.CustomEmoji, error) {
	return read(ctx, s, func() (out []chat.CustomEmoji, err error) {
		for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
			if e, ok := s.emoji[name]; ok {
				out = append(out, e)
			}
		}
		return out, nil
	})
}

// AddCustomEmoji implements chat.CustomEmojiStore.
func (s *Store) AddCustomEmoji(ctx context.Context, c chat.AddCustomEmoji) (chat.CustomEmoji, error) {
	return command(ctx, s, c.Facts, func() (chat.CustomEmoji, error) {
		var was *chat.CustomEmoji
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
func (s *Store) liveEmoji() []chat.CustomEmoji {
	var out []chat.CustomEmoji
	for _, e := range s.emoji {
		if !e.Deleted {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b chat.CustomEmoji) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// alike are all names of the picture that has a name.
func (s *Store) alike(name string) []chat.CustomEmoji {
	e, ok := s.emoji[name]
	if !ok || e.Deleted {
		return nil
	}
	return slices.DeleteFunc(s.liveEmoji(), func(o chat.CustomEmoji) bool { return o.Picture != e.Picture })
}
