package dynamodb

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/chat"
)

const maxBatchWrite = 25 // items in one request, DynamoDB's limit

// deleteAll deletes items unconditionally. After an error some of them may be deleted.
func (s *Store) deleteAll(ctx context.Context, keys []key) error {
	for chunk := range slices.Chunk(keys, maxBatchWrite) {
		requests := map[string][]types.WriteRequest{}
		for _, k := range chunk {
			table := s.table(k.table)
			requests[table] = append(requests[table], types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: k.item()}})
		}
		if err := s.batch(ctx, requests); err != nil {
			return err
		}
	}
	return nil
}

// batch sends write requests until DynamoDB has processed them all.
func (s *Store) batch(ctx context.Context, requests map[string][]types.WriteRequest) error {
	for try := 0; len(requests) > 0; try++ {
		if try == maxUnprocessedTries {
			return chat.ErrUnavailable(errors.New("DynamoDB repeatedly left requests of a batch unprocessed"))
		}
		if try > 0 {
			if err := pause(ctx, try); err != nil {
				return err
			}
		}
		r, err := s.db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: requests})
		if err != nil {
			return storageError(ctx, err)
		}
		requests = r.UnprocessedItems
	}
	return nil
}
