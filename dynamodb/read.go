package dynamodb

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/chat"
)

const (
	maxBatchGet         = 100 // keys in one request, DynamoDB's limit
	maxUnprocessedTries = 8   // requests for what DynamoDB left unprocessed
)

// load returns the first item and fills t.seen with all of them. A tx reads each item once.
func (t *tx) load(keys ...key) (item, error) {
	var missing []key
	for _, k := range keys {
		if i, ok := t.returned[k]; ok {
			t.seen[k] = i
			delete(t.returned, k)
		}
		if _, ok := t.seen[k]; !ok && !slices.Contains(missing, k) {
			missing = append(missing, k)
		}
	}
	for chunk := range slices.Chunk(missing, maxBatchGet) {
		found, err := t.s.get(t.ctx, chunk)
		if err != nil {
			return nil, err
		}
		for _, k := range chunk {
			t.seen[k] = found[k] // nil if it does not exist
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	return t.seen[keys[0]], nil
}

// get reads items with strong consistency. Items that do not exist are missing from the result.
func (s *Store) get(ctx context.Context, keys []key) (map[key]item, error) {
	out := map[key]item{}
	// DynamoDB refuses to look for an empty key instead of finding nothing.
	keys = slices.DeleteFunc(slices.Clone(keys), func(k key) bool { return k.sk == "" })
	if len(keys) == 1 {
		k := keys[0]
		r, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: aws.String(s.table(k.table)), Key: k.item(), ConsistentRead: aws.Bool(true),
		})
		if err != nil {
			return nil, storageError(ctx, err)
		}
		if r.Item != nil {
			out[k] = r.Item
		}
		return out, nil
	}
	requests := map[string]types.KeysAndAttributes{}
	for _, k := range keys {
		of := requests[s.table(k.table)]
		of.ConsistentRead = aws.Bool(true)
		of.Keys = append(of.Keys, k.item())
		requests[s.table(k.table)] = of
	}
	for try := 0; len(requests) > 0; try++ {
		if try > 0 {
			if err := pause(ctx, try); err != nil {
				return nil, err
			}
		}
		if try == maxUnprocessedTries {
			return nil, chat.ErrUnavailable(errors.New("DynamoDB repeatedly left keys of a batch unprocessed"))
		}
		r, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: requests})
		if err != nil {
			return nil, storageError(ctx, err)
		}
		for table, items := range r.Responses {
			for _, i := range items {
				it := item(i)
				out[key{table[len(s.prefix):], it.text("pk"), it.text("sk")}] = it
			}
		}
		requests = r.UnprocessedKeys
	}
	return out, nil
}

// queryRange is a query for items of one partition, in the order of sk.
type queryRange struct {
	table, pk  string
	from, to   string // both inclusive
	descending bool
	limit      int    // 0 means all
	filter     string // values are named :…, and attributes that are reserved words #…
	values     item
	names      map[string]string
	index      string // reads are eventually consistent; hash then names the index's hash attribute, and pk is its value
	hash       string
	projection string
}

// query returns the items of a range that pass its filter.
func (s *Store) query(ctx context.Context, q queryRange) (out []item, err error) {
	err = s.queryPages(ctx, q, func(items []item) error {
		out = append(out, items...)
		return nil
	})
	return out, err
}

// queryPages calls f for each page of a range in turn.
func (s *Store) queryPages(ctx context.Context, q queryRange, f func([]item) error) error {
	in := s.queryInput(q)
	for given := 0; ; {
		if q.limit > 0 {
			ask := q.limit - given
			if q.filter != "" { // DynamoDB applies Limit before the filter
				ask = max(4*ask, 100)
			}
			in.Limit = aws.Int32(int32(min(ask, 1000))) // #nosec G115 -- at most 1000
		}
		r, err := s.db.Query(ctx, in)
		if err != nil {
			return storageError(ctx, err)
		}
		items := make([]item, len(r.Items))
		for i, it := range r.Items {
			items[i] = it
		}
		if q.limit > 0 {
			items = items[:min(len(items), q.limit-given)]
		}
		if err := f(items); err != nil {
			return err
		}
		if given += len(items); len(r.LastEvaluatedKey) == 0 || q.limit > 0 && given >= q.limit {
			return nil
		}
		in.ExclusiveStartKey = r.LastEvaluatedKey
	}
}

// queryInput builds the request for a range.
func (s *Store) queryInput(q queryRange) *dynamodb.QueryInput {
	hash := "pk"
	if q.hash != "" {
		hash = q.hash
	}
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.table(q.table)), ConsistentRead: aws.Bool(q.index == ""), ScanIndexForward: aws.Bool(!q.descending),
		KeyConditionExpression:    aws.String("#hash = :pk"),
		ExpressionAttributeNames:  map[string]string{"#hash": hash},
		ExpressionAttributeValues: item{":pk": text(q.pk)},
	}
	if q.from != "" || q.to != "" {
		in.KeyConditionExpression = aws.String("#hash = :pk AND sk BETWEEN :from AND :to")
		in.ExpressionAttributeValues[":from"], in.ExpressionAttributeValues[":to"] = text(q.from), text(q.to)
	}
	maps.Copy(in.ExpressionAttributeNames, q.names)
	maps.Copy(in.ExpressionAttributeValues, q.values)
	if q.filter != "" {
		in.FilterExpression = aws.String(q.filter)
	}
	if q.index != "" {
		in.IndexName = aws.String(q.index)
	}
	if q.projection != "" {
		in.ProjectionExpression = aws.String(q.projection)
	}
	return in
}

// storageError turns a failed request into Unavailable, unless repeating is useless. The request may have taken effect.
func storageError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if permanent(err) {
		return err
	}
	return chat.ErrUnavailable(err)
}

// pause waits before the next try: full jitter below a bound that doubles from 20 ms to maxBackoff.
func pause(ctx context.Context, try int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(jitter(try)):
		return nil
	}
}
