package model

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// viewHook copies a hook, with its bot as of now.
func (s *Store) viewHook(h *chat.Hook) chat.Hook {
	v := *h
	v.UsedAt, v.Bot = copied(v.UsedAt), s.users[h.ID].view()
	return v
}

// Hook implements chat.HookStore.
func (s *Store) Hook(ctx context.Context, id string) (chat.Hook, error) {
	return read(ctx, s, func() (chat.Hook, error) {
		h := s.hooks[id]
		if h == nil {
			return chat.Hook{}, chat.ErrNotFound()
		}
		return s.viewHook(h), nil
	})
}

// Hooks implements chat.HookStore.
func (s *Store) Hooks(ctx context.Context, room string) ([]chat.Hook, error) {
	return read(ctx, s, func() (out []chat.Hook, err error) {
		for _, h := range s.hooks {
			if h.Room == room {
				out = append(out, s.viewHook(h))
			}
		}
		slices.SortFunc(out, func(a, b chat.Hook) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) })
		return out, nil
	})
}

// TouchHook implements chat.HookStore.
func (s *Store) TouchHook(ctx context.Context, id string, used time.Time) error {
	return do(ctx, s, chat.Facts{}, func() error {
		h := s.hooks[id]
		if h == nil {
			return chat.ErrNotFound()
		}
		h.UsedAt = &used
		return nil
	})
}
