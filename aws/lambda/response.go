package lambda

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

const (
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
	out := events.APIGatewayV2HTTPResponse{StatusCode: r.status, Headers: map[string]string{}, Cookies: h.Values("Set-Cookie")}
	h.Del("Set-Cookie")
	for name, values := range h {
		out.Headers[name] = strings.Join(values, ", ")
	}
	switch {
	case to.Method == http.MethodHead || len(body) == 0:
	case len(body) > maxPlain || !utf8.Valid(body):
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	default:
		out.Body = string(body)
	}
	return out, len(out.Body) <= maxAnswer
}
