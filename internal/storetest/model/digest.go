package model

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// DueDigests implements chat.DigestStore.
func (s *Store) DueDigests(ctx context.Context, now time.Time, limit int) ([]chat.DigestState, error) {
	return read(ctx, s, func() (out []chat.DigestState, err error) {
		for _, d := range s.digests {
			if !d.Due.IsZero() && !d.Due.After(now) {
				out = append(out, d)
			}
		}
		slices.SortFunc(out, func(a, b chat.DigestState) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.User, b.User)) })
		return out[:min(len(out), limit)], nil
	})
}

// Digest implements chat.DigestStore.
func (s *Store) Digest(ctx context.Context, user string) (chat.DigestState, error) {
	return read(ctx, s, func() (chat.DigestState, error) {
		d, ok := s.digests[user]
		if !ok {
			return d, chat.ErrNotFound()
		}
		return d, nil
	})
}

// MoveDigest implements chat.DigestStore.
func (s *Store) MoveDigest(ctx context.Context, was, now chat.DigestState) error {
	return do(ctx, s, chat.Facts{}, func() error {
		if !s.digests[was.User].Equal(was) {
			return chat.ErrStale
		}
		s.digests[now.User] = now
		return nil
	})
}
