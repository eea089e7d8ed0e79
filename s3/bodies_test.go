package s3

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/internal/awstest"
	"github.com/canteen-chat/canteen/internal/filetest"
)

// open makes a bucket in an emulator, with a front that passes requests on to it as the distribution does. The emulator checks signatures.
func open(t testing.TB) Options {
	t.Helper()
	endpoint := awstest.Start(t, local.Ministack)
	to, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		Config: aws.Config{
			Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		},
		Bucket: awstest.Unique() + "files", Suffix: "amazonaws.com", Clock: time.Now,
	}
	front := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(to)
			p.Out.Host = o.Bucket + ".s3.us-east-1.amazonaws.com"
		},
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0), // of uploads that a test cuts
	})
	t.Cleanup(front.Close)
	o.Public = front.URL
	if _, err := New(o).client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &o.Bucket}); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestContract(t *testing.T) {
	filetest.Run(t, func(t testing.TB) filetest.Home {
		o := open(t)
		return filetest.Home{Bodies: New(o), Again: func() files.Bodies { return New(o) }}
	})
}

// asked sends a request to the front and returns status, headers and body.
func asked(t *testing.T, method, url string, header map[string]string, body string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(got)
}

// TestURL: a signed URL reads one body, by GET, for a minute, with the headers that were asked for.
func TestURL(t *testing.T) {
	o := open(t)
	b, key := New(o), chat.NewID()
	if err := b.Put(t.Context(), key, "image/png", strings.NewReader("0123456789"), 10); err != nil {
		t.Fatal(err)
	}
	as := files.Headers{Type: "text/plain", Disposition: `attachment; filename="a b.txt"; filename*=UTF-8''%C3%A4.txt`}
	to, err := b.URL(t.Context(), key, as)
	if err != nil {
		t.Fatal(err)
	}
	status, header, body := asked(t, "GET", to, map[string]string{"Range": "bytes=2-4"}, "")
	if status != http.StatusPartialContent || body != "234" || header.Get("Content-Type") != as.Type ||
		header.Get("Content-Disposition") != as.Disposition || header.Get("Cache-Control") != "private, max-age=300" {
		t.Errorf("%d %q %v", status, body, header)
	}
	for what, c := range map[string][2]string{
		"HEAD": {"HEAD", to}, "PUT": {"PUT", to}, "DELETE": {"DELETE", to},
		"another type": {"GET", strings.Replace(to, "text%2Fplain", "text%2Fhtml", 1)},
		"another key":  {"GET", strings.Replace(to, key, chat.NewID(), 1)},
		"a later end":  {"GET", strings.Replace(to, "X-Amz-Expires=60", "X-Amz-Expires=61", 1)},
	} {
		if status, _, _ := asked(t, c[0], c[1], nil, ""); status != http.StatusForbidden {
			t.Errorf("%s: %d", what, status)
		}
	}
	o.Clock = func() time.Time { return time.Now().Add(-61 * time.Second) }
	if to, err = New(o).URL(t.Context(), key, as); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := asked(t, "GET", to, nil, ""); status != http.StatusForbidden {
		t.Errorf("after a minute: %d", status)
	}
}

// TestPlace: a signed URL takes one part, with its digest and length, for 15 minutes.
func TestPlace(t *testing.T) {
	o := open(t)
	b := New(o)
	u := files.Upload{ID: chat.NewID(), Size: 10}
	var err error
	if u.Home, err = b.Begin(t.Context(), u.ID, u.Size); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("0123456789"))
	place, err := b.Place(t.Context(), u, 1, sum)
	if err != nil {
		t.Fatal(err)
	}
	other := sha256.Sum256([]byte("9876543210"))
	otherSum := map[string]string{"X-Amz-Checksum-Sha256": base64.StdEncoding.EncodeToString(other[:])}
	for what, c := range map[string]struct {
		url, body string
		header    map[string]string
	}{
		"no digest":      {place.URL, "0123456789", nil},
		"another digest": {place.URL, "9876543210", otherSum},
		"a longer part":  {place.URL, "01234567890", place.Header},
		"a second part":  {strings.Replace(place.URL, "partNumber=1", "partNumber=2", 1), "0123456789", place.Header},
		"the whole body": {strings.Replace(place.URL, "partNumber=1&", "", 1), "0123456789", place.Header},
		"a later end":    {strings.Replace(place.URL, "X-Amz-Expires=900", "X-Amz-Expires=901", 1), "0123456789", place.Header},
		"another upload": {strings.Replace(place.URL, "uploadId=", "uploadId=x", 1), "0123456789", place.Header},
		"another file":   {strings.Replace(place.URL, u.ID, chat.NewID(), 1), "0123456789", place.Header},
	} {
		if status, _, _ := asked(t, "PUT", c.url, c.header, c.body); status != http.StatusForbidden {
			t.Errorf("%s: %d", what, status)
		}
	}
	if _, err := b.Place(t.Context(), u, 1, files.Sum{}); chat.ErrorCode(err) != chat.Invalid {
		t.Errorf("without a digest: %v", err)
	}
	if status, _, answer := asked(t, "PUT", place.URL, place.Header, "0123456789"); status != http.StatusOK {
		t.Errorf("%d %s", status, answer)
	}
	if err := b.Done(t.Context(), u); err != nil {
		t.Error(err)
	}
}

// TestPutLarge: a body of many parts, such as a film without its metadata, needs the memory of one part.
func TestPutLarge(t *testing.T) {
	b, key := New(open(t)), chat.NewID()
	const size = 3*files.PartSize + 5
	body := strings.Repeat("canteen", size/7+1)[:size]
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := b.Put(t.Context(), key, "video/mp4", onlyReader{strings.NewReader(body)}, size); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 2*files.PartSize {
		t.Errorf("%d MB were allocated", used>>20)
	}
	r, err := b.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil || string(got) != body {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := b.Put(t.Context(), key, "video/mp4", onlyReader{strings.NewReader(body[1:])}, size); err == nil {
		t.Error("a body that is too short is taken")
	}
	left, err := b.client.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &b.o.Bucket})
	if err != nil || len(left.Uploads) > 0 {
		t.Errorf("%d uploads are left, %v", len(left.Uploads), err)
	}
}

type onlyReader struct{ io.Reader }

// TestReplacedMeanwhile: a reader does not mix a body with the one that replaced it.
func TestReplacedMeanwhile(t *testing.T) {
	b, key := New(open(t)), chat.NewID()
	put := func(body string) {
		if err := b.Put(t.Context(), key, "text/plain", strings.NewReader(body), int64(len(body))); err != nil {
			t.Fatal(err)
		}
	}
	put("first")
	r, err := b.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	put("other")
	if got, err := io.ReadAll(r); err == nil {
		t.Errorf("read %q", got)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
