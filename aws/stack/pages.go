package stack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	cdn "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const indexPage = "index.html"

// publish uploads the files of the web client that changed, and says whether there were any. Assets are named by their
// content and stay, for open tabs. The page that refers to them is uploaded last, so that its assets are always there.
func (c *Cloud) publish(ctx context.Context, o Options, st *state) (bool, error) {
	bucket := st.outputs["WebBucket"]
	existing, err := c.objects(ctx, bucket)
	if err != nil {
		return false, err
	}
	var assets, others []string
	err = fs.WalkDir(o.Pages, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir() || name == indexPage:
			return err
		case strings.HasPrefix(name, "assets/"):
			assets = append(assets, name)
		default:
			others = append(others, name)
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("web client: %w", err)
	}
	sent, stale := 0, []string{}
	for _, name := range append(append(assets, others...), indexPage) {
		b, err := fs.ReadFile(o.Pages, name)
		if err != nil {
			return false, fmt.Errorf("web client: %w", err)
		}
		immutable := strings.HasPrefix(name, "assets/")
		if same, err := c.isUploaded(ctx, bucket, name, b, immutable, existing); err != nil || same {
			if err != nil {
				return false, err
			}
			continue
		}
		if err := c.uploadPage(ctx, bucket, name, b, immutable); err != nil {
			return false, err
		}
		if sent++; !immutable && existing[name] > 0 { // CloudFront may have cached it
			stale = append(stale, "/"+name)
		}
	}
	if sent > 0 {
		o.progress("Uploaded %d of the %d files of the web client", sent, len(assets)+len(others)+1)
	}
	return sent > 0, c.invalidate(ctx, st, stale)
}

// objects returns the names and sizes of the objects in a bucket, none if there is no bucket.
func (c *Cloud) objects(ctx context.Context, bucket string) (map[string]int64, error) {
	out := map[string]int64{}
	pages := s3.NewListObjectsV2Paginator(c.s3, &s3.ListObjectsV2Input{Bucket: &bucket, ExpectedBucketOwner: &c.Account})
	for pages.HasMorePages() {
		p, err := pages.NextPage(ctx)
		if hasCode(err, "NoSuchBucket") {
			return out, nil
		}
		if err != nil {
			return nil, explain("read the bucket "+bucket, err)
		}
		for _, obj := range p.Contents {
			out[aws.ToString(obj.Key)] = aws.ToInt64(obj.Size)
		}
	}
	return out, nil
}

func (c *Cloud) isUploaded(ctx context.Context, bucket, name string, b []byte, immutable bool, existing map[string]int64) (bool, error) {
	if n, ok := existing[name]; !ok || n != int64(len(b)) || immutable {
		return ok && n == int64(len(b)), nil
	}
	head, err := c.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &name, ExpectedBucketOwner: &c.Account})
	if err != nil {
		return false, explain("look at "+name+" of the web client", err)
	}
	return head.Metadata["sha256"] == hash(b), nil
}

func (c *Cloud) uploadPage(ctx context.Context, bucket, name string, b []byte, immutable bool) error {
	cache := "no-cache"
	if immutable {
		cache = "public, max-age=31536000, immutable"
	}
	_, err := c.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &name, Body: bytes.NewReader(b), ExpectedBucketOwner: &c.Account, CacheControl: &cache,
		ContentType: aws.String(contentType(name)), Metadata: map[string]string{"sha256": hash(b)},
	})
	return explain("upload "+name+" of the web client", err)
}

// contentType does not depend on the MIME types of the machine that deploys, for the types the client uses.
func contentType(name string) string {
	known := map[string]string{
		".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
		".svg":  "image/svg+xml",
		".json": "application/json", ".webmanifest": "application/manifest+json", ".png": "image/png", ".ico": "image/x-icon",
		".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8", ".webp": "image/webp", ".mp3": "audio/mpeg",
	}
	if t, ok := known[path.Ext(name)]; ok {
		return t
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// invalidate removes changed paths from CloudFront's caches.
func (c *Cloud) invalidate(ctx context.Context, st *state, paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	_, err := c.cdn.CreateInvalidation(ctx, &cloudfront.CreateInvalidationInput{
		DistributionId: aws.String(st.outputs["DistributionId"]),
		InvalidationBatch: &cdn.InvalidationBatch{
			CallerReference: aws.String("canteen-" + time.Now().UTC().Format("20060102T150405.000000000")),
			Paths:           &cdn.Paths{Items: paths, Quantity: aws.Int32(int32(len(paths)))}, // #nosec G115 -- a handful of files
		},
	})
	return explain("invalidate CloudFront's cache of the pages", err)
}
