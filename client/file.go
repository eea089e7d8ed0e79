package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/canteen-chat/canteen/wire"
)

const (
	partsAtOnce = 3
	placesEach  = 20 // parts in one request for places
)

// UploadFile uploads a file of size bytes, in parts. The answer's ID is for PostMessage.Files. If it fails, the upload is lost after a day;
// ResumeUpload goes on with it.
func (c *Client) UploadFile(ctx context.Context, name, mediaType string, r io.ReaderAt, size int64) (wire.File, error) {
	u, err := c.BeginUpload(ctx, name, mediaType, size)
	if err != nil {
		return wire.File{}, err
	}
	return c.ResumeUpload(ctx, u, r, wire.FileDone{})
}

// BeginUpload begins an upload of size bytes, which ResumeUpload sends.
func (c *Client) BeginUpload(ctx context.Context, name, mediaType string, size int64) (wire.Upload, error) {
	return call[wire.Upload](ctx, c, http.MethodPost, "/files", wire.NewFileBody{Name: name, Type: mediaType, Size: size})
}

// ResumeUpload sends the parts of an upload that the server does not have, three at a time, and finishes it. Errors: NotFound if the upload
// does not exist any more.
func (c *Client) ResumeUpload(ctx context.Context, u wire.Upload, r io.ReaderAt, done wire.FileDone) (wire.File, error) {
	asked, err := c.PlaceParts(ctx, u.File.ID, nil)
	if err != nil {
		return wire.File{}, err
	}
	var missing []int
	for n := 1; int64(n-1)*u.PartSize < u.File.Size; n++ {
		if !slices.Contains(asked.Have, n) {
			missing = append(missing, n)
		}
	}
	for some := range slices.Chunk(missing, placesEach) {
		if err := c.sendParts(ctx, u, r, some); err != nil {
			return wire.File{}, err
		}
	}
	return call[wire.File](ctx, c, http.MethodPost, "/files/"+u.File.ID+"/done", done)
}

// PlaceParts says where to put parts of an upload, and which parts are there.
func (c *Client) PlaceParts(ctx context.Context, id string, parts []wire.NewPart) (wire.Parts, error) {
	return call[wire.Parts](ctx, c, http.MethodPost, "/files/"+id+"/parts", wire.NewParts{Parts: append([]wire.NewPart{}, parts...)})
}

// sendParts sends some parts of an upload.
func (c *Client) sendParts(ctx context.Context, u wire.Upload, r io.ReaderAt, numbers []int) error {
	parts := make([]wire.NewPart, len(numbers))
	for i, n := range numbers {
		h := sha256.New()
		if _, err := io.Copy(h, partOf(u, r, n)); err != nil {
			return fmt.Errorf("read part %d: %w", n, err)
		}
		parts[i] = wire.NewPart{N: n, SHA256: hex.EncodeToString(h.Sum(nil))}
	}
	at, err := c.PlaceParts(ctx, u.File.ID, parts)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(partsAtOnce)
	for _, p := range at.Parts {
		group.Go(func() error { return c.sendPart(ctx, p, partOf(u, r, p.N)) })
	}
	return group.Wait()
}

func partOf(u wire.Upload, r io.ReaderAt, n int) *io.SectionReader {
	from := int64(n-1) * u.PartSize
	return io.NewSectionReader(r, from, min(u.PartSize, u.File.Size-from))
}

// sendPart puts a part to its place. Only this server gets the user's token or cookie.
func (c *Client) sendPart(ctx context.Context, p wire.PartPlace, body *io.SectionReader) error {
	to, own := p.URL, strings.HasPrefix(p.URL, "/")
	if own {
		to = c.base + p.URL
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, to, body)
	if err != nil {
		return err
	}
	req.ContentLength = body.Size()
	for name, value := range p.Headers {
		req.Header.Set(name, value)
	}
	resp, err := c.stream(own, req)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return refusal(resp, b)
	}
	return nil
}

// stream sends a request whose body or answer may take long. Only one to this server carries the user's token or cookie.
func (c *Client) stream(own bool, req *http.Request) (*http.Response, error) {
	slow := &http.Client{Transport: c.http.Transport, CheckRedirect: c.http.CheckRedirect}
	if own {
		slow.Jar = c.http.Jar
		if c.token != "" {
			req.Header.Set("Authorization", "Bearer "+c.token)
		}
	}
	return slow.Do(req)
}

// Download writes the body of a file to w. Errors: NotFound if the user may not see it (any more).
func (c *Client) Download(ctx context.Context, id string, w io.Writer) error {
	return c.download(ctx, "/files/"+url.PathEscape(id), w)
}

// DownloadThumb writes a thumbnail of a file to w. size is one of File.Thumbs.
func (c *Client) DownloadThumb(ctx context.Context, id string, size int, w io.Writer) error {
	return c.download(ctx, fmt.Sprintf("/files/%s/thumb?size=%d", url.PathEscape(id), size), w)
}

func (c *Client) download(ctx context.Context, path string, w io.Writer) (err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/api/v1"+path, nil)
	if err != nil {
		return err
	}
	resp, err := c.stream(true, req)
	if err != nil {
		return err
	}
	if resp.StatusCode == http.StatusFound { // to where the body is
		to, lerr := resp.Location()
		if err := errors.Join(lerr, resp.Body.Close()); err != nil {
			return err
		}
		if req, err = http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil); err != nil {
			return err
		}
		if resp, err = c.stream(false, req); err != nil {
			return err
		}
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
		return errors.Join(err, refusal(resp, b))
	}
	_, err = io.Copy(w, resp.Body)
	return err
}

// DropFile cancels an upload, or deletes a file that is in no message.
func (c *Client) DropFile(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodDelete, "/files/"+url.PathEscape(id), nil, nil)
}

// RoomFiles are files in messages of a room, newest first. kind is image, video, audio or file, or empty for all. before is the Next of the
// page before, or 0.
func (c *Client) RoomFiles(ctx context.Context, room, kind string, before int64) (wire.RoomFiles, error) {
	q := url.Values{}
	if kind != "" {
		q.Set("kind", kind)
	}
	if before > 0 {
		q.Set("before", fmt.Sprint(before))
	}
	return call[wire.RoomFiles](ctx, c, http.MethodGet, "/rooms/"+url.PathEscape(room)+"/files?"+q.Encode(), nil)
}
