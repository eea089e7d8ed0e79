package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The tables, named by what they hold. Each has the keys pk and sk; those whose items expire also have the attribute ttl.
const (
	rooms       = "rooms"
	members     = "members"
	messages    = "messages"
	users       = "users"
	sessions    = "sessions"
	tokens      = "tokens"
	invites     = "invites"
	limits      = "limits"
	idempotency = "idempotency"
	connections = "connections"
	unique      = "unique"
)

// Table describes a table.
type Table struct {
	Name    string // without the prefix
	TTL     bool   // items expire by the attribute ttl
	Stream  bool   // changes are streamed, with the new image
	Indexes []Index
}

// Index is a global secondary index with all attributes. Its range key is sk.
type Index struct{ Name, Hash string }

const (
	byShard = "by_shard"
	byOpen  = "by_open"
)

// Schema lists all tables. The CloudFormation template creates the same ones.
func Schema() []Table {
	return []Table{
		{Name: rooms}, {Name: members}, {Name: messages, TTL: true, Stream: true}, {Name: users, TTL: true}, {Name: sessions, TTL: true},
		{Name: tokens}, {Name: invites, TTL: true}, {Name: limits, TTL: true}, {Name: idempotency}, {Name: unique},
		{Name: connections, TTL: true, Indexes: []Index{{byShard, "shard"}, {byOpen, "room"}}},
	}
}

// CreateTables creates the tables that do not exist, for tests and emulators. On AWS the template creates them.
func (s *Store) CreateTables(ctx context.Context) error {
	for _, t := range Schema() {
		if err := s.create(ctx, t); err != nil && !errorAs[*types.ResourceInUseException](err) {
			return fmt.Errorf("create table %s: %w", t.Name, err)
		}
	}
	for _, t := range Schema() {
		name := &dynamodb.DescribeTableInput{TableName: aws.String(s.table(t.Name))}
		if err := dynamodb.NewTableExistsWaiter(s.db).Wait(ctx, name, time.Minute); err != nil {
			return fmt.Errorf("wait for table %s: %w", t.Name, err)
		}
		if err := s.expire(ctx, t); err != nil {
			return fmt.Errorf("enable expiry for table %s: %w", t.Name, err)
		}
	}
	return nil
}

func (s *Store) create(ctx context.Context, t Table) error {
	text := func(name string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS}
	}
	keys := func(hash string) []types.KeySchemaElement {
		return []types.KeySchemaElement{
			{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		}
	}
	in := &dynamodb.CreateTableInput{
		TableName: aws.String(s.table(t.Name)), BillingMode: types.BillingModePayPerRequest, KeySchema: keys("pk"),
		AttributeDefinitions: []types.AttributeDefinition{text("pk"), text("sk")},
	}
	for _, i := range t.Indexes {
		in.AttributeDefinitions = append(in.AttributeDefinitions, text(i.Hash))
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(i.Name), KeySchema: keys(i.Hash), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		})
	}
	if t.Stream {
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewImage}
	}
	_, err := s.db.CreateTable(ctx, in)
	return err
}

// expire enables expiry by the attribute ttl, unless it is enabled already.
func (s *Store) expire(ctx context.Context, t Table) error {
	name := aws.String(s.table(t.Name))
	d, err := s.db.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: name})
	if err != nil || !t.TTL || d.TimeToLiveDescription != nil && d.TimeToLiveDescription.TimeToLiveStatus == types.TimeToLiveStatusEnabled {
		return err
	}
	_, err = s.db.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: name, TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("ttl"), Enabled: aws.Bool(true)},
	})
	return err
}

func errorAs[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
