package local

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const batchWrite = 25 // items in one request, DynamoDB's limit

// Empty deletes all items of the tables whose names begin with prefix, and the bodies of files. It scans, so it is for emulators only.
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
	return emptyFiles(ctx, s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }), prefix+"files-")
}

// emptyFiles deletes the objects of the buckets whose names begin with prefix.
func emptyFiles(ctx context.Context, client *s3.Client, prefix string) error {
	buckets, err := client.ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		return fmt.Errorf("list buckets: %w", err)
	}
	for _, b := range buckets.Buckets {
		if !strings.HasPrefix(aws.ToString(b.Name), prefix) {
			continue
		}
		pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: b.Name})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return fmt.Errorf("list the files: %w", err)
			}
			for _, o := range page.Contents {
				if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b.Name, Key: o.Key}); err != nil {
					return fmt.Errorf("delete a file: %w", err)
				}
			}
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
