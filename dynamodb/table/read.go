package table

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/chat"
)

const (
	maxBatchGet         = 100 // keys in one request, DynamoDB's limit
	maxConcurrentGets   = 8   // requests of one Load at the same time: somebody in 3,000 rooms needs 30
	maxUnprocessedTries = 8   // requests for what DynamoDB left unprocessed
)

// Load returns the first item and fills t.Seen with all of them. A tx reads each item once.
func (t *Tx) Load(keys ...Key) (Item, error) {
	var missing []Key
	asked := map[Key]bool{}
	for _, k := range keys {
		if i, ok := t.Returned[k]; ok {
			t.Seen[k] = i
			delete(t.Returned, k)
		}
		if _, ok := t.Seen[k]; !ok && !asked[k] {
			asked[k] = true
			missing = append(missing, k)
		}
	}
	chunks := slices.Collect(slices.Chunk(missing, maxBatchGet))
	found := make([]map[Key]Item, len(chunks))
	errs := make([]error, len(chunks))
	free := make(chan struct{}, maxConcurrentGets)
	var gets sync.WaitGroup
	for i, chunk := range chunks {
		free <- struct{}{}
		gets.Go(func() {
			found[i], errs[i] = t.db.Get(t.ctx, chunk)
			<-free
		})
	}
	gets.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return nil, errs[i]
	}
	for i, chunk := range chunks {
		for _, k := range chunk {
			t.Seen[k] = found[i][k] // nil if it does not exist
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	return t.Seen[keys[0]], nil
}

// Get reads items with strong consistency. Items that do not exist are missing from the result.
func (d *DB) Get(ctx context.Context, keys []Key) (map[Key]Item, error) {
	out := map[Key]Item{}
	// DynamoDB refuses to look for an empty key instead of finding nothing.
	keys = slices.DeleteFunc(slices.Clone(keys), func(k Key) bool { return k.SK == "" })
	if len(keys) == 1 {
		k := keys[0]
		r, err := d.client.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: aws.String(d.table(k.Table)), Key: k.Item(), ConsistentRead: aws.Bool(true),
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
		of := requests[d.table(k.Table)]
		of.ConsistentRead = aws.Bool(true)
		of.Keys = append(of.Keys, k.Item())
		requests[d.table(k.Table)] = of
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
		r, err := d.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: requests})
		if err != nil {
			return nil, storageError(ctx, err)
		}
		for table, items := range r.Responses {
			for _, i := range items {
				it := Item(i)
				out[Key{table[len(d.prefix):], it.Text("pk"), it.Text("sk")}] = it
			}
		}
		requests = r.UnprocessedKeys
	}
	return out, nil
}

// Range is a query for items of one partition, in the order of sk.
type Range struct {
	Table, PK  string
	From, To   string // both inclusive; both empty for the whole partition
	Descending bool
	Limit      int    // 0 means all
	Filter     string // values are named :…, and attributes that are reserved words #…
	Values     Item
	Names      map[string]string
	Index      string // reads are eventually consistent; Hash then names the index's hash attribute, and PK is its value
	Hash       string
	Projection string
}

// Query returns the items of a range that pass its filter.
func (d *DB) Query(ctx context.Context, q Range) (out []Item, err error) {
	err = d.QueryPages(ctx, q, func(items []Item) error {
		out = append(out, items...)
		return nil
	})
	return out, err
}

// QueryPages calls f for each page of a range in turn.
func (d *DB) QueryPages(ctx context.Context, q Range, f func([]Item) error) error {
	in := d.queryInput(q)
	for given := 0; ; {
		if q.Limit > 0 {
			ask := q.Limit - given
			if q.Filter != "" { // DynamoDB applies Limit before the filter
				ask = max(4*ask, 100)
			}
			in.Limit = aws.Int32(int32(min(ask, 1000))) // #nosec G115 -- at most 1000
		}
		r, err := d.client.Query(ctx, in)
		if err != nil {
			return storageError(ctx, err)
		}
		items := make([]Item, len(r.Items))
		for i, it := range r.Items {
			items[i] = it
		}
		if q.Limit > 0 {
			items = items[:min(len(items), q.Limit-given)]
		}
		if err := f(items); err != nil {
			return err
		}
		if given += len(items); len(r.LastEvaluatedKey) == 0 || q.Limit > 0 && given >= q.Limit {
			return nil
		}
		in.ExclusiveStartKey = r.LastEvaluatedKey
	}
}

// queryInput builds the request for a range.
func (d *DB) queryInput(q Range) *dynamodb.QueryInput {
	hash := "pk"
	if q.Hash != "" {
		hash = q.Hash
	}
	in := &dynamodb.QueryInput{
		TableName: aws.String(d.table(q.Table)), ConsistentRead: aws.Bool(q.Index == ""), ScanIndexForward: aws.Bool(!q.Descending),
		KeyConditionExpression:    aws.String("#hash = :pk"),
		ExpressionAttributeNames:  map[string]string{"#hash": hash},
		ExpressionAttributeValues: Item{":pk": Text(q.PK)},
	}
	if q.From != "" || q.To != "" {
		in.KeyConditionExpression = aws.String("#hash = :pk AND sk BETWEEN :from AND :to")
		in.ExpressionAttributeValues[":from"], in.ExpressionAttributeValues[":to"] = Text(q.From), Text(q.To)
	}
	maps.Copy(in.ExpressionAttributeNames, q.Names)
	maps.Copy(in.ExpressionAttributeValues, q.Values)
	if q.Filter != "" {
		in.FilterExpression = aws.String(q.Filter)
	}
	if q.Index != "" {
		in.IndexName = aws.String(q.Index)
	}
	if q.Projection != "" {
		in.ProjectionExpression = aws.String(q.Projection)
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
