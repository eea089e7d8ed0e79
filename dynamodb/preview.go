package dynamodb

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
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

// Preview implements chat.PreviewStore.
func (s *Store) Preview(ctx context.Context, key string) (chat.PreviewRecord, error) {
	return read(ctx, s, func(t *tx) (chat.PreviewRecord, error) {
		p, err := loadItem[preview](t, previewKey(key))
		return chat.PreviewRecord{Key: key, ID: p.ID, Preview: p.Preview, At: table.At(p.At), Expires: table.At(p.Expires)}, err
	})
}

// PutPreview implements chat.PreviewStore. The table has no bound: DynamoDB deletes what has expired.
func (s *Store) PutPreview(ctx context.Context, r chat.PreviewRecord) error {
	return s.db.PutAll(ctx, map[table.Key]any{previewKey(r.Key): preview{
		ID: r.ID, Preview: r.Preview, At: table.Millis(r.At), Expires: table.Millis(r.Expires), TTL: table.Seconds(r.Expires) + 1,
	}})
}
