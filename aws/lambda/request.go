package lambda

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// request builds the HTTP request of an event. The gateway has decoded the path except %25, joined repeated headers with
// commas, and moved the cookies elsewhere.
func request(ctx context.Context, e events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	body := e.Body
	if e.IsBase64Encoded {
		b, err := base64.StdEncoding.DecodeString(body)
		if err == nil { // otherwise the routes refuse it: it is no JSON
			body = string(b)
		}
	}
	r, err := http.NewRequestWithContext(ctx, e.RequestContext.HTTP.Method, "/", strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("request of the event: %w", err)
	}
	r.URL = requestURL(e)
	r.RequestURI = r.URL.RequestURI()
	for name, value := range e.Headers {
		r.Header[http.CanonicalHeaderKey(name)] = splitHeader(http.CanonicalHeaderKey(name), value)
	}
	if len(e.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	r.Header.Del("Content-Length") // it is the length of the encoded body; r.ContentLength is right
	return r, nil
}

// requestURL restores path and query. The emoji is the last part of a path with /reactions/, so a slash in it was encoded.
func requestURL(e events.APIGatewayV2HTTPRequest) *url.URL {
	path := e.RawPath
	if stage := e.RequestContext.Stage; stage != "" && stage != "$default" {
		path = "/" + strings.TrimPrefix(strings.TrimPrefix(path, "/"+stage), "/")
	}
	u := &url.URL{Path: strings.ReplaceAll(path, "%25", "%"), RawQuery: e.RawQueryString}
	const reactions = "/reactions/"
	if before, emoji, ok := strings.Cut(u.Path, reactions); ok && strings.HasPrefix(u.Path, "/api/") && strings.Contains(emoji, "/") {
		u.RawPath = (&url.URL{Path: before}).EscapedPath() + reactions + url.PathEscape(emoji)
	}
	return u
}

// splitHeader splits an Authorization header that the gateway joined, so that a repeated one is detected. Other headers stay
// as they are.
func splitHeader(name, value string) []string {
	if name != "Authorization" {
		return []string{value}
	}
	var values []string
	for v := range strings.SplitSeq(value, ",") {
		v = strings.TrimSpace(v)
		if !strings.Contains(v, " ") { // without a scheme it is no header of its own
			return []string{value}
		}
		values = append(values, v)
	}
	return values
}
