package stack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// artifactBucket is a stack's own: whoever may deploy one stack must not be able to lay out the program that another will run.
// Names of buckets are one name space of the whole world: the hash makes it hard to meet somebody else's by chance and says
// nothing of the account. What comes before it is what rights can be given by.
func (c *Cloud) artifactBucket(stack string) string {
	h := sha256.Sum256([]byte(c.Partition + "/" + c.Account + "/" + c.Region + "/" + stack))
	return strings.ToLower(stack) + "-artifacts-" + hex.EncodeToString(h[:])[:16] // at most 63 characters
}

// ensureBucket makes the bucket when it is missing: private, encrypted, TLS alone.
func (c *Cloud) ensureBucket(ctx context.Context, o Options) (string, error) {
	name := c.artifactBucket(o.Name)
	taken := fmt.Errorf("the bucket name %s, which belongs to this stack by its hash, is taken by another account: "+
		"nothing may be put there. Deploy under another name, or ask AWS support whose it is", name)
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
			Rules: []types.ServerSideEncryptionRule{
				{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256}},
			},
		},
	})
	if err != nil {
		return explain("encrypt the artifact bucket", err)
	}
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"EncryptedOnTheWay","Effect":"Deny","Principal":"*","Action":"s3:*",`+
		`"Resource":["arn:%[1]s:s3:::%[2]s","arn:%[1]s:s3:::%[2]s/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`, c.Partition,
		name)
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

// removeArtifacts takes the artifact bucket away, if it is there.
func (c *Cloud) removeArtifacts(ctx context.Context, o Options) error {
	bucket := c.artifactBucket(o.Name)
	if err := c.empty(ctx, o, bucket); err != nil {
		return err
	}
	_, err := c.s3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket, ExpectedBucketOwner: &c.Account})
	if coded(err, "NoSuchBucket", "NotFound", "404") {
		return nil
	}
	return explain("remove the artifact bucket", err)
}

func size(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d kB", (n+1023)/1024)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}
