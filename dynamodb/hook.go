package dynamodb

import (
	"context"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/hook"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// Hook implements chat.HookStore. It takes one read: a hook and its bot have the same id.
func (s *Store) Hook(ctx context.Context, id string) (chat.Hook, error) {
	return read(ctx, s, func(t *tx) (chat.Hook, error) {
		if _, err := t.Load(hook.Key(id), userKey(id)); err != nil {
			return chat.Hook{}, err
		}
		i, err := loadItem[hook.Item](t, hook.Key(id))
		if err != nil {
			return chat.Hook{}, err
		}
		bot, err := t.user(id)
		return i.Hook(bot.toChat()), err
	})
}

// Hooks implements chat.HookStore.
func (s *Store) Hooks(ctx context.Context, room string) ([]chat.Hook, error) {
	return read(ctx, s, func(t *tx) (out []chat.Hook, err error) {
		all, err := loadPartition[hook.Item](t, hook.In, hook.PK)
		for _, o := range all {
			if o.v.Room == room && err == nil {
				var bot user
				bot, err = t.user(o.v.ID)
				out = append(out, o.v.Hook(bot.toChat()))
			}
		}
		hook.Sort(out)
		return out, err
	})
}

// TouchHook implements chat.HookStore.
func (s *Store) TouchHook(ctx context.Context, id string, used time.Time) error {
	return do(ctx, s, func(t *tx) error {
		_, err := change(t, hook.Key(id), func(i *hook.Item) { i.UsedAt = table.OptionalMillis(&used) })
		return err
	})
}
