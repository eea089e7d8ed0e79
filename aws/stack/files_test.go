package stack

import (
	"crypto/sha256"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
	bodies "github.com/canteen-chat/canteen/s3"
)

// answer is what the front answers to a request for a body.
func (w *world) answer(method, url, body string, header map[string]string) (int, http.Header, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(got)
}

// TestFiles: parts go into the bucket and bodies come out of it through the distribution, by signed URLs alone, as harmless bodies. The
// bucket outlives the stack, and --delete-data deletes it.
func TestFiles(t *testing.T) {
	w := newWorld(t, "Filing")
	w.must(Deploy)
	c := w.cloud()
	bucket := c.FilesBucket("Filing")
	b := bodies.New(bodies.Options{Config: c.Config, Bucket: bucket, Suffix: "amazonaws.com", Public: *w.o.PublicURL, Clock: time.Now})
	u := files.Upload{ID: chat.NewID(), Size: 5}
	var err error
	if u.Home, err = b.Begin(t.Context(), u.ID, u.Size); err != nil {
		t.Fatal(err)
	}
	place, err := b.Place(t.Context(), u, 1, sha256.Sum256([]byte("hello")))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range []map[string]string{{"X-Amz-Checksum-Sha256": "x"}, nil} {
		if status, _, _ := w.answer(http.MethodPut, place.URL, "hello", header); status != http.StatusForbidden {
			t.Errorf("a part with another digest: %d", status)
		}
	}
	// S3 refuses a request with two kinds of authorization, and cookies are none of its business.
	place.Header["Authorization"], place.Header["Cookie"] = "Bearer x", "session=x"
	if status, _, text := w.answer(http.MethodPut, place.URL, "hello", place.Header); status != http.StatusOK {
		t.Errorf("a part: %d %s", status, text)
	}
	if err := b.Done(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	url, err := b.URL(t.Context(), u.ID, files.Headers{Type: "image/png", Disposition: "inline"})
	if err != nil {
		t.Fatal(err)
	}
	status, header, text := w.answer(http.MethodGet, url, "", map[string]string{"Range": "bytes=1-2"})
	if status != http.StatusPartialContent || text != "el" || header.Get("Content-Type") != "image/png" ||
		header.Get("Content-Security-Policy") != "sandbox; default-src 'none'" || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %q %v", status, text, header)
	}
	forged := strings.Replace(url, "Signature=", "Signature=0", 1)
	if status, _, _ := w.answer(http.MethodGet, forged, "", nil); status != http.StatusForbidden {
		t.Errorf("with another signature: %d", status)
	}
	rules, err := c.s3.GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: &bucket})
	if err != nil || len(rules.Rules) != 1 || sdk.ToInt32(rules.Rules[0].AbortIncompleteMultipartUpload.DaysAfterInitiation) != 1 {
		t.Errorf("uploads that nobody finishes stay: %v", err)
	}
	holds := func(want int) {
		t.Helper()
		if left, err := c.objects(t.Context(), bucket); err != nil || len(left) != want {
			t.Errorf("the bucket holds %v, %v", left, err)
		}
	}
	w.must(Destroy, "and the files in the bucket filing-files-")
	holds(1)
	w.must(Deploy)
	holds(1)
	w.o.Data = true
	w.must(Destroy, "and none of the files")
	holds(0)
	if _, err := c.s3.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: &bucket}); err == nil {
		t.Error("the bucket is still there")
	}
}
