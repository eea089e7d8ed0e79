package dynamodb

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/pagecache"
)

// preview is the item of what a page said about itself. DynamoDB deletes it after it has expired.
type preview struct {
	ID      string        `dynamodbav:"id"`
	Preview *chat.Preview `dynamodbav:"preview"`
	At      int64         `dynamodbav:"at"`
	Expires int64         `dynamodbav:"expires"`
	TTL     int64         `dynamodbav:"ttl"`
}

func previewKey(key string) table.Key { return table.NewKey(limits, "preview#"+key, "-") }

// Preview implements pagecache.Store.
func (s *Store) Preview(ctx context.Context, key string) (pagecache.Record, error) {
	return read(ctx, s, func(t *tx) (pagecache.Record, error) {
		p, err := loadItem[preview](t, previewKey(key))
		return p.toChat(key), err
	})
}

func (p preview) toChat(key string) pagecache.Record {
	return pagecache.Record{Key: key, ID: p.ID, Preview: p.Preview, At: table.At(p.At), Expires: table.At(p.Expires)}
}

// PutPreview implements pagecache.Store. The table has no bound: DynamoDB deletes what has expired.
func (s *Store) PutPreview(ctx context.Context, r pagecache.Record) (pagecache.Record, error) {
	return write(ctx, s, func(t *tx) (pagecache.Record, error) {
		p, ok, err := loadOptional[preview](t, previewKey(r.Key))
		if was := p.toChat(r.Key); err != nil || ok && was.Outlasts(r) {
			return was, err
		}
		return r, t.Put(previewKey(r.Key), preview{
			ID: r.ID, Preview: r.Preview, At: table.Millis(r.At), Expires: table.Millis(r.Expires), TTL: table.Seconds(r.Expires) + 1,
		})
	})
}
