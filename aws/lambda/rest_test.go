package lambda

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/origin"
	"github.com/canteen-chat/canteen/rest"
	"github.com/canteen-chat/canteen/wire"
)

const publicURL, secret = "https://chat.example.com", "behind the distribution"

func public() origin.Origin { return origin.Origin{Scheme: "https", Host: "chat.example.com"} }

// newTestREST returns a REST with a handler, and the lines of its metrics.
func newTestREST(t *testing.T, h http.Handler) (*REST, *bytes.Buffer) {
	t.Helper()
	door, err := NewDoor(public(), secret)
	if err != nil {
		t.Fatal(err)
	}
	lines := &bytes.Buffer{}
	clock := func() time.Time { return time.UnixMilli(1_795_770_000_123) }
	return &REST{door, h, NewMetrics(lines, "Canteen", "canteen", clock), slog.New(slog.NewTextHandler(io.Discard, nil))}, lines
}

// get returns the event of a plain GET with the origin secret.
func get(path string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RawPath: path, Headers: map[string]string{"x-canteen-origin": secret,
			"host": "abc.execute-api.eu-central-1.amazonaws.com"},
	}
	e.RequestContext.Stage, e.RequestContext.RequestID = "$default", "req-1"
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.SourceIP = http.MethodGet, "130.176.0.1"
	return e
}

func invoke(t *testing.T, h *REST, e events.APIGatewayV2HTTPRequest) events.APIGatewayV2HTTPResponse {
	t.Helper()
	return answerOf[events.APIGatewayV2HTTPResponse](t, h, e)
}

// answerOf invokes a function with an event and decodes its answer.
func answerOf[T any](t *testing.T, h interface {
	Invoke(context.Context, []byte) ([]byte, error)
}, event any) (out T) {
	t.Helper()
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.Invoke(t.Context(), payload)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRequests(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*events.APIGatewayV2HTTPRequest)
		check  func(*http.Request, string) bool
	}{
		"path and query": {func(e *events.APIGatewayV2HTTPRequest) {
			e.RawPath, e.RawQueryString = "/api/v1/rooms", "q=a%20b&browse=true"
		},
			func(r *http.Request, _ string) bool {
				return r.URL.Path == "/api/v1/rooms" && r.URL.Query().Get("q") == "a b" &&
					r.RequestURI == "/api/v1/rooms?q=a%20b&browse=true"
			}},
		"the host is the public one": {func(*events.APIGatewayV2HTTPRequest) {},
			func(r *http.Request, _ string) bool { return r.Host == "chat.example.com" }},
		"the secret goes no further": {func(*events.APIGatewayV2HTTPRequest) {},
			func(r *http.Request, _ string) bool { return len(r.Header[originHeader]) == 0 }},
		"the viewer's address": {func(e *events.APIGatewayV2HTTPRequest) {
			e.Headers["x-forwarded-for"] = "6.6.6.6, 198.51.100.7, 130.176.0.1"
		},
			func(r *http.Request, _ string) bool {
				return r.RemoteAddr == "198.51.100.7:0" && r.Header.Get("X-Forwarded-For") == ""
			}},
		"the viewer's address of six": {func(e *events.APIGatewayV2HTTPRequest) { e.Headers["x-forwarded-for"] = "2001:db8::7" },
			func(r *http.Request, _ string) bool { return r.RemoteAddr == "[2001:db8::7]:0" }},
		"a forged viewer address": {func(e *events.APIGatewayV2HTTPRequest) {
			e.Headers["x-forwarded-for"], e.Headers["cloudfront-viewer-address"] = "198.51.100.7", "6.6.6.6:1"
		}, func(r *http.Request, _ string) bool { return r.RemoteAddr == "198.51.100.7:0" }},
		"a viewer address alone": {func(e *events.APIGatewayV2HTTPRequest) { e.Headers["cloudfront-viewer-address"] = "2001:db8::7:443" },
			func(r *http.Request, _ string) bool { return r.RemoteAddr == "[2001:db8::7]:0" }},
		"no address": {func(*events.APIGatewayV2HTTPRequest) {},
			func(r *http.Request, _ string) bool { return r.RemoteAddr == "130.176.0.1:0" }},
		"cookies": {func(e *events.APIGatewayV2HTTPRequest) { e.Cookies = []string{"a=1", "__Host-canteen=x"} },
			func(r *http.Request, _ string) bool {
				c, err := r.Cookie("__Host-canteen")
				return err == nil && c.Value == "x" && len(r.Cookies()) == 2
			}},
		"a body": {func(e *events.APIGatewayV2HTTPRequest) {
			e.RequestContext.HTTP.Method, e.Body = http.MethodPost, `{"text":"é"}`
		},
			func(r *http.Request, body string) bool { return body == `{"text":"é"}` && r.ContentLength == 13 }},
		"a body in base64": {func(e *events.APIGatewayV2HTTPRequest) {
			e.RequestContext.HTTP.Method, e.Body, e.IsBase64Encoded = http.MethodPost,
				base64.StdEncoding.EncodeToString([]byte("\xff\x00")), true
		}, func(r *http.Request, body string) bool { return body == "\xff\x00" && r.ContentLength == 2 }},
		"a body in broken base64": {func(e *events.APIGatewayV2HTTPRequest) {
			e.RequestContext.HTTP.Method, e.Body, e.IsBase64Encoded = http.MethodPost, "{}", true
		}, func(_ *http.Request, body string) bool { return body == "{}" }},
		"two Authorization headers": {func(e *events.APIGatewayV2HTTPRequest) { e.Headers["authorization"] = "Bearer a,Bearer b" },
			func(r *http.Request, _ string) bool { return len(r.Header["Authorization"]) == 2 }},
		"one with a comma": {func(e *events.APIGatewayV2HTTPRequest) { e.Headers["authorization"] = "Bearer a,b" },
			func(r *http.Request, _ string) bool { return len(r.Header["Authorization"]) == 1 }},
		"a stage": {func(e *events.APIGatewayV2HTTPRequest) { e.RequestContext.Stage, e.RawPath = "prod", "/prod/api/v1/me" },
			func(r *http.Request, _ string) bool { return r.URL.Path == "/api/v1/me" }},
	} {
		asked := false
		h, _ := newTestREST(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			asked = true
			body, err := io.ReadAll(r.Body)
			if err != nil || !c.check(r, string(body)) {
				t.Errorf("%s: %v %s %q %v, from %s, %q", what, r.Method, r.URL, r.RequestURI, r.Header, r.RemoteAddr, body)
			}
		}))
		e := get("/")
		c.change(&e)
		if invoke(t, h, e); !asked {
			t.Errorf("%s: the handler was not asked", what)
		}
	}
}

// The gateway decodes paths except %25, however the client encoded them; the handler must match the original path.
func TestEmojiInPaths(t *testing.T) {
	for raw, want := range map[string]string{ // path from the gateway → emoji
		"#️⃣": "#️⃣", "❤️": "❤️", "👩‍👩‍👧": "👩‍👩‍👧", ":canteen:": ":canteen:", "%25": "%", "a/b": "a/b", "%2541": "%41",
		"?": "?", "a b": "a b", "..": "..",
	} {
		var got string
		mux := http.NewServeMux()
		mux.HandleFunc("GET /api/v1/rooms/{room}/messages/{seq}/reactions/{emoji}",
			func(_ http.ResponseWriter, r *http.Request) { got = r.PathValue("emoji") })
		h, _ := newTestREST(t, mux)
		out := invoke(t, h, get("/api/v1/rooms/aaaaaaaaaaaa/messages/1/reactions/"+raw))
		if raw == ".." { // never a parent path
			if out.StatusCode == http.StatusOK {
				t.Errorf("%q: %d", raw, out.StatusCode)
			}
			continue
		}
		if got != want {
			t.Errorf("%q came as %q, want %q; %d", raw, got, want, out.StatusCode)
		}
	}
}

func TestResponses(t *testing.T) {
	long := strings.Repeat("soup ", 1000)
	answer := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
			http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
			w.Header().Add("Vary", "Origin")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			w.Header().Set("X-Late", "1")
		}
	}
	for what, c := range map[string]struct {
		handler http.HandlerFunc
		status  int
		body    string
	}{
		"short":          {answer(200, "application/json", `{}`), 200, `{}`},
		"long":           {answer(201, "application/json", long), 201, long},
		"a long problem": {answer(400, "application/problem+json", long), 400, long},
		"bytes":          {answer(200, "image/png", "\x89PNG\xff"), 200, "\x89PNG\xff"},
		"packed":         {answer(200, "application/json", "\x1f\x8b\x08\x00"), 200, "\x1f\x8b\x08\x00"},
		"no content":     {answer(204, "application/json", "x"), 204, ""},
		"not modified":   {answer(304, "application/json", "x"), 304, ""},
		"nothing said":   {func(http.ResponseWriter, *http.Request) {}, 200, ""},
	} {
		h, _ := newTestREST(t, c.handler)
		out := invoke(t, h, get("/api/v1/me"))
		body := []byte(out.Body)
		if out.IsBase64Encoded {
			body, _ = base64.StdEncoding.DecodeString(out.Body)
		}
		if out.StatusCode != c.status || string(body) != c.body || out.Headers["X-Late"] != "" {
			t.Errorf("%s: %d %.50q %v", what, out.StatusCode, body, out.Headers)
		}
		if _, set := out.Headers["Set-Cookie"]; what != "nothing said" && (set || !slices.Equal(out.Cookies, []string{"a=1", "b=2"})) {
			t.Errorf("%s: cookies %v", what, out.Cookies)
		}
		if (c.status == 204 || c.status == 304) && out.Headers["Content-Type"] != "" {
			t.Errorf("%s: %v", what, out.Headers)
		}
	}
}

func TestAnswerBeyondLambda(t *testing.T) {
	h, lines := newTestREST(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(make([]byte, maxAnswer))
	}))
	if out := invoke(t, h, get("/api/v1/me")); out.StatusCode != http.StatusInternalServerError ||
		!strings.Contains(out.Body, `"code":"internal"`) {
		t.Errorf("%d %.100s", out.StatusCode, out.Body)
	}
	if !strings.Contains(lines.String(), `"Errors5xx":1`) {
		t.Errorf("no 5xx is counted: %s", lines)
	}
}

func TestOriginSecret(t *testing.T) {
	for _, c := range []string{"", "wrong", secret + "x", secret + "," + secret} {
		h, _ := newTestREST(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Errorf("%q came through", c) }))
		e := get("/api/v1/me")
		e.Headers["x-canteen-origin"] = c
		if c == "" {
			delete(e.Headers, "x-canteen-origin")
		}
		e.Headers["x-forwarded-for"] = "6.6.6.6"
		out := invoke(t, h, e)
		var p wire.Problem
		if err := json.Unmarshal([]byte(out.Body), &p); err != nil || out.StatusCode != http.StatusForbidden ||
			p.Code != "forbidden" || p.RequestID != "req-1" || out.Headers["Content-Type"] != wire.ProblemType {
			t.Errorf("%q: %d %s %v", c, out.StatusCode, out.Body, err)
		}
	}
	if _, err := NewDoor(public(), ""); err == nil {
		t.Error("no secret makes a door")
	}
}

// The handler's deadline leaves time to answer that it took too long.
func TestDeadline(t *testing.T) {
	h, _ := newTestREST(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		rest.Fail(w, r, r.Context().Err())
	}))
	payload, _ := json.Marshal(get("/api/v1/me"))
	ctx, stop := context.WithTimeout(t.Context(), deadlineMargin+50*time.Millisecond)
	defer stop()
	b, err := h.Invoke(ctx, payload)
	if err != nil || ctx.Err() != nil || !bytes.Contains(b, []byte(`"statusCode":503`)) {
		t.Errorf("%s %v, over %v", b, err, ctx.Err())
	}
}

func TestMetricsOfRequests(t *testing.T) {
	for _, c := range []struct {
		path           string
		status         int
		want, unwanted string
	}{
		{"/api/v1/me", 200, `"Errors4xx":0,"Errors5xx":0`, "GapFetches"},
		{"/api/v1/me", 404, `"Errors4xx":1,"Errors5xx":0`, "GapFetches"},
		{"/api/v1/me", 500, `"Errors4xx":0,"Errors5xx":1`, "GapFetches"},
		{"/api/v1/rooms/aaaaaaaaaaaa/changes", 200, `"GapFetches":1`, "aaaaaaaaaaaa"},
	} {
		h, lines := newTestREST(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(c.status) }))
		invoke(t, h, get(c.path))
		if !strings.Contains(lines.String(), c.want) || strings.Contains(lines.String(), c.unwanted) ||
			strings.Contains(lines.String(), secret) {
			t.Errorf("%s %d: %s", c.path, c.status, lines)
		}
	}
}

// TestEMF checks a line against CloudWatch's embedded metric format: each declared metric has a value, in a namespace with
// one dimension, which has a value too; at most 100 values, at most 12 metrics.
func TestEMF(t *testing.T) {
	lines := &bytes.Buffer{}
	m := NewMetrics(lines, "Canteen", "canteen", func() time.Time { return time.UnixMilli(1_795_770_000_123) })
	m.write(map[string]any{"request": "a\n{\"b\"}"}, newMetric("Latency", milliseconds, 1.5),
		newMetric("CommitToPush", milliseconds, make([]float64, 250)...), metric{}, flag("Probe", true))
	if strings.Count(lines.String(), "\n") != 1 {
		t.Fatalf("more than one line: %s", lines)
	}
	var line struct {
		AWS struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	var all map[string]any
	if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(lines.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	d := line.AWS.CloudWatchMetrics[0]
	if line.AWS.Timestamp != 1_795_770_000_123 || d.Namespace != "Canteen" || len(d.Dimensions) != 1 ||
		!slices.Equal(d.Dimensions[0], []string{"Stack"}) || all["Stack"] != "canteen" {
		t.Errorf("%s", lines)
	}
	names := []string{}
	for _, m := range d.Metrics {
		names = append(names, m.Name)
		if vs, many := all[m.Name].([]any); many && len(vs) > maxValues || all[m.Name] == nil || m.Unit == "" {
			t.Errorf("%s: %v", m.Name, all[m.Name])
		}
	}
	if !slices.Equal(names, []string{"Latency", "CommitToPush", "Probe"}) {
		t.Errorf("%v of %v", names, slices.Collect(maps.Keys(all)))
	}
}

// TestTheAPIBehindEvents runs the real handler behind events: sign-in by cookie, a reaction with an emoji that needs
// encoding, two Authorization headers, a foreign page.
func TestTheAPIBehindEvents(t *testing.T) {
	lines, ask, signedIn, messages := workspace(t)
	post := `{"client_id":"7d444840-9dc0-11d1-b245-5ffdce74fad2","text":"soup"}`
	if out := ask("POST", messages, post, signedIn); out.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", out.StatusCode, out.Body)
	}
	for emoji, status := range map[string]int{"#️⃣": 200, "❤": 200, "%25": 400, "a/b": 400, "👍🏽": 200} {
		if out := ask("PUT", messages+"/1/reactions/"+emoji, "", signedIn); out.StatusCode != status {
			t.Errorf("%s: %d %s, want %d", emoji, out.StatusCode, out.Body, status)
		}
	}
	for what, c := range map[string]struct {
		change func(*events.APIGatewayV2HTTPRequest)
		status int
	}{
		"two Authorization headers": {func(e *events.APIGatewayV2HTTPRequest) { e.Headers["authorization"] = "Bearer a,Bearer b" }, 400},
		"a foreign page": {func(e *events.APIGatewayV2HTTPRequest) {
			signedIn(e)
			e.RequestContext.HTTP.Method, e.Headers["origin"] = "DELETE", "https://evil.example"
		}, 403},
		"nobody": {func(e *events.APIGatewayV2HTTPRequest) {}, 401},
		"a page": {func(e *events.APIGatewayV2HTTPRequest) { e.RawPath = "/index.html" }, 404},
	} {
		if out := ask("GET", "/api/v1/rooms", "", c.change); out.StatusCode != c.status || out.Headers["Content-Type"] != wire.ProblemType {
			t.Errorf("%s: %d %s, want %d", what, out.StatusCode, out.Body, c.status)
		}
	}
	if out := ask("GET", "/readyz", "", nil); out.StatusCode != http.StatusOK {
		t.Errorf("readyz: %d", out.StatusCode)
	}
	for _, route := range []string{"POST /api/v1/rooms/{room}/messages", "PUT /api/v1/rooms/{room}/messages/{seq}/reactions/{emoji}", "GET /readyz"} {
		if !strings.Contains(lines.String(), fmt.Sprintf(`"route":%q`, route)) {
			t.Errorf("no line has the route %s", route)
		}
	}
}

type asking func(method, path, body string, change func(*events.APIGatewayV2HTTPRequest)) events.APIGatewayV2HTTPResponse

// workspace returns the real handler behind events with its lines of metrics, a signed-in owner, and the path of a room's messages.
func workspace(t *testing.T) (lines *bytes.Buffer, ask asking, signedIn func(*events.APIGatewayV2HTTPRequest), messages string) {
	t.Helper()
	clock := chat.Clock(time.Now)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	rules := chat.New(chat.Options{
		Store: model.New(nil), Hasher: plain{}, Limiter: limit.None{}, Live: silent{}, Tickets: &limit.Tickets{}, Clock: clock, Log: log,
		Setup: func(context.Context) (chat.SecretHash, error) { return chat.HashSecret("first"), nil },
	})
	api, err := rest.New(rules, rest.Options{Access: rest.NewAccess(rules, public(), nil), Socket: NoPages(), Web: NoPages(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	h, lines := newTestREST(t, api)
	ask = func(method, path, body string, change func(*events.APIGatewayV2HTTPRequest)) events.APIGatewayV2HTTPResponse {
		e := get(path)
		e.RequestContext.HTTP.Method, e.Body = method, body
		e.Headers["content-type"], e.Headers["origin"] = "application/json", publicURL
		if change != nil {
			change(&e)
		}
		return invoke(t, h, e)
	}
	made := ask("POST", "/api/v1/setup",
		`{"token":"first","workspace":"Canteen","name":"Ada","handle":"ada","email":"ada@example.com","password":"a quiet place to eat"}`, nil)
	if made.StatusCode != http.StatusCreated || len(made.Cookies) != 2 || !strings.HasPrefix(made.Cookies[0], "__Host-canteen=") ||
		!strings.HasPrefix(made.Cookies[1], "__Host-canteen-device=") {
		t.Fatalf("%d %s %v", made.StatusCode, made.Body, made.Cookies)
	}
	cookie, _, _ := strings.Cut(made.Cookies[0], ";")
	signedIn = func(e *events.APIGatewayV2HTTPRequest) { e.Cookies = []string{cookie} }
	var rooms wire.MyRooms
	if out := ask("GET", "/api/v1/rooms", "", signedIn); json.Unmarshal([]byte(out.Body), &rooms) != nil || len(rooms.Rooms) != 1 {
		t.Fatalf("%d %s", out.StatusCode, out.Body)
	}
	messages = "/api/v1/rooms/" + rooms.Rooms[0].ID + "/messages"
	return lines, ask, signedIn, messages
}

// The largest pages fit into what Lambda can answer, with gzip and without.
func TestLargePages(t *testing.T) {
	_, ask, signedIn, messages := workspace(t)
	text := strings.Repeat(`"🎉`, 10_000)
	for i := range 120 {
		body := fmt.Sprintf(`{"client_id":"00000000-0000-4000-8000-%012d","text":%q}`, i, text)
		if out := ask("POST", messages, body, signedIn); out.StatusCode != http.StatusCreated {
			t.Fatalf("%d %.200s", out.StatusCode, out.Body)
		}
	}
	get := func(path, query string, to any) {
		t.Helper()
		out := ask("GET", path, "", func(e *events.APIGatewayV2HTTPRequest) { signedIn(e); e.RawQueryString = query })
		body := []byte(out.Body)
		if out.IsBase64Encoded {
			body, _ = base64.StdEncoding.DecodeString(out.Body)
		}
		if err := json.Unmarshal(body, to); err != nil || out.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %.200s %v", query, out.StatusCode, body, err)
		}
	}
	for query, c := range map[string]struct {
		holds         int64
		before, after bool
	}{"limit=200": {120, true, false}, "before=100&limit=200": {99, true, true}, "after=0&limit=200": {1, false, true},
		"around=60&limit=200": {60, true, true}} {
		var p wire.Page
		get(messages, query, &p)
		seqs := []int64{}
		for i, m := range p.Messages {
			if seqs = append(seqs, m.Seq); i > 0 && m.Seq != seqs[i-1]+1 {
				t.Errorf("%s: %v", query, seqs)
			}
		}
		if !slices.Contains(seqs, c.holds) || len(seqs) < chat.PageBytes/len(text) || p.MoreBefore != c.before || p.MoreAfter != c.after {
			t.Errorf("%s: %v, more before %v, after %v", query, seqs, p.MoreBefore, p.MoreAfter)
		}
	}
	rev, parts := int64(0), 0
	for more := true; more; parts++ {
		var c wire.Changes
		get(strings.TrimSuffix(messages, "/messages")+"/changes", fmt.Sprint("since=", rev), &c)
		for _, m := range c.Messages {
			if rev++; m.Rev != rev {
				t.Fatalf("revision %d after %d", m.Rev, rev-1)
			}
		}
		if more = c.More; c.Next != rev || c.Head != 120 {
			t.Fatalf("next %d, head %d after %d", c.Next, c.Head, rev)
		}
	}
	if rev != 120 || parts < 3 {
		t.Errorf("%d changes in %d parts", rev, parts)
	}
}

type silent struct{}

func (silent) Deliver([]chat.Announcement) {}

type plain struct{}

func (plain) Hash(_ context.Context, _, p string) (string, error)    { return p, nil }
func (plain) Verify(_ context.Context, _, h, p string) (bool, error) { return h == p && h != "", nil }
func (plain) Weak(string, ...string) string                          { return "" }
