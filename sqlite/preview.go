package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

// storedPreview is a row: preview is JSON, "" for a page that said nothing.
type storedPreview struct {
	chat.PreviewRecord
	preview string
}

func scanPreview(st *sqlite.Stmt) storedPreview {
	s := &scanner{st: st}
	return storedPreview{
		PreviewRecord: chat.PreviewRecord{Key: s.text(), ID: s.text(), At: moment(s.int64()), Expires: moment(s.int64())},
		preview:       s.text(),
	}
}

// Preview implements chat.PreviewStore.
func (s *Store) Preview(ctx context.Context, key string) (chat.PreviewRecord, error) {
	r, err := read(ctx, s, func(c *conn) (storedPreview, error) {
		return found(row(c, scanPreview, "SELECT key, id, at, expires, preview FROM preview WHERE slot = ? AND key = ?",
			slot(key), key))
	})
	if err != nil || r.preview == "" {
		return r.PreviewRecord, err
	}
	r.Preview = &chat.Preview{}
	if err := json.Unmarshal([]byte(r.preview), r.Preview); err != nil {
		return r.PreviewRecord, fmt.Errorf("decode a preview: %w", err)
	}
	return r.PreviewRecord, nil
}

// PutPreview implements chat.PreviewStore.
func (s *Store) PutPreview(ctx context.Context, r chat.PreviewRecord) error {
	stored := ""
	if r.Preview != nil {
		b, err := json.Marshal(r.Preview)
		if err != nil {
			return fmt.Errorf("encode a preview: %w", err)
		}
		stored = string(b)
	}
	return do(ctx, s, func(t *tx) error {
		return exec(t.Conn, "INSERT OR REPLACE INTO preview (slot, key, id, preview, at, expires) VALUES (?, ?, ?, ?, ?, ?)", slot(r.Key), r.Key,
			r.ID, stored, momentOf(r.At), momentOf(r.Expires))
	})
}

// slot is the place of a key, one of chat.MaxPreviews: so the table has a bound, and a record takes the place of another one at times.
func slot(key string) int64 {
	sum := fnv.New32a()
	if _, err := sum.Write([]byte(key)); err != nil {
		panic(err) // a hash never fails
	}
	return int64(sum.Sum32() % chat.MaxPreviews)
}
