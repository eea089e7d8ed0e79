package model

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/pagecache"
)

// Preview implements pagecache.Store.
func (s *Store) Preview(ctx context.Context, key string) (pagecache.Record, error) {
	return read(ctx, s, func() (pagecache.Record, error) {
		r, ok := s.previews[key]
		if !ok {
			return r, chat.ErrNotFound()
		}
		return r, nil
	})
}

// PutPreview implements pagecache.Store.
func (s *Store) PutPreview(ctx context.Context, r pagecache.Record) (pagecache.Record, error) {
	return command(ctx, s, chat.Facts{}, func() (pagecache.Record, error) {
		if was, ok := s.previews[r.Key]; ok && was.Outlasts(r) {
			return was, nil
		}
		s.previews[r.Key] = r
		return r, nil
	})
}
