package dynamodb

import (
	"context"
	"maps"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/inbox"
)

// Hearers implements inbox.HearerStore.
func (s *Store) Hearers(ctx context.Context, of string, ids []string) (kind chat.Kind, _ []inbox.Hearer, err error) {
	if ids == nil {
		in, err := s.membersOf(ctx, of)
		if err != nil {
			return "", nil, err
		}
		ids = slices.Sorted(maps.Keys(in))
	}
	out, err := read(ctx, s, func(t *tx) (out []inbox.Hearer, err error) {
		keys := []table.Key{roomKey(of)}
		for _, id := range ids {
			keys = append(keys, userRoomKey(id, of), userKey(id))
		}
		if _, err := t.Load(keys...); err != nil {
			return nil, err
		}
		r, err := t.room(of)
		if err != nil {
			return nil, err
		}
		kind = r.Kind
		for _, id := range ids {
			m, in, err := loadOptional[userRoom](t, userRoomKey(id, of))
			if err != nil {
				return nil, err
			}
			u, is, err := loadOptional[user](t, userKey(id))
			if err != nil {
				return nil, err
			}
			if in && is {
				out = append(out, inbox.Hearer{User: u.toChat(), Notify: m.Notify, Muted: m.Muted})
			}
		}
		return out, nil
	})
	return kind, out, err
}
