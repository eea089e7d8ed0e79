package hostile

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// request simulates the distribution and the HTTP API: it turns a request into an event of payload format 2.0.
func (g *Gateway) request(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	source, _, _ := net.SplitHostPort(r.RemoteAddr)
	headers := map[string]string{"x-canteen-origin": Secret, "host": apiID + ".execute-api.us-east-1.amazonaws.com"}
	for name, values := range r.Header {
		if name != "Cookie" {
			headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	headers["x-forwarded-for"] = strings.TrimPrefix(headers["x-forwarded-for"]+","+source+",130.176.0.1", ",")
	e := map[string]any{
		"version": "2.0", "routeKey": "$default", "rawPath": decoded(r.URL.EscapedPath()), "rawQueryString": r.URL.RawQuery,
		"headers": headers,
		"requestContext": map[string]any{
			"stage": "$default", "requestId": fmt.Sprint("request-", g.count.Add(1)), "apiId": apiID,
			"http": map[string]any{
				"method": r.Method, "path": r.URL.Path, "protocol": r.Proto, "sourceIp": "130.176.0.1", "userAgent": r.UserAgent(),
			},
		},
	}
	var cookies []string
	for _, c := range r.Cookies() {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	if cookies != nil {
		e["cookies"] = cookies
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if len(body) > 0 && (kind == "application/json" || strings.HasPrefix(kind, "text/")) {
		e["body"], e["isBase64Encoded"] = string(body), false
	} else if len(body) > 0 {
		e["body"], e["isBase64Encoded"] = base64.StdEncoding.EncodeToString(body), true
	}
	payload, err := json.Marshal(e)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	b, err := g.functions["rest"].invoke(payload, repeatable(r))
	if err != nil {
		http.Error(w, `{"message":"Internal Server Error"}`, http.StatusInternalServerError) // the body that API Gateway sends
		return
	}
	g.answer(w, b)
}

func (g *Gateway) answer(w http.ResponseWriter, b []byte) {
	var a struct {
		StatusCode      int
		Headers         map[string]string
		Cookies         []string
		Body            string
		IsBase64Encoded bool
	}
	if err := json.Unmarshal(b, &a); err != nil || a.StatusCode == 0 {
		g.fault(fmt.Errorf("malformed answer: %s", b))
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	body := []byte(a.Body)
	if a.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(a.Body); err != nil {
			g.fault(fmt.Errorf("a body that is not base64: %w", err))
		}
	}
	for name, v := range a.Headers {
		w.Header().Set(name, v)
	}
	for _, c := range a.Cookies {
		w.Header().Add("Set-Cookie", c)
	}
	w.WriteHeader(a.StatusCode)
	_, _ = w.Write(body) // the client may be gone
}

// decoded is a path as the HTTP API passes it: it decodes all escapes except %25.
func decoded(path string) string {
	parts := strings.Split(path, "%25")
	for i, p := range parts {
		if d, err := url.PathUnescape(p); err == nil {
			parts[i] = d
		}
	}
	return strings.Join(parts, "%25")
}

// repeatable says whether clients repeat a request without an answer: reads, and posts, which have an idempotency key. Only such
// requests may be killed.
func repeatable(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/messages")
}
