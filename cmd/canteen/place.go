package main

import (
	"context"
	"errors"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/s3"
)

// isPlace says whether a name is that of a place that changes are shipped to: a directory, or a part of a bucket.
func isPlace(name string) bool {
	info, err := os.Stat(name)
	return s3.IsURL(name) || err == nil && info.IsDir()
}

// openPlace opens a place that changes are shipped to. For a bucket it finds credentials, region and endpoint as the AWS CLI does.
func openPlace(ctx context.Context, name string) (backup.Place, error) {
	if !s3.IsURL(name) {
		return backup.OpenDirectory(name)
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	if cfg.Region == "" {
		return nil, errors.New("AWS_REGION must name the region of the bucket; storage that has none takes us-east-1")
	}
	return s3.NewPrefix(cfg, name)
}

// ships gives what opens the place that --ship names, or nil.
func ships(name string) (func() (backup.Place, error), error) {
	if name == "" {
		return nil, nil
	}
	if s3.IsURL(name) {
		if _, err := s3.NewPrefix(aws.Config{}, name); err != nil { // a slip is said before anything begins
			return nil, err
		}
	}
	return func() (backup.Place, error) { return openPlace(context.Background(), name) }, nil
}
