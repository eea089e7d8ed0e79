package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/origin"
	"github.com/canteen-chat/canteen/wire"
)

const (
	causeText  = "disk sda1, table message" // the cause of an error; no client may see it
	publicText = "Ask somebody else."       // a message that clients show
)

var errCause = errors.New(causeText)

// errorCase is an error of package chat, and the answer and log line that it must lead to.
type errorCase struct {
	name   string
	err    error
	code   chat.Code
	detail string
	field  string
	retry  string // Retry-After; "": no such header
	level  string // level of the log line with the cause; "": no line
}

const (
	unknownFault = "Something went wrong here. Whoever runs Canteen finds the cause by the request id "
	cancelled    = "The request was cancelled."
	tookTooLong  = "The request took too long."
)

func errorCases() []errorCase {
	rows := []errorCase{
		{"with a field", chat.InvalidField("text", "Too long."), chat.Invalid, "Too long.", "text", "", ""},
		{"with a cause", &chat.Error{Code: chat.Forbidden, Message: publicText, Err: errCause}, chat.Forbidden, publicText, "", "", "WARN"},
		{"wrapped", fmt.Errorf("%s: %w", causeText, chat.Errorf(chat.Gone, "%s", publicText)), chat.Gone, publicText, "", "", ""},
		{"another package's error", errCause, chat.Internal, unknownFault, "", "", "ERROR"},
		{"internal", &chat.Error{Code: chat.Internal, Message: causeText, Err: errCause}, chat.Internal, unknownFault, "", "", "ERROR"},
		{"an unknown code", &chat.Error{Code: "odd", Message: causeText, Err: errCause}, chat.Internal,
			unknownFault, "", "", "ERROR"},
		{"ErrStale from package chat", fmt.Errorf("%w: %s", chat.ErrStale, causeText), chat.Internal, unknownFault, "", "", "ERROR"},
		{"the store is unavailable", chat.ErrUnavailable(errCause), chat.Unavailable,
			"Canteen cannot save anything right now. Try again.", "", "1", "WARN"},
		{"the client is gone", fmt.Errorf("%s: %w", causeText, context.Canceled), chat.Unavailable, cancelled, "", "", ""},
		{"the client is gone, as the store reports it", &chat.Error{Code: chat.Internal, Message: causeText, Err: context.Canceled},
			chat.Unavailable, cancelled, "", "", ""},
		{"out of time", fmt.Errorf("%s: %w", causeText, context.DeadlineExceeded), chat.Unavailable, tookTooLong, "", "", ""},
		{"wait 90 s", later(chat.RateLimited, 90*time.Second), chat.RateLimited, publicText, "", "90", ""},
		{"wait 1.001 s", later(chat.RateLimited, 1001*time.Millisecond), chat.RateLimited, publicText, "", "2", ""},
		{"wait 1 ms", later(chat.Unavailable, time.Millisecond), chat.Unavailable, publicText, "", "1", ""},
	}
	for _, c := range []chat.Code{
		chat.Invalid, chat.Unauthenticated, chat.Forbidden, chat.NotFound, chat.MethodNotAllowed, chat.Conflict, chat.Gone, chat.TooLarge,
		chat.UnsupportedMedia, chat.RateLimited, chat.Unavailable, chat.Timeout, chat.Misdirected,
	} {
		rows = append(rows, errorCase{"plainly " + string(c), chat.Errorf(c, "%s", publicText), c, publicText, "", "", ""})
	}
	return rows
}

func later(code chat.Code, wait time.Duration) error {
	return &chat.Error{Code: code, Message: publicText, RetryAfter: wait}
}

// statuses are the HTTP statuses of the error codes, as docs/api.md lists them.
var statuses = map[chat.Code]int{
	chat.Invalid: 400, chat.Unauthenticated: 401, chat.Forbidden: 403, chat.NotFound: 404, chat.MethodNotAllowed: 405,
	chat.Timeout: 408, chat.Conflict: 409, chat.Gone: 410, chat.TooLarge: 413, chat.UnsupportedMedia: 415,
	chat.Misdirected: 421, chat.RateLimited: 429, chat.Internal: 500, chat.Unavailable: 503,
}

// failingHandler makes a handler whose two routes fail, and returns its log. One route is in the API description, the other is not.
func failingHandler(fail func() error) (*Handler, *bytes.Buffer) {
	log := &bytes.Buffer{}
	h := &Handler{
		mux: http.NewServeMux(), cross: http.NewCrossOriginProtection(), open: map[string]bool{"GET /api/v1/described": true},
		o: Options{
			Access: NewAccess(nil, origin.Origin{Scheme: "https", Host: "example.com"}, nil),
			Log:    slog.New(slog.NewJSONHandler(log, nil)),
			Meter:  noMeter{},
		},
	}
	cfg := huma.DefaultConfig("Canteen", "1")
	cfg.CreateHooks = nil // no $schema in bodies, as in routes
	add(h, humago.New(guarded{h}, cfg), huma.Operation{Method: http.MethodGet, Path: "/api/v1/described"},
		func(context.Context, chat.Actor, *none) (*none, error) { return nil, fail() })
	h.extra("GET /api/v1/beside", func(w http.ResponseWriter, r *http.Request) { h.fail(w, r, fail()) })
	return h, log
}

// TestErrorsBecomeProblems: each error becomes its status and problem document, inside and outside the described API. Internal causes
// are logged with the request id that the client gets, and are not shown to the client.
func TestErrorsBecomeProblems(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range errorCases() {
		seen[string(c.code)] = true
		for _, path := range []string{"/api/v1/described", "/api/v1/beside"} {
			h, log := failingHandler(func() error { return c.err })
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			p := problemIn(t, w)
			detail := c.detail
			if detail == unknownFault {
				detail += p.RequestID + "."
			}
			want := wire.Problem{
				Type: "about:blank", Title: http.StatusText(statuses[c.code]), Status: statuses[c.code],
				Detail: detail, Code: string(c.code), Field: c.field, RequestID: p.RequestID,
			}
			if w.Code != statuses[c.code] || p != want || len(p.RequestID) < 16 {
				t.Errorf("%s: %s: %d %+v\nwant %d %+v", path, c.name, w.Code, p, statuses[c.code], want)
			}
			if got := strings.Join(w.Header().Values("Retry-After"), ","); got != c.retry {
				t.Errorf("%s: %s: Retry-After %q, want %q", path, c.name, got, c.retry)
			}
			checkLog(t, path+": "+c.name, log.Bytes(), c.level, p.RequestID)
		}
	}
	for _, code := range problemCodes(t) {
		if !seen[code] || statuses[chat.Code(code)] == 0 {
			t.Errorf("the code %q has no row", code)
		}
	}
	if len(problemCodes(t)) != len(statuses) {
		t.Errorf("the description knows %v, the table has %d codes", problemCodes(t), len(statuses))
	}
}

// problemIn decodes an answer, which must be one problem document that is not cached and shows no internal cause.
func problemIn(t *testing.T, w *httptest.ResponseRecorder) wire.Problem {
	t.Helper()
	kind, keep := w.Header().Get("Content-Type"), w.Header().Get("Cache-Control")
	if kind != "application/problem+json" || keep != "no-store" {
		t.Errorf("Content-Type %q, Cache-Control %q", kind, keep)
	}
	for name, values := range w.Header() {
		if strings.Contains(strings.Join(values, ","), causeText) {
			t.Errorf("the header %s shows the cause: %q", name, values)
		}
	}
	if strings.Contains(w.Body.String(), causeText) || strings.Contains(w.Body.String(), "goroutine") {
		t.Errorf("the body shows the cause: %s", w.Body)
	}
	var p wire.Problem
	d := json.NewDecoder(w.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil || d.More() {
		t.Errorf("no problem document: %v", err)
	}
	return p
}

// checkLog checks that the log is one line of the level, with the cause and the request's id. For level "" it must be empty.
func checkLog(t *testing.T, what string, log []byte, level, id string) {
	t.Helper()
	if level == "" {
		if len(log) > 0 {
			t.Errorf("%s: logged %s", what, log)
		}
		return
	}
	var line struct{ Level, Request string }
	if err := json.Unmarshal(log, &line); err != nil || line.Level != level || line.Request != id ||
		!bytes.Contains(log, []byte(causeText)) {
		t.Errorf("%s: logged %s (%v), want the cause at %s for request %s", what, log, err, level, id)
	}
}

// problemCodes returns the error codes in the API description.
func problemCodes(t *testing.T) []string {
	t.Helper()
	f, ok := reflect.TypeFor[wire.Problem]().FieldByName("Code")
	if !ok {
		t.Fatal("a problem has no code")
	}
	return strings.Split(f.Tag.Get("enum"), ",")
}

// TestPanicsBecomeProblems: a panic in a handler is logged in one line with its stack, and the client gets an internal error.
func TestPanicsBecomeProblems(t *testing.T) {
	for _, path := range []string{"/api/v1/described", "/api/v1/beside"} {
		h, log := failingHandler(func() error { panic(causeText) })
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		p := problemIn(t, w)
		if w.Code != http.StatusInternalServerError || p.Code != string(chat.Internal) || p.Detail != unknownFault+p.RequestID+"." {
			t.Errorf("%s: %d %+v", path, w.Code, p)
		}
		first, _, _ := bytes.Cut(log.Bytes(), []byte("\n"))
		if checkLog(t, path, first, "ERROR", p.RequestID); !bytes.Contains(first, []byte("error_test.go")) {
			t.Errorf("%s: the log has no stack: %s", path, first)
		}
	}
}

// TestRefusalsOfTheFramework: huma's own errors become codes of package chat; its internal errors are not shown.
func TestRefusalsOfTheFramework(t *testing.T) {
	for status, code := range map[int]chat.Code{
		http.StatusBadRequest: chat.Invalid, http.StatusUnprocessableEntity: chat.Invalid, http.StatusNotFound: chat.NotFound,
		http.StatusInternalServerError: chat.Internal,
	} {
		log := &bytes.Buffer{}
		asked := &request{id: "the request", log: slog.New(slog.NewJSONHandler(log, nil))}
		ctx := context.WithValue(context.Background(), requestKey{}, asked)
		p := problemOf(ctx, refusal(status, "validation failed", errCause))
		if p.Code != string(code) || p.Status != statuses[code] || strings.Contains(p.Detail, causeText) || p.Detail == "" {
			t.Errorf("%d: %+v, want %s", status, p.Problem, code)
		}
		level := ""
		if code == chat.Internal {
			level = "ERROR"
		}
		checkLog(t, fmt.Sprint(status), log.Bytes(), level, "the request")
	}
	for location, want := range map[string]wire.Problem{
		"path.room":      {Code: string(chat.NotFound)},
		"path.emoji":     {Code: string(chat.Invalid), Field: "emoji"},
		"query.limit":    {Code: string(chat.Invalid), Field: "limit"},
		"body.rooms[1]":  {Code: string(chat.Invalid), Field: "rooms[1]"},
		"body":           {Code: string(chat.Invalid)},
		"header.Expects": {Code: string(chat.Invalid), Field: "Expects"},
	} {
		e := refusal(http.StatusUnprocessableEntity, "validation failed",
			&huma.ErrorDetail{Location: location, Message: publicText, Value: causeText})
		if string(e.Code) != want.Code || e.Field != want.Field || strings.Contains(e.Message, causeText) {
			t.Errorf("%s: %+v, want %s %q", location, e, want.Code, want.Field)
		}
	}
	for _, message := range []string{msgMissing} {
		detail := fmt.Sprintf(message, "text")
		e := refusal(http.StatusUnprocessableEntity, "validation failed", &huma.ErrorDetail{Location: "body", Message: detail})
		if e.Field != "text" || e.Code != chat.Invalid || e.Message != detail {
			t.Errorf("%q: %+v", message, e)
		}
	}
}
