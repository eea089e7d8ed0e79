package local

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const batchWrite = 25 // items in one request, DynamoDB's limit

// Empty deletes all items of the tables whose names begin with prefix. It scans, so it is for emulators only.
func Empty(ctx context.Context, cfg aws.Config, prefix string) error {
	db := dynamodb.NewFromConfig(cfg)
	names, err := db.ListTables(ctx, &dynamodb.ListTablesInput{})
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	for _, name := range names.TableNames {
		if len(name) < len(prefix) || name[:len(prefix)] != prefix {
			continue
		}
		if err := empty(ctx, db, name); err != nil {
			return fmt.Errorf("empty %s: %w", name, err)
		}
	}
	return nil
}

func empty(ctx context.Context, db *dynamodb.Client, table string) error {
	pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: aws.String(table), ProjectionExpression: aws.String("pk, sk")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for chunk := range slices.Chunk(page.Items, batchWrite) {
			var ask []types.WriteRequest
			for _, key := range chunk {
				ask = append(ask, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key}})
			}
			if _, err := db.BatchWriteItem(ctx,
				&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: ask}}); err != nil {
				return err
			}
		}
	}
	return nil
}
