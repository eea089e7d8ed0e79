package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

const (
	crowd        = 10 // greedy people: each may upload only so much in a day
	largeFile    = 100_000_000
	partsAtOnce  = 3
	pictureSide  = 10_000 // pixels: as many as are decoded at all
	pictureNoise = 200    // pixels of a picture's side that are not empty
)

// material is what greedy people send. It is made once, when it is first needed.
type material struct {
	body    func() []byte          // of a large file
	picture func() []byte          // a form with a picture that takes long to decode
	form    string                 // the type of that form
	file    func() (string, error) // the id of a large file
}

func newMaterial(g greed) *material {
	m := &material{}
	m.body = sync.OnceValue(func() []byte {
		b := make([]byte, largeFile)
		_, _ = rand.Read(b) // never fails
		return b
	})
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	m.form = w.FormDataContentType()
	m.picture = sync.OnceValue(func() []byte {
		img := image.NewGray(image.Rect(0, 0, pictureSide, pictureSide))
		_, _ = rand.Read(img.Pix[:pictureSide*pictureNoise])
		part, err := w.CreateFormFile("file", "soup.jpg")
		if err == nil {
			err = jpeg.Encode(part, img, nil)
		}
		if err = errors.Join(err, w.Close()); err != nil {
			panic(err)
		}
		return form.Bytes()
	})
	m.file = sync.OnceValues(func() (string, error) {
		f, err := g.sendFile(m.body())
		return f.ID, err
	})
	return m
}

// upload uploads a large file and deletes it.
func (g greed) upload() error {
	f, err := g.sendFile(g.material.body())
	if err != nil {
		return err
	}
	return g.c.Do(g.ctx, http.MethodDelete, "/files/"+f.ID, nil, nil)
}

// sendFile uploads a file, without the digests that a client would spend time on.
func (g greed) sendFile(b []byte) (f wire.File, err error) {
	u, err := g.c.BeginUpload(g.ctx, "soup.bin", "", int64(len(b)))
	if err != nil {
		return f, err
	}
	group, ctx := errgroup.WithContext(g.ctx)
	group.SetLimit(partsAtOnce)
	for n := 1; int64(n-1)*u.PartSize < int64(len(b)); n++ {
		part := b[int64(n-1)*u.PartSize:]
		part = part[:min(int64(len(part)), u.PartSize)]
		group.Go(func() error {
			return client.Retry(ctx, func(context.Context) error {
				return g.send(http.MethodPut, fmt.Sprintf("/files/%s/parts/%d", u.File.ID, n), "application/octet-stream", part)
			})
		})
	}
	if err := group.Wait(); err != nil {
		return f, err
	}
	return f, g.c.Do(g.ctx, http.MethodPost, "/files/"+u.File.ID+"/done", wire.FileDone{}, &f)
}

// download downloads a large file.
func (g greed) download() error {
	id, err := g.material.file()
	if err != nil {
		return err
	}
	return g.c.Download(g.ctx, id, io.Discard)
}

// draw uploads a picture that takes long to decode.
func (g greed) draw() error {
	return g.send(http.MethodPost, "/files", g.material.form, g.material.picture())
}

// send sends bytes that are no JSON.
func (g greed) send(method, path, mediaType string, body []byte) error {
	req, err := http.NewRequestWithContext(g.ctx, method, g.url+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+g.token)
	req.Header.Set("Content-Type", mediaType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusBadRequest {
		err = &client.Error{Problem: wire.Problem{Status: resp.StatusCode, Detail: string(b)}}
	}
	return errors.Join(err, resp.Body.Close())
}
