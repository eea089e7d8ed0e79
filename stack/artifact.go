package stack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// artifactBucket is the bucket of an account and region, for all its stacks. Names of buckets are one name space of the whole
// world: the hash makes it hard to meet somebody else's by chance and says nothing of the account.
func (c *Cloud) artifactBucket() string {
	h := sha256.Sum256([]byte(c.Partition + "/" + c.Account + "/" + c.Region))
	return "canteen-artifacts-" + hex.EncodeToString(h[:])[:20]
}

// ensureBucket makes the bucket when it is missing: private, encrypted, TLS alone.
func (c *Cloud) ensureBucket(ctx context.Context, o Options) (string, error) {
	name := c.artifactBucket()
	taken := fmt.Errorf("the bucket name %s, which belongs to this account and region by its hash, is taken by another account: "+
		"nothing may be put there. Deploy to another region, or ask AWS support whose it is", name)
	_, err := c.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name, ExpectedBucketOwner: &c.Account})
	switch {
	case err == nil:
		return name, c.protectBucket(ctx, name) // again, since the run that made it may have been interrupted
	case coded(err, "Forbidden", "AccessDenied", "403"):
		if _, e := c.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name}); e == nil { // there, and not ours
			return "", taken
		}
		return "", fmt.Errorf("%w; or the right s3:ListBucket is missing on it (canteen aws deploy --print-policy)", taken)
	case !coded(err, "NotFound", "NoSuchBucket", "404"):
		return "", explain("look for the artifact bucket", err)
	}
	o.progress("Make the artifact bucket %s", name)
	in := &s3.CreateBucketInput{Bucket: &name, ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}
	if c.Region != "us-east-1" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(c.Region)}
	}
	if _, err := c.s3.CreateBucket(ctx, in); err != nil && !coded(err, "BucketAlreadyOwnedByYou") {
		if coded(err, "BucketAlreadyExists") {
			return "", taken
		}
		return "", explain("make the artifact bucket", err)
	}
	return name, c.protectBucket(ctx, name)
}

func (c *Cloud) protectBucket(ctx context.Context, name string) error {
	yes := aws.Bool(true)
	_, err := c.s3.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
		Bucket: &name, ExpectedBucketOwner: &c.Account, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: yes, BlockPublicPolicy: yes, IgnorePublicAcls: yes, RestrictPublicBuckets: yes,
		},
	})
	if err != nil {
		return explain("keep the artifact bucket private", err)
	}
	_, err = c.s3.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: &name, ExpectedBucketOwner: &c.Account, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
			Rules: []types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256}}},
		},
	})
	if err != nil {
		return explain("encrypt the artifact bucket", err)
	}
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"EncryptedOnTheWay","Effect":"Deny","Principal":"*","Action":"s3:*",`+
		`"Resource":["arn:%[1]s:s3:::%[2]s","arn:%[1]s:s3:::%[2]s/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`, c.Partition, name)
	if c.Config.BaseEndpoint != nil {
		return nil // an emulator may have no TLS
	}
	_, err = c.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &name, ExpectedBucketOwner: &c.Account, Policy: &policy})
	return explain("let the artifact bucket be reached by TLS alone", err)
}

// put uploads what is called after its own hash, unless it is there. One request with the checksum of the whole: what is
// interrupted leaves nothing.
func (c *Cloud) put(ctx context.Context, o Options, bucket, stem, extension string, b []byte) (string, error) {
	sum := sha256.Sum256(b)
	key := stem + "/" + hex.EncodeToString(sum[:]) + extension
	_, err := c.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key, ExpectedBucketOwner: &c.Account})
	if err == nil {
		return key, nil
	}
	if !coded(err, "NotFound", "NoSuchKey", "404") {
		return "", explain("look for "+key, err)
	}
	o.progress("Upload %s%s, %s", stem, extension, size(len(b)))
	_, err = c.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(b), ExpectedBucketOwner: &c.Account,
		ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum[:])),
	})
	return key, explain("upload "+key, err)
}

func size(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d kB", (n+1023)/1024)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}
