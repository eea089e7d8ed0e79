package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/pagecache"
)

// storedPreview is a row: preview is JSON, "" for a page that said nothing.
type storedPreview struct {
	pagecache.Record
	preview string
}

func scanPreview(st *sqlite.Stmt) storedPreview {
	s := &scanner{st: st}
	return storedPreview{
		Record:  pagecache.Record{Key: s.text(), ID: s.text(), At: moment(s.int64()), Expires: moment(s.int64())},
		preview: s.text(),
	}
}

// Preview implements pagecache.Store.
func (s *Store) Preview(ctx context.Context, key string) (pagecache.Record, error) {
	return read(ctx, s, func(c *conn) (pagecache.Record, error) { return preview(c, key) })
}

func preview(c *conn, key string) (pagecache.Record, error) {
	r, err := found(row(c, scanPreview, "SELECT key, id, at, expires, preview FROM preview WHERE slot = ? AND key = ?", slot(key), key))
	if err != nil || r.preview == "" {
		return r.Record, err
	}
	r.Preview = &chat.Preview{}
	if err := json.Unmarshal([]byte(r.preview), r.Preview); err != nil {
		return r.Record, fmt.Errorf("decode a preview: %w", err)
	}
	return r.Record, nil
}

// PutPreview implements pagecache.Store.
func (s *Store) PutPreview(ctx context.Context, r pagecache.Record) (pagecache.Record, error) {
	stored := ""
	if r.Preview != nil {
		b, err := json.Marshal(r.Preview)
		if err != nil {
			return r, fmt.Errorf("encode a preview: %w", err)
		}
		stored = string(b)
	}
	return write(ctx, s, func(t *tx) (pagecache.Record, error) {
		if was, err := preview(t.Conn, r.Key); err == nil && was.Outlasts(r) {
			return was, nil
		} else if err != nil && chat.ErrorCode(err) != chat.NotFound {
			return r, err
		}
		return r, exec(t.Conn, "INSERT OR REPLACE INTO preview (slot, key, id, preview, at, expires) VALUES (?, ?, ?, ?, ?, ?)",
			slot(r.Key), r.Key, r.ID, stored, momentOf(r.At), momentOf(r.Expires))
	})
}

// slot is the place of a key, one of pagecache.Max: so the table has a bound, and a record takes the place of another one at times.
func slot(key string) int64 {
	sum := fnv.New32a()
	if _, err := sum.Write([]byte(key)); err != nil {
		panic(err) // a hash never fails
	}
	return int64(sum.Sum32() % pagecache.Max)
}
