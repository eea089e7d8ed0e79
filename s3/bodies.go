// Package s3 keeps the bodies of files in a bucket of Amazon S3. It is the home of bodies on AWS.
//
// Uploads are multipart uploads. Clients put the parts themselves, to URLs that are signed for one part with its length and its digest;
// S3 refuses other bytes. Downloads are URLs that are signed too. Both lead through the distribution that serves the pages, so that
// everything has one origin, and the distribution adds the headers that S3 cannot send (docs/adr/0019-files-on-aws.md).
//
// Uploads that nobody finishes are deleted by the bucket's lifecycle rule after a day.
//
// Source of requests and errors: Amazon S3 API Reference. The package may import chat, files and the AWS SDK.
package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
)

// folder is in front of every key in the bucket, and the path at which the distribution serves the bucket.
const folder = "bodies/"

// Options name the bucket. All are required.
type Options struct {
	Config aws.Config // with the region, the credentials and, for an emulator, the endpoint
	Bucket string
	Suffix string // DNS suffix of AWS in this partition
	Public string // URL of the distribution, without a slash at its end
	Clock  func() time.Time
}

// Bodies is a files.Bodies in a bucket.
type Bodies struct {
	o      Options
	client *s3.Client
	signer *v4.Signer
}

// New makes Bodies. It does no I/O.
func New(o Options) *Bodies {
	return &Bodies{o: o,
		client: s3.NewFromConfig(o.Config, func(s *s3.Options) {
			s.UsePathStyle = o.Config.BaseEndpoint != nil // an emulator has one host name
			s.DisableLogOutputChecksumValidationSkipped = true
		}),
		signer: v4.NewSigner(func(s *v4.SignerOptions) { s.DisableURIPathEscaping, s.DisableHeaderHoisting = true, true }),
	}
}

// check is NotFound for what cannot be a key.
func check(key string) error {
	if !files.IsKey(key) {
		return chat.ErrNotFound()
	}
	return nil
}

// problem translates an error of S3.
func problem(what string, err error) error {
	var api smithy.APIError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &api):
		return fmt.Errorf("S3: %s: %w", what, err)
	case slices.Contains([]string{"NoSuchKey", "NoSuchUpload", "NotFound"}, api.ErrorCode()):
		return chat.ErrNotFound()
	case slices.Contains([]string{"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout"}, api.ErrorCode()):
		return chat.ErrUnavailable(fmt.Errorf("S3: %s: %w", what, err))
	}
	return fmt.Errorf("S3: %s: %w", what, err)
}

func (b *Bodies) at(key string) (bucket, name *string) {
	return &b.o.Bucket, aws.String(folder + key)
}

// Put implements files.Bodies. A body that is larger than a part is uploaded in parts, so that no more than one is in memory.
func (b *Bodies) Put(ctx context.Context, key, mediaType string, r io.Reader, size int64) error {
	if err := check(key); err != nil {
		return err
	}
	if size > files.PartSize {
		return b.putLarge(ctx, key, mediaType, r, size)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return fmt.Errorf("body of %s: %w", key, err)
	}
	bucket, name := b.at(key)
	sum := sha256.Sum256(body)
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: name, Body: bytes.NewReader(body), ContentType: &mediaType,
		ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum[:]))})
	return problem("put a body", err)
}

func (b *Bodies) putLarge(ctx context.Context, key, mediaType string, r io.Reader, size int64) error {
	bucket, name := b.at(key)
	home, err := b.create(ctx, key, mediaType)
	if err != nil {
		return err
	}
	u := files.Upload{ID: key, Size: size, Home: home}
	buffer, parts := make([]byte, files.PartSize), make([]types.CompletedPart, 0, u.Parts())
	for n := 1; n <= u.Parts(); n++ {
		part := buffer[:u.PartSize(n)]
		if _, err := io.ReadFull(r, part); err != nil {
			return errors.Join(fmt.Errorf("body of %s: %w", key, err), b.Abort(ctx, u))
		}
		sum := sha256.Sum256(part)
		digest := base64.StdEncoding.EncodeToString(sum[:])
		number := int32(n) // #nosec G115 -- at most Parts
		out, err := b.client.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: name, UploadId: &home, PartNumber: &number,
			Body: bytes.NewReader(part), ChecksumSHA256: &digest})
		if err != nil {
			return errors.Join(problem("put a part", err), b.Abort(ctx, u))
		}
		parts = append(parts, types.CompletedPart{ETag: out.ETag, PartNumber: &number, ChecksumSHA256: &digest})
	}
	if err := b.complete(ctx, u, parts); err != nil {
		return errors.Join(err, b.Abort(ctx, u))
	}
	return nil
}

// URL implements files.Bodies.
func (b *Bodies) URL(ctx context.Context, key string, as files.Headers) (string, error) {
	if err := check(key); err != nil {
		return "", err
	}
	url, _, err := b.sign(ctx, http.MethodGet, key, readWithin, nil, 0, map[string]string{
		"response-content-type": as.Type, "response-content-disposition": as.Disposition, "response-cache-control": cached,
	})
	return url, err
}

// Delete implements files.Bodies.
func (b *Bodies) Delete(ctx context.Context, keys ...string) error {
	var errs []error
	for some := range slices.Chunk(keys, 1000) { // the limit of S3
		objects := make([]types.ObjectIdentifier, 0, len(some))
		for _, key := range some {
			if check(key) == nil {
				objects = append(objects, types.ObjectIdentifier{Key: aws.String(folder + key)})
			}
		}
		if len(objects) == 0 {
			continue
		}
		out, err := b.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &b.o.Bucket,
			Delete: &types.Delete{Objects: objects, Quiet: aws.Bool(true)}})
		errs = append(errs, problem("delete bodies", err))
		if out != nil && len(out.Errors) > 0 {
			e := out.Errors[0]
			errs = append(errs, fmt.Errorf("S3: %d bodies were not deleted; %s: %s", len(out.Errors), aws.ToString(e.Key),
				aws.ToString(e.Message)))
		}
	}
	return errors.Join(errs...)
}

// List implements files.Bodies. Uploads are not listed: the bucket deletes old ones itself.
func (b *Bodies) List(ctx context.Context, after string, limit int) ([]files.Stored, error) {
	most := int32(min(limit, 1000)) // #nosec G115 -- small
	in := &s3.ListObjectsV2Input{Bucket: &b.o.Bucket, Prefix: aws.String(folder), MaxKeys: &most}
	if after != "" {
		in.StartAfter = aws.String(folder + after)
	}
	var stored []files.Stored
	for len(stored) < limit {
		out, err := b.client.ListObjectsV2(ctx, in)
		if err != nil {
			return nil, problem("list bodies", err)
		}
		for _, o := range out.Contents[:min(len(out.Contents), limit-len(stored))] {
			stored = append(stored, files.Stored{Key: strings.TrimPrefix(aws.ToString(o.Key), folder), At: aws.ToTime(o.LastModified)})
		}
		if !aws.ToBool(out.IsTruncated) {
			break
		}
		in.ContinuationToken, in.StartAfter = out.NextContinuationToken, nil
	}
	return stored, nil
}
