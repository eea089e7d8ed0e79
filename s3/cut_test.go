package s3

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// cut is a client of HTTP whose process is killed at a request: before it is sent, or, if late, before its answer is there.
type cut struct {
	left int // requests before it
	late bool
	hit  bool
}

var errKilled = errors.New("the process was killed")

// Do implements aws.HTTPClient.
func (c *cut) Do(r *http.Request) (*http.Response, error) {
	if c.left--; c.left >= 0 {
		return http.DefaultClient.Do(r)
	}
	if c.late && !c.hit {
		c.hit = true
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return nil, err
		}
		if err := resp.Body.Close(); err != nil {
			return nil, err
		}
	}
	c.hit = true
	return nil, errKilled
}

// TestPrefixIsCut: at whatever request of a write the process is killed, there is what was there before, or all that was to be written;
// and the same again writes it.
func TestPrefixIsCut(t *testing.T) {
	o := open(t)
	o.Config.RetryMaxAttempts = 1
	prefix := func(client aws.HTTPClient) *Prefix {
		cfg := o.Config
		cfg.HTTPClient = client
		p, err := NewPrefix(cfg, "s3://"+o.Bucket)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	whole := prefix(nil)
	read := func(name string) string {
		f, err := whole.Open(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	put := func(p *Prefix, name, body string) error { return p.Put(t.Context(), name, strings.NewReader(body)) }
	large := strings.Repeat("canteen", piece/7+1)
	for _, c := range []struct {
		body     string
		requests int // of a whole write
		n        int // before which it is killed
		late     bool
	}{
		{"soup", 1, 0, false}, {"soup", 1, 0, true}, {"soup", 1, 1, false},
		{large, 4, 0, false}, {large, 4, 1, true}, {large, 4, 2, false}, {large, 4, 3, false}, {large, 4, 3, true}, // begin, two parts, end
	} {
		dir := fmt.Sprintf("%d-%d-%v", len(c.body), c.n, c.late)
		name, killed := dir+"/a", &cut{left: c.n, late: c.late}
		if err := put(whole, name, "before"); err != nil {
			t.Fatal(err)
		}
		if err := put(prefix(killed), name, c.body); killed.hit != errors.Is(err, errKilled) || !killed.hit && err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		if killed.hit == (c.n == c.requests) {
			t.Errorf("%s: it was killed: %v", dir, killed.hit)
		}
		wrote := c.n == c.requests || c.n == c.requests-1 && c.late
		if got := read(name); wrote != (got == c.body) || !wrote && got != "before" {
			t.Errorf("%s: there are %d bytes", dir, len(got))
		}
		if names, err := whole.List(t.Context(), dir); err != nil || !slices.Equal(names, []string{"a"}) {
			t.Errorf("%s: it holds %q, %v", dir, names, err)
		}
		if c.n != 2 && c.n != 0 {
			continue
		}
		if err := put(whole, name, c.body); err != nil || read(name) != c.body {
			t.Errorf("%s: again: %v", dir, err)
		}
	}
}
