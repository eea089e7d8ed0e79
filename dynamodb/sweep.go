package dynamodb

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/chat"
)

const batchWrite = 25 // items in one request

// sweep removes items that nothing rests on any more, all or, with an error, some.
func (s *Store) sweep(ctx context.Context, keys []key) error {
	for chunk := range slices.Chunk(keys, batchWrite) {
		ask := map[string][]types.WriteRequest{}
		for _, k := range chunk {
			ask[s.table(k.table)] = append(ask[s.table(k.table)], types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: k.item()}})
		}
		if err := s.batch(ctx, ask); err != nil {
			return err
		}
	}
	return nil
}

// batch sends requests until all of them are done.
func (s *Store) batch(ctx context.Context, ask map[string][]types.WriteRequest) error {
	for try := 0; len(ask) > 0; try++ {
		if try == unprocessed {
			return chat.ErrUnavailable(errors.New("DynamoDB leaves requests out of a batch again and again"))
		}
		if try > 0 {
			if err := pause(ctx, try); err != nil {
				return err
			}
		}
		r, err := s.db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: ask})
		if err != nil {
			return failed(ctx, err)
		}
		ask = r.UnprocessedItems
	}
	return nil
}
