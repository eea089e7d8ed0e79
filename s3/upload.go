package s3

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
)

// anyType is the media type of uploads in the bucket: what a file is shows only once it is whole. URL says the type of each download.
const anyType = "application/octet-stream"

// Begin implements files.Parts. The home is the id of the multipart upload.
func (b *Bodies) Begin(ctx context.Context, id string, size int64) (string, error) {
	if err := check(id); err != nil {
		return "", err
	}
	return b.create(ctx, id, anyType)
}

func (b *Bodies) create(ctx context.Context, key, mediaType string) (string, error) {
	bucket, name := b.at(key)
	out, err := b.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: name, ContentType: &mediaType,
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256})
	if err != nil {
		return "", problem("begin an upload", err)
	}
	return aws.ToString(out.UploadId), nil
}

// Place implements files.Parts. A part needs its digest: S3 compares it.
func (b *Bodies) Place(ctx context.Context, u files.Upload, n int, sum files.Sum) (files.Place, error) {
	if err := check(u.ID); err != nil {
		return files.Place{}, err
	}
	if u.PartSize(n) == 0 {
		return files.Place{}, chat.Errorf(chat.Invalid, "There is no part %d in this upload.", n)
	}
	if sum == (files.Sum{}) {
		return files.Place{}, chat.InvalidField("sha256", "Each part needs its digest here.")
	}
	header := map[string]string{"X-Amz-Checksum-Sha256": base64.StdEncoding.EncodeToString(sum[:])}
	query := map[string]string{"partNumber": fmt.Sprint(n), "uploadId": u.Home}
	url, signed, err := b.sign(ctx, http.MethodPut, u.ID, writeWithin, header, u.PartSize(n), query)
	return files.Place{URL: url, Header: signed}, err
}

// PutPart implements files.Parts: clients put their parts into the bucket.
func (b *Bodies) PutPart(context.Context, files.Upload, int, io.Reader, files.Sum) error {
	return chat.ErrNotFound()
}

// Have implements files.Parts.
func (b *Bodies) Have(ctx context.Context, u files.Upload) ([]int, error) {
	parts, err := b.parts(ctx, u)
	if err != nil {
		return nil, err
	}
	have := make([]int, 0, len(parts))
	for _, p := range parts {
		have = append(have, int(aws.ToInt32(p.PartNumber)))
	}
	return have, nil
}

// parts lists the stored parts in ascending order. One that has not its length is missing.
func (b *Bodies) parts(ctx context.Context, u files.Upload) ([]types.CompletedPart, error) {
	if err := check(u.ID); err != nil {
		return nil, err
	}
	bucket, name := b.at(u.ID)
	var found []types.CompletedPart
	pages := s3.NewListPartsPaginator(b.client, &s3.ListPartsInput{Bucket: bucket, Key: name, UploadId: &u.Home})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, problem("list parts", err)
		}
		for _, p := range out.Parts {
			if size := u.PartSize(int(aws.ToInt32(p.PartNumber))); size > 0 && aws.ToInt64(p.Size) == size {
				found = append(found, types.CompletedPart{ETag: p.ETag, PartNumber: p.PartNumber, ChecksumSHA256: p.ChecksumSHA256})
			}
		}
	}
	return found, nil
}

// Done implements files.Parts. S3 compares the digests of the parts once more.
func (b *Bodies) Done(ctx context.Context, u files.Upload) error {
	found, err := b.parts(ctx, u)
	if chat.ErrorCode(err) == chat.NotFound {
		return b.isWhole(ctx, u)
	} else if err != nil {
		return err
	}
	there := map[int]bool{}
	for _, p := range found {
		there[int(aws.ToInt32(p.PartNumber))] = true
	}
	var missing []int
	for n := 1; n <= u.Parts(); n++ {
		if !there[n] {
			missing = append(missing, n)
		}
	}
	if len(missing) > 0 {
		return files.ErrMissing(missing)
	}
	if err = b.complete(ctx, u, found); chat.ErrorCode(err) == chat.NotFound {
		return b.isWhole(ctx, u) // another Done was faster
	}
	return err
}

// isWhole is NotFound unless there is a body.
func (b *Bodies) isWhole(ctx context.Context, u files.Upload) error {
	body, err := b.Open(ctx, u.ID)
	if err != nil {
		return err
	}
	return body.Close()
}

func (b *Bodies) complete(ctx context.Context, u files.Upload, parts []types.CompletedPart) error {
	bucket, name := b.at(u.ID)
	_, err := b.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: name, UploadId: &u.Home,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
	return problem("finish an upload", err)
}

// Abort implements files.Parts.
func (b *Bodies) Abort(ctx context.Context, u files.Upload) error {
	if err := check(u.ID); err != nil {
		return err
	}
	bucket, name := b.at(u.ID)
	_, err := b.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: bucket, Key: name, UploadId: &u.Home})
	if err = problem("abort an upload", err); chat.ErrorCode(err) == chat.NotFound {
		return nil
	}
	return err
}
