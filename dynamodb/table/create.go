package table

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Spec describes a table. Each has the keys pk and sk.
type Spec struct {
	Name    string // without the prefix
	TTL     bool   // items expire by the attribute ttl
	Stream  bool   // changes are streamed, with the new image
	Indexes []Index
}

// Index is a global secondary index with all attributes. Its range key is sk.
type Index struct{ Name, Hash string }

// Create creates the tables that do not exist, for tests and emulators. On AWS the template creates them.
func (d *DB) Create(ctx context.Context, specs []Spec) error {
	for _, t := range specs {
		if err := d.create(ctx, t); err != nil && !errorAs[*types.ResourceInUseException](err) {
			return fmt.Errorf("create table %s: %w", t.Name, err)
		}
	}
	for _, t := range specs {
		name := &dynamodb.DescribeTableInput{TableName: aws.String(d.table(t.Name))}
		if err := dynamodb.NewTableExistsWaiter(d.client).Wait(ctx, name, time.Minute); err != nil {
			return fmt.Errorf("wait for table %s: %w", t.Name, err)
		}
		if err := d.expire(ctx, t); err != nil {
			return fmt.Errorf("enable expiry for table %s: %w", t.Name, err)
		}
	}
	return nil
}

func (d *DB) create(ctx context.Context, t Spec) error {
	text := func(name string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS}
	}
	keys := func(hash string) []types.KeySchemaElement {
		return []types.KeySchemaElement{
			{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		}
	}
	in := &dynamodb.CreateTableInput{
		TableName: aws.String(d.table(t.Name)), BillingMode: types.BillingModePayPerRequest, KeySchema: keys("pk"),
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
	_, err := d.client.CreateTable(ctx, in)
	return err
}

// expire enables expiry by the attribute ttl, unless it is enabled already.
func (d *DB) expire(ctx context.Context, t Spec) error {
	name := aws.String(d.table(t.Name))
	now, err := d.client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: name})
	if err != nil || !t.TTL ||
		now.TimeToLiveDescription != nil && now.TimeToLiveDescription.TimeToLiveStatus == types.TimeToLiveStatusEnabled {
		return err
	}
	_, err = d.client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: name, TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("ttl"), Enabled: aws.Bool(true)},
	})
	return err
}

func errorAs[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
