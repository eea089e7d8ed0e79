package lambda

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

const (
	minGzip   = 1 << 10        // bytes; below, compression costs more than it saves
	maxPlain  = 1 << 20        // bytes; JSON escaping may double a body, base64 adds a third
	maxAnswer = 6<<20 - 64<<10 // bytes: Lambda's limit less room for headers
)

// recorder is the http.ResponseWriter of one request.
type recorder struct {
	header http.Header
	sent   http.Header // the headers when the status was written
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder { return &recorder{header: http.Header{}} }

// Header implements http.ResponseWriter.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status, r.sent = status, r.header.Clone()
	}
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	if r.status == http.StatusNoContent || r.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	return r.body.Write(b)
}

// response builds the gateway's response. It returns false if the response is too large for Lambda.
func (r *recorder) response(to *http.Request) (events.APIGatewayV2HTTPResponse, bool) {
	r.WriteHeader(http.StatusOK)
	h, body := r.sent, r.body.Bytes()
	if r.status == http.StatusNoContent || r.status == http.StatusNotModified {
		h.Del("Content-Type")
		h.Del("Content-Length")
	}
	compressed := false
	if compressible(h) {
		h.Add("Vary", "Accept-Encoding")
		if len(body) >= minGzip && acceptsGzip(to.Header) {
			if b, err := compress(body); err == nil {
				body, compressed = b, true
				h.Set("Content-Encoding", "gzip")
				h.Del("Content-Length")
			}
		}
	}
	out := events.APIGatewayV2HTTPResponse{StatusCode: r.status, Headers: map[string]string{}, Cookies: h.Values("Set-Cookie")}
	h.Del("Set-Cookie")
	for name, values := range h {
		out.Headers[name] = strings.Join(values, ", ")
	}
	switch {
	case to.Method == http.MethodHead || len(body) == 0:
	case compressed || len(body) > maxPlain || !utf8.Valid(body):
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	default:
		out.Body = string(body)
	}
	return out, len(out.Body) <= maxAnswer
}

// compressible says whether a body of this type shrinks, and is not compressed yet.
func compressible(h http.Header) bool {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && h.Get("Content-Encoding") == "" &&
		(strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "/json") || strings.HasSuffix(kind, "+json") ||
			strings.HasSuffix(kind, "/javascript"))
}

// acceptsGzip parses Accept-Encoding (RFC 9110, 12.5.3).
func acceptsGzip(h http.Header) bool {
	any := false
	for part := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		yes := true
		if weight, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			q, err := strconv.ParseFloat(weight, 64)
			yes = err == nil && q > 0
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip":
			return yes
		case "*":
			any = yes
		}
	}
	return any
}

func compress(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return slices.Clip(out.Bytes()), nil
}
