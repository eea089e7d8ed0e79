package dynamodb_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/dynamodb/table"
	consumers "github.com/canteen-chat/canteen/follow"
	"github.com/canteen-chat/canteen/internal/awstest"
	"github.com/canteen-chat/canteen/internal/followtest"
	"github.com/canteen-chat/canteen/internal/storetest"
)

// stores opens stores on one emulator, each with its own tables.
type stores struct {
	config  aws.Config
	names   string // prefix of its table names
	count   atomic.Int64
	capture *capture // nil if the emulator has a usable stream
}

func on(t *testing.T, emulator string, via func(http.RoundTripper) http.RoundTripper) *stores {
	transport := http.RoundTripper(&http.Transport{MaxIdleConnsPerHost: 64})
	var captured *capture
	if emulator == local.Moto { // moto loses concurrent updates
		captured = &capture{next: &oneAtATime{next: transport}, changes: map[string][]dynamodb.Change{}}
		transport = captured
	}
	if via != nil {
		transport = via(transport)
	}
	return &stores{names: awstest.Unique(), capture: captured, config: aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(awstest.Start(t, emulator)),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:  &http.Client{Transport: transport, Timeout: 30 * time.Second},
	}}
}

type oneAtATime struct {
	mu   sync.Mutex
	next http.RoundTripper
}

func (o *oneAtATime) RoundTrip(r *http.Request) (*http.Response, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.next.RoundTrip(r)
}

// open makes an empty store.
func (s *stores) open(t *testing.T) *dynamodb.Store {
	s.count.Add(1)
	store := s.again()
	if err := store.CreateTables(context.Background()); err != nil {
		t.Fatal(err)
	}
	return store
}

// again opens the newest store again, as another process would.
func (s *stores) again() *dynamodb.Store {
	return dynamodb.Open(dynamodb.Options{
		Client: table.Client(s.config), Prefix: fmt.Sprintf("%s%d-", s.names, s.count.Load()),
		Log: slog.New(slog.DiscardHandler), Patience: time.Minute,
	})
}

// drop deletes the tables of a store, to free the emulator's memory.
func (s *stores) drop(t *testing.T, n int64) {
	c := awsdb.NewFromConfig(s.config)
	for _, table := range dynamodb.Schema() {
		name := fmt.Sprintf("%s%d-%s", s.names, n, table.Name)
		_, err := c.DeleteTable(context.Background(), &awsdb.DeleteTableInput{TableName: &name})
		if err != nil && !strings.Contains(err.Error(), "ResourceNotFound") { // deleted by a try whose answer was late
			t.Error(err)
		}
	}
}

// opened makes a store whose stream is read when the test calls Settle.
func (s *stores) opened(t *testing.T, feed chat.Feed) storetest.Opened {
	store := s.open(t)
	n := s.count.Load()
	table := fmt.Sprintf("%s%d-messages", s.names, n)
	changes := func() []dynamodb.Change { return s.capture.take(table) }
	if s.capture == nil {
		f := follow(t, s.config, table)
		changes = func() []dynamodb.Change { return f.next(t) }
	}
	lists := consumers.New(store, store, slog.New(slog.DiscardHandler), dynamodb.ThreadLists{Store: store})
	return storetest.Opened{Store: store, Slow: true, Close: func() { s.drop(t, n) }, Settle: func() {
		ctx := context.Background()
		commits, err := store.Commits(ctx, changes())
		must(t, err)
		for _, c := range commits {
			feed(c.Said)
			for _, a := range c.Said {
				must(t, store.Clean(ctx, a.Event))
				if room := consumers.RoomOf(a.Event); room != "" {
					must(t, lists.CatchUp(ctx, room))
				}
			}
		}
	}}
}

// follower reads a stream from its beginning.
type follower struct {
	client    *dynamodbstreams.Client
	stream    string
	iterators map[string]*string
}

func follow(t *testing.T, config aws.Config, table string) *follower {
	d, err := awsdb.NewFromConfig(config).DescribeTable(context.Background(), &awsdb.DescribeTableInput{TableName: aws.String(table)})
	if err != nil {
		t.Fatal(err)
	}
	return &follower{dynamodbstreams.NewFromConfig(config), aws.ToString(d.Table.LatestStreamArn), map[string]*string{}}
}

// next returns the changes since the last call.
func (f *follower) next(t *testing.T) []dynamodb.Change {
	ctx := context.Background()
	d, err := f.client.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: aws.String(f.stream)})
	if err != nil {
		t.Fatal(err)
	}
	var out []dynamodb.Change
	for _, shard := range d.StreamDescription.Shards {
		id := aws.ToString(shard.ShardId)
		if _, ok := f.iterators[id]; !ok {
			i, err := f.client.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{
				StreamArn: aws.String(f.stream), ShardId: shard.ShardId, ShardIteratorType: streams.ShardIteratorTypeTrimHorizon,
			})
			if err != nil {
				t.Fatal(err)
			}
			f.iterators[id] = i.ShardIterator
		}
		for f.iterators[id] != nil {
			r, err := f.client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: f.iterators[id]})
			if err != nil {
				t.Fatal(err)
			}
			f.iterators[id] = r.NextShardIterator
			for _, record := range r.Records {
				out = append(out, change(t, record)...)
			}
			if len(r.Records) == 0 {
				break
			}
		}
	}
	return out
}

func change(t *testing.T, r streams.Record) []dynamodb.Change {
	if r.EventName == streams.OperationTypeRemove {
		return nil
	}
	image, ok := value(&streams.AttributeValueMemberM{Value: r.Dynamodb.NewImage}).(*types.AttributeValueMemberM)
	if !ok {
		t.Fatal("the image is not a map")
	}
	d := r.Dynamodb
	return []dynamodb.Change{{
		Sequence: aws.ToString(d.SequenceNumber), At: aws.ToTime(d.ApproximateCreationDateTime), Image: image.Value,
	}}
}

// value converts a value of a stream into one of a table.
func value(v streams.AttributeValue) types.AttributeValue {
	switch v := v.(type) {
	case *streams.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: v.Value}
	case *streams.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: v.Value}
	case *streams.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: v.Value}
	case *streams.AttributeValueMemberL:
		out := &types.AttributeValueMemberL{}
		for _, e := range v.Value {
			out.Value = append(out.Value, value(e))
		}
		return out
	case *streams.AttributeValueMemberM:
		out := &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}}
		for n, e := range v.Value {
			out.Value[n] = value(e)
		}
		return out
	}
	return &types.AttributeValueMemberNULL{Value: true}
}

func TestContract(t *testing.T) {
	for emulator, checks := range map[string]string{local.Ministack: "6", local.Moto: "3"} {
		t.Run(emulator, func(t *testing.T) {
			histories(t, checks)
			s := on(t, emulator, nil)
			storetest.Run(t, s.opened)
			t.Run("moves", func(t *testing.T) { storetest.Moves(t, s.opened) })
		})
	}
}

// TestFollowers runs the contract tests of followers. The second function opens the same tables as another process would.
func TestFollowers(t *testing.T) {
	histories(t, "20")
	s := on(t, local.Ministack, nil)
	followtest.Run(t, func(t *testing.T) (followtest.Home, func() followtest.Home) {
		store, n := s.open(t), s.count.Load()
		t.Cleanup(func() { s.drop(t, n) })
		return home{store}, func() followtest.Home { return home{s.again()} }
	})
}

// home is a store with the consumer that keeps its lists of threads.
type home struct{ *dynamodb.Store }

// Lists implements followtest.Lister.
func (h home) Lists() []consumers.Consumer {
	return []consumers.Consumer{dynamodb.ThreadLists{Store: h.Store}}
}
