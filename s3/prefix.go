package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

const (
	scheme    = "s3://"
	piece     = 16 << 20        // bytes of a part; an upload has at most 10,000
	patience  = 2 * time.Minute // longest time of a request that writes
	firstByte = time.Minute     // longest time until an answer begins
)

// bucketName is what names of buckets look like.
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// IsURL says whether a name is that of a Prefix, and not that of a directory.
func IsURL(name string) bool { return strings.HasPrefix(name, scheme) }

// Prefix is the part of a bucket whose keys begin alike, as directories with files. It is a place to ship changes to (backup.Place). The
// bucket may be in other storage that is compatible with S3.
type Prefix struct {
	bucket, prefix string // the prefix is empty, or ends with a slash
	client         *s3.Client
}

// NewPrefix makes a Prefix of s3://BUCKET/PREFIX. The prefix may be missing. It does no I/O.
func NewPrefix(cfg aws.Config, url string) (*Prefix, error) {
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(url, scheme), "/")
	if prefix = strings.TrimSuffix(prefix, "/"); prefix != "" {
		prefix += "/"
	}
	if !IsURL(url) || !bucketName.MatchString(bucket) || strings.Contains("/"+prefix, "//") {
		return nil, fmt.Errorf("%q must be s3://BUCKET or s3://BUCKET/PREFIX", url)
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout = firstByte })
	}
	return &Prefix{bucket: bucket, prefix: prefix, client: s3.NewFromConfig(cfg, func(s *s3.Options) {
		s.UsePathStyle = s.BaseEndpoint != nil // other storage than AWS may have one host name
		// Not all storage knows the newer checksums. The signature of a request has the SHA-256 of its body.
		s.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		s.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})}, nil
}

func (p *Prefix) key(name string) *string { return aws.String(p.prefix + name) }

// failed says what was done when S3 answered with an error: fs.ErrNotExist for a key that there is not.
func (p *Prefix) failed(what, name string, err error) error {
	if err == nil {
		return nil
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "NoSuchKey" {
		err = errors.Join(fs.ErrNotExist, err)
	}
	return fmt.Errorf("%s %s%s/%s%s: %w", what, scheme, p.bucket, p.prefix, name, err)
}

// Put implements backup.Place. What is larger than a piece is uploaded in parts: nobody sees it before the last one.
func (p *Prefix) Put(ctx context.Context, name string, r io.Reader) error {
	first := &bytes.Buffer{} // it grows as needed: most segments are small
	if n, err := io.CopyN(first, r, piece); errors.Is(err, io.EOF) {
		within, end := context.WithTimeout(ctx, patience)
		defer end()
		_, err := p.client.PutObject(within, &s3.PutObjectInput{Bucket: &p.bucket, Key: p.key(name), Body: bytes.NewReader(first.Bytes()),
			ContentLength: &n})
		return p.failed("write", name, err)
	} else if err != nil {
		return err
	}
	return p.failed("write", name, p.putLarge(ctx, p.key(name), io.MultiReader(first, r)))
}

func (p *Prefix) putLarge(ctx context.Context, key *string, r io.Reader) error {
	made, err := p.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &p.bucket, Key: key})
	if err != nil {
		return err
	}
	parts, err := p.parts(ctx, key, made.UploadId, r)
	if err == nil {
		_, err = p.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: &p.bucket, Key: key, UploadId: made.UploadId,
			MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
	}
	if err != nil {
		ended, end := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer end()
		_, aborted := p.client.AbortMultipartUpload(ended, &s3.AbortMultipartUploadInput{Bucket: &p.bucket, Key: key, UploadId: made.UploadId})
		err = errors.Join(err, aborted)
	}
	return err
}

// parts uploads the parts of an object.
func (p *Prefix) parts(ctx context.Context, key, upload *string, r io.Reader) ([]types.CompletedPart, error) {
	var parts []types.CompletedPart
	part := make([]byte, piece)
	for number := int32(1); ; number++ {
		n, err := io.ReadFull(r, part)
		if errors.Is(err, io.EOF) {
			return parts, nil
		} else if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, err
		}
		within, end := context.WithTimeout(ctx, patience)
		out, err := p.client.UploadPart(within, &s3.UploadPartInput{Bucket: &p.bucket, Key: key, UploadId: upload, PartNumber: &number,
			Body: bytes.NewReader(part[:n])})
		if end(); err != nil {
			return nil, err
		}
		parts = append(parts, types.CompletedPart{ETag: out.ETag, PartNumber: aws.Int32(number)})
	}
}

// Open implements backup.Place.
func (p *Prefix) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	out, err := p.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &p.bucket, Key: p.key(name)})
	if err != nil {
		return nil, p.failed("read", name, err)
	}
	return out.Body, nil
}

// List implements backup.Place.
func (p *Prefix) List(ctx context.Context, dir string) (names []string, err error) {
	at := p.prefix
	if dir != "" {
		at += dir + "/"
	}
	in := &s3.ListObjectsV2Input{Bucket: &p.bucket, Prefix: &at, Delimiter: aws.String("/")}
	err = p.pages(ctx, in, func(out *s3.ListObjectsV2Output) error {
		if dir == "" {
			for _, d := range out.CommonPrefixes {
				names = append(names, strings.TrimSuffix(strings.TrimPrefix(aws.ToString(d.Prefix), at), "/"))
			}
			return nil
		}
		for _, o := range out.Contents {
			names = append(names, strings.TrimPrefix(aws.ToString(o.Key), at))
		}
		return nil
	})
	slices.Sort(names)
	return names, p.failed("list", dir, err)
}

func (p *Prefix) pages(ctx context.Context, in *s3.ListObjectsV2Input, page func(*s3.ListObjectsV2Output) error) error {
	all := s3.NewListObjectsV2Paginator(p.client, in)
	for all.HasMorePages() {
		out, err := all.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := page(out); err != nil {
			return err
		}
	}
	return nil
}

// Delete implements backup.Place.
func (p *Prefix) Delete(ctx context.Context, name string) error {
	var err error
	if strings.Contains(name, "/") {
		_, err = p.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &p.bucket, Key: p.key(name)})
	} else {
		err = p.pages(ctx, &s3.ListObjectsV2Input{Bucket: &p.bucket, Prefix: p.key(name + "/")}, func(out *s3.ListObjectsV2Output) error {
			return p.deleteAll(ctx, out.Contents)
		})
	}
	return p.failed("delete", name, err)
}

// deleteAll deletes the objects of one page of a list: at most 1,000, which is as many as one request can delete.
func (p *Prefix) deleteAll(ctx context.Context, objects []types.Object) error {
	if len(objects) == 0 {
		return nil
	}
	keys := make([]types.ObjectIdentifier, len(objects))
	for i, o := range objects {
		keys[i].Key = o.Key
	}
	out, err := p.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &p.bucket,
		Delete: &types.Delete{Objects: keys, Quiet: aws.Bool(true)}})
	if err == nil && len(out.Errors) > 0 {
		e := out.Errors[0]
		err = fmt.Errorf("%d objects were not deleted; %s: %s", len(out.Errors), aws.ToString(e.Key), aws.ToString(e.Message))
	}
	return err
}
