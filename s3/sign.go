package s3

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	writeWithin = 15 * time.Minute
	readWithin  = time.Minute
	cached      = "private, max-age=300" // as the server of one machine says
)

// sign makes a URL that performs one request without further authorization: query parameters of AWS Signature Version 4 (Amazon S3 API
// Reference, "Authenticating Requests: Using Query Parameters"). It is signed for the host of the bucket, which the distribution asks, and
// begins with the public one, which clients know. signed are the headers that the request must have; the length is among them without being
// returned, since every HTTP client sends it.
func (b *Bodies) sign(ctx context.Context, method, key string, within time.Duration, header map[string]string, length int64,
	query map[string]string) (to string, signed map[string]string, err error) {
	values := url.Values{"X-Amz-Expires": {strconv.Itoa(int(within / time.Second))}}
	for name, value := range query {
		if value != "" {
			values.Set(name, value)
		}
	}
	host := fmt.Sprintf("%s.s3.%s.%s", b.o.Bucket, b.o.Config.Region, b.o.Suffix)
	req, err := http.NewRequestWithContext(ctx, method, "https://"+host+"/"+folder+key+"?"+values.Encode(), nil)
	if err != nil {
		return "", nil, err
	}
	req.ContentLength = length
	for name, value := range header {
		req.Header.Set(name, value)
	}
	who, err := b.o.Config.Credentials.Retrieve(ctx)
	if err != nil {
		return "", nil, fmt.Errorf("credentials for S3: %w", err)
	}
	to, _, err = b.signer.PresignHTTP(ctx, who, req, "UNSIGNED-PAYLOAD", "s3", b.o.Config.Region, b.o.Clock())
	if err != nil {
		return "", nil, fmt.Errorf("sign a URL of S3: %w", err)
	}
	u, err := url.Parse(to)
	if err != nil {
		return "", nil, err
	}
	return b.o.Public + u.Path + "?" + u.RawQuery, header, nil
}
