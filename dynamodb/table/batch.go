package table

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/chat"
)

// MaxBatchWrite is how many items one request of [DB.DeleteAll] or [DB.PutItems] holds, DynamoDB's limit.
const MaxBatchWrite = 25

// DeleteAll deletes items unconditionally. After an error some of them may be deleted.
func (d *DB) DeleteAll(ctx context.Context, keys []Key) error {
	for chunk := range slices.Chunk(keys, MaxBatchWrite) {
		requests := map[string][]types.WriteRequest{}
		for _, k := range chunk {
			table := d.table(k.Table)
			requests[table] = append(requests[table], types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: k.Item()}})
		}
		if err := d.batch(ctx, requests); err != nil {
			return err
		}
	}
	return nil
}

// PutAll encodes and writes items unconditionally. After an error some of them may be written.
func (d *DB) PutAll(ctx context.Context, values map[Key]any) error {
	items := make(map[Key]Item, len(values))
	for k, v := range values {
		i, err := Encode(k, v)
		if err != nil {
			return err
		}
		items[k] = i
	}
	return d.PutItems(ctx, items)
}

// PutItems writes encoded items unconditionally. After an error some of them may be written.
func (d *DB) PutItems(ctx context.Context, items map[Key]Item) error {
	for chunk := range slices.Chunk(slices.Collect(maps.Keys(items)), MaxBatchWrite) {
		requests := map[string][]types.WriteRequest{}
		for _, k := range chunk {
			table := d.table(k.Table)
			requests[table] = append(requests[table], types.WriteRequest{PutRequest: &types.PutRequest{Item: items[k]}})
		}
		if err := d.batch(ctx, requests); err != nil {
			return err
		}
	}
	return nil
}

// batch sends write requests until DynamoDB has processed them all.
func (d *DB) batch(ctx context.Context, requests map[string][]types.WriteRequest) error {
	for try := 0; len(requests) > 0; try++ {
		if try == maxUnprocessedTries {
			return chat.ErrUnavailable(errors.New("DynamoDB repeatedly left requests of a batch unprocessed"))
		}
		if try > 0 {
			if err := pause(ctx, try); err != nil {
				return err
			}
		}
		r, err := d.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: requests})
		if err != nil {
			return storageError(ctx, err)
		}
		requests = r.UnprocessedItems
	}
	return nil
}
