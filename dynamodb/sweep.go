package dynamodb

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/chat"
)

const maxBatchWrite = 25 // items in one request

// deleteAll removes items that nothing rests on any more, all or, with an error, some.
func (s *Store) deleteAll(ctx context.Context, keys []key) error {
	for chunk := range slices.Chunk(keys, maxBatchWrite) {
		requests := map[string][]types.WriteRequest{}
		for _, k := range chunk {
			requests[s.table(k.table)] = append(requests[s.table(k.table)], types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: k.item()}})
		}
		if err := s.batch(ctx, requests); err != nil {
			return err
		}
	}
	return nil
}

// batch sends requests until all of them are done.
func (s *Store) batch(ctx context.Context, requests map[string][]types.WriteRequest) error {
	for try := 0; len(requests) > 0; try++ {
		if try == maxUnprocessedTries {
			return chat.ErrUnavailable(errors.New("DynamoDB leaves requests out of a batch again and again"))
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
