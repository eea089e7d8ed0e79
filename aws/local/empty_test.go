package local_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/internal/awstest"
)

// TestEmptyFiles: a workspace that begins anew has no bodies of files, and its neighbour keeps them.
func TestEmptyFiles(t *testing.T) {
	endpoint, prefix := awstest.Start(t, local.Ministack), awstest.Unique()
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	left := map[string]int32{prefix + "files-1": 0, prefix + "artifacts-1": 1}
	for bucket := range left {
		if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
			t.Fatal(err)
		}
		in := &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("bodies/x"), Body: strings.NewReader("x")}
		if _, err := client.PutObject(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	if err := local.Empty(t.Context(), cfg, prefix); err != nil {
		t.Fatal(err)
	}
	for bucket, want := range left {
		out, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
		if err != nil || aws.ToInt32(out.KeyCount) != want {
			t.Errorf("%s holds %d, %v", bucket, aws.ToInt32(out.KeyCount), err)
		}
	}
}
