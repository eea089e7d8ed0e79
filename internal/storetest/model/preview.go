package model

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
)

// Preview implements chat.PreviewStore.
func (s *Store) Preview(ctx context.Context, key string) (chat.PreviewRecord, error) {
	return read(ctx, s, func() (chat.PreviewRecord, error) {
		r, ok := s.previews[key]
		if !ok {
			return r, chat.ErrNotFound()
		}
		return r, nil
	})
}

// PutPreview implements chat.PreviewStore.
func (s *Store) PutPreview(ctx context.Context, r chat.PreviewRecord) error {
	return do(ctx, s, chat.Facts{}, func() error {
		s.previews[r.Key] = r
		return nil
	})
}
