package stack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// artifactBucket returns the name of the stack's own bucket. Stacks do not share one: whoever may deploy one stack must not
// be able to replace the program of another. Bucket names are global: the hash avoids collisions with other accounts and
// does not reveal the account. IAM policies match the name by its prefix, the stack's name.
func (c *Cloud) artifactBucket(stack string) string { return c.bucket(stack, "artifacts") }

// FilesBucket returns the name of the bucket that holds the bodies of files. It does not belong to the stack, and outlives it.
func (c *Cloud) FilesBucket(stack string) string { return c.bucket(stack, "files") }

func (c *Cloud) bucket(stack, what string) string {
	h := sha256.Sum256([]byte(c.Partition + "/" + c.Account + "/" + c.Region + "/" + stack))
	return strings.ToLower(stack) + "-" + what + "-" + hex.EncodeToString(h[:])[:16] // at most 63 characters
}

// ensureBuckets creates the buckets that are missing, and returns the name of the one for artifacts.
func (c *Cloud) ensureBuckets(ctx context.Context, o Options) (string, error) {
	artifacts, files := c.artifactBucket(o.Name), c.FilesBucket(o.Name)
	if err := c.ensureBucket(ctx, o, artifacts); err != nil {
		return "", err
	}
	if err := c.ensureBucket(ctx, o, files); err != nil {
		return "", err
	}
	_, err := c.s3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket: &files, ExpectedBucketOwner: &c.Account, LifecycleConfiguration: &types.BucketLifecycleConfiguration{
			Rules: []types.LifecycleRule{{
				ID: aws.String("half-uploads"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")},
				AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(1)},
			}},
		},
	})
	return artifacts, explain("let the bucket "+files+" delete uploads that nobody finishes", err)
}

// ensureBucket creates a bucket if it is missing: private, encrypted, reachable by TLS only.
func (c *Cloud) ensureBucket(ctx context.Context, o Options, name string) error {
	taken := fmt.Errorf("the bucket name %s, which belongs to this stack by its hash, is taken by another account: "+
		"nothing may be put there. Deploy under another name, or ask AWS support who owns it", name)
	_, err := c.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name, ExpectedBucketOwner: &c.Account})
	switch {
	case err == nil:
		return c.protectBucket(ctx, name) // the run that created the bucket may have been interrupted
	case hasCode(err, "Forbidden", "AccessDenied", "403"):
		if _, e := c.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name}); e == nil { // it exists and is not ours
			return taken
		}
		return fmt.Errorf("%w; or the right s3:ListBucket is missing on it (canteen aws deploy --print-policy)", taken)
	case !hasCode(err, "NotFound", "NoSuchBucket", "404"):
		return explain("look for the bucket "+name, err)
	}
	o.progress("Make the bucket %s", name)
	in := &s3.CreateBucketInput{Bucket: &name, ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}
	if c.Region != "us-east-1" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(c.Region)}
	}
	if err := c.createBucket(ctx, o, in); hasCode(err, "BucketAlreadyExists") {
		return taken
	} else if err != nil && !hasCode(err, "BucketAlreadyOwnedByYou") {
		return explain("make the bucket "+name, err)
	}
	return c.protectBucket(ctx, name)
}

// createBucket waits while S3 does not give the name back: after a bucket was deleted, that can take hours.
func (c *Cloud) createBucket(ctx context.Context, o Options, in *s3.CreateBucketInput) error {
	for end, waiting := time.Now().Add(o.within()), false; ; waiting = true {
		_, err := c.s3.CreateBucket(ctx, in)
		if !hasCode(err, "OperationAborted") {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("S3 has not given back the name %s within %s, as happens after a bucket was deleted: "+
				"run the same command again in an hour, or deploy under another name", *in.Bucket, o.within())
		}
		if !waiting {
			o.progress("Wait until S3 gives back the name of a bucket that was deleted a short time ago")
		}
		if err := o.wait(ctx); err != nil {
			return err
		}
	}
}

func (c *Cloud) protectBucket(ctx context.Context, name string) error {
	yes := aws.Bool(true)
	_, err := c.s3.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
		Bucket: &name, ExpectedBucketOwner: &c.Account, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: yes, BlockPublicPolicy: yes, IgnorePublicAcls: yes, RestrictPublicBuckets: yes,
		},
	})
	if err != nil {
		return explain("keep the bucket "+name+" private", err)
	}
	_, err = c.s3.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: &name, ExpectedBucketOwner: &c.Account, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
			Rules: []types.ServerSideEncryptionRule{
				{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256}},
			},
		},
	})
	if err != nil {
		return explain("encrypt the bucket "+name, err)
	}
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"EncryptedOnTheWay","Effect":"Deny","Principal":"*",`+
		`"Action":"s3:*",`+
		`"Resource":["arn:%[1]s:s3:::%[2]s","arn:%[1]s:s3:::%[2]s/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`, c.Partition,
		name)
	if c.Config.BaseEndpoint != nil {
		return nil // an emulator may have no TLS
	}
	_, err = c.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &name, ExpectedBucketOwner: &c.Account, Policy: &policy})
	return explain("let the bucket "+name+" be reached by TLS alone", err)
}

func artifactKey(stem, extension string, b []byte) string { return stem + "/" + hash(b) + extension }

// upload stores b under its own hash, unless it is there. It is one request with a checksum of the whole, so an interrupted
// upload leaves nothing.
func (c *Cloud) upload(ctx context.Context, o Options, bucket, stem, extension string, b []byte) (string, error) {
	sum, key := sha256.Sum256(b), artifactKey(stem, extension, b)
	_, err := c.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key, ExpectedBucketOwner: &c.Account})
	if err == nil {
		return key, nil
	}
	if !hasCode(err, "NotFound", "NoSuchKey", "404") {
		return "", explain("look for "+key, err)
	}
	o.progress("Upload %s%s, %s", stem, extension, size(len(b)))
	_, err = c.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(b), ExpectedBucketOwner: &c.Account,
		ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum[:])),
	})
	return key, explain("upload "+key, err)
}

// removeBuckets deletes the buckets of artifacts and of files if they exist, with all that is in them.
func (c *Cloud) removeBuckets(ctx context.Context, o Options) error {
	if err := c.removeBucket(ctx, o, c.artifactBucket(o.Name)); err != nil {
		return err
	}
	return c.removeBucket(ctx, o, c.FilesBucket(o.Name))
}

func (c *Cloud) removeBucket(ctx context.Context, o Options, bucket string) error {
	if _, err := c.emptyBucket(ctx, o, bucket); err != nil {
		return err
	}
	_, err := c.s3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket, ExpectedBucketOwner: &c.Account})
	if hasCode(err, "NoSuchBucket", "NotFound", "404") {
		return nil
	}
	return explain("remove the bucket "+bucket, err)
}

func size(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d kB", (n+1023)/1024)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}
