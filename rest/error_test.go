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
	"github.com/canteen-chat/canteen/wire"
)

const (
	inside   = "disk sda1, table message" // what no client may read
	somebody = "Ask somebody else."       // a message for people
)

var errInside = errors.New(inside)

// mapped is an error of the rules, and what has to come of it.
type mapped struct {
	name   string
	err    error
	code   chat.Code
	detail string
	field  string
	retry  string // of Retry-After; "": no such header
	level  string // of the log line that holds the cause; "": no line
}

const (
	unknownFault = "Something went wrong here. The request id helps to find out what."
	givenUp      = "The request was given up."
	tookTooLong  = "The request took too long."
)

func mappedErrors() []mapped {
	rows := []mapped{
		{"with a field", chat.InvalidField("text", "Too long."), chat.Invalid, "Too long.", "text", "", ""},
		{"with a cause", &chat.Error{Code: chat.Forbidden, Message: somebody, Err: errInside}, chat.Forbidden, somebody, "", "", "WARN"},
		{"wrapped", fmt.Errorf("%s: %w", inside, chat.Errorf(chat.Gone, "%s", somebody)), chat.Gone, somebody, "", "", ""},
		{"not of the rules", errInside, chat.Internal, unknownFault, "", "", "ERROR"},
		{"internal", &chat.Error{Code: chat.Internal, Message: inside, Err: errInside}, chat.Internal, unknownFault, "", "", "ERROR"},
		{"of a code that there is none of", &chat.Error{Code: "odd", Message: inside, Err: errInside}, chat.Internal,
			unknownFault, "", "", "ERROR"},
		{"a stale fact that left the rules", fmt.Errorf("%w: %s", chat.ErrStale, inside), chat.Internal, unknownFault, "", "", "ERROR"},
		{"the store is unavailable", chat.ErrUnavailable(errInside), chat.Unavailable,
			"The storage cannot be written right now. Try again.", "", "1", "WARN"},
		{"the client is gone", fmt.Errorf("%s: %w", inside, context.Canceled), chat.Unavailable, givenUp, "", "", ""},
		{"the client is gone, says the store", &chat.Error{Code: chat.Internal, Message: inside, Err: context.Canceled}, chat.Unavailable,
			givenUp, "", "", ""},
		{"out of time", fmt.Errorf("%s: %w", inside, context.DeadlineExceeded), chat.Unavailable, tookTooLong, "", "", ""},
		{"wait 90 s", later(chat.RateLimited, 90*time.Second), chat.RateLimited, somebody, "", "90", ""},
		{"wait 1.001 s", later(chat.RateLimited, 1001*time.Millisecond), chat.RateLimited, somebody, "", "2", ""},
		{"wait 1 ms", later(chat.Unavailable, time.Millisecond), chat.Unavailable, somebody, "", "1", ""},
	}
	for _, c := range []chat.Code{
		chat.Invalid, chat.Unauthenticated, chat.Forbidden, chat.NotFound, chat.MethodNotAllowed, chat.Conflict, chat.Gone, chat.TooLarge,
		chat.UnsupportedMedia, chat.RateLimited, chat.Unavailable,
	} {
		rows = append(rows, mapped{"plainly " + string(c), chat.Errorf(c, "%s", somebody), c, somebody, "", "", ""})
	}
	return rows
}

func later(code chat.Code, wait time.Duration) error {
	return &chat.Error{Code: code, Message: somebody, RetryAfter: wait}
}

// statuses of the codes, as the API states them.
var statuses = map[chat.Code]int{
	chat.Invalid: 400, chat.Unauthenticated: 401, chat.Forbidden: 403, chat.NotFound: 404, chat.MethodNotAllowed: 405, chat.Conflict: 409,
	chat.Gone: 410, chat.TooLarge: 413, chat.UnsupportedMedia: 415, chat.RateLimited: 429, chat.Internal: 500, chat.Unavailable: 503,
}

// failing is a handler whose two routes fail with err, as routes of the API do and as everything beside them does, and its log.
func failing(fail func() error) (*Handler, *bytes.Buffer) {
	log := &bytes.Buffer{}
	h := &Handler{
		mux: http.NewServeMux(), cross: http.NewCrossOriginProtection(), open: map[string]bool{"GET /api/v1/described": true},
		o: Options{Access: NewAccess(nil, "https://example.com", nil), Log: slog.New(slog.NewJSONHandler(log, nil))},
	}
	cfg := huma.DefaultConfig("Canteen", "1")
	cfg.CreateHooks = nil // no $schema in bodies, as in routes
	add(h, humago.New(guarded{h}, cfg), huma.Operation{Method: http.MethodGet, Path: "/api/v1/described"},
		func(context.Context, chat.Actor, *none) (*none, error) { return nil, fail() })
	h.extra("GET /api/v1/beside", func(w http.ResponseWriter, r *http.Request) { h.fail(w, r, fail()) })
	return h, log
}

// TestErrorsBecomeProblems: each error becomes its status and problem document, on both ways out. What is inside is logged under the
// id that the client is told, and not shown.
func TestErrorsBecomeProblems(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range mappedErrors() {
		seen[string(c.code)] = true
		for _, path := range []string{"/api/v1/described", "/api/v1/beside"} {
			h, log := failing(func() error { return c.err })
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			p := problemIn(t, w)
			want := wire.Problem{
				Type: "about:blank", Title: http.StatusText(statuses[c.code]), Status: statuses[c.code], Detail: c.detail, Code: string(c.code),
				Field: c.field, RequestID: p.RequestID,
			}
			if w.Code != statuses[c.code] || p != want || len(p.RequestID) < 16 {
				t.Errorf("%s: %s: %d %+v\nwant %d %+v", path, c.name, w.Code, p, statuses[c.code], want)
			}
			if got := strings.Join(w.Header().Values("Retry-After"), ","); got != c.retry {
				t.Errorf("%s: %s: Retry-After %q, want %q", path, c.name, got, c.retry)
			}
			logged(t, path+": "+c.name, log.Bytes(), c.level, p.RequestID)
		}
	}
	for _, code := range codesOfProblems(t) {
		if !seen[code] || statuses[chat.Code(code)] == 0 {
			t.Errorf("the code %q has no row", code)
		}
	}
	if len(codesOfProblems(t)) != len(statuses) {
		t.Errorf("the description knows %v, the table has %d codes", codesOfProblems(t), len(statuses))
	}
}

// problemIn is the one document that was answered: of its type, not to be kept, without anything that is inside.
func problemIn(t *testing.T, w *httptest.ResponseRecorder) wire.Problem {
	t.Helper()
	kind, keep := w.Header().Get("Content-Type"), w.Header().Get("Cache-Control")
	if kind != "application/problem+json" || keep != "no-store" {
		t.Errorf("Content-Type %q, Cache-Control %q", kind, keep)
	}
	for name, values := range w.Header() {
		if strings.Contains(strings.Join(values, ","), inside) {
			t.Errorf("the header %s says what is inside: %q", name, values)
		}
	}
	if strings.Contains(w.Body.String(), inside) || strings.Contains(w.Body.String(), "goroutine") {
		t.Errorf("the body says what is inside: %s", w.Body)
	}
	var p wire.Problem
	d := json.NewDecoder(w.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil || d.More() {
		t.Errorf("no problem document: %v", err)
	}
	return p
}

// logged holds a log to one line of a level, with the cause under the request's id; "": no line.
func logged(t *testing.T, what string, log []byte, level, id string) {
	t.Helper()
	if level == "" {
		if len(log) > 0 {
			t.Errorf("%s: logged %s", what, log)
		}
		return
	}
	var line struct{ Level, Request string }
	if err := json.Unmarshal(log, &line); err != nil || line.Level != level || line.Request != id || !bytes.Contains(log, []byte(inside)) {
		t.Errorf("%s: logged %s (%v), want the cause at %s for request %s", what, log, err, level, id)
	}
}

// codesOfProblems are those that the description of the API knows.
func codesOfProblems(t *testing.T) []string {
	t.Helper()
	f, ok := reflect.TypeFor[wire.Problem]().FieldByName("Code")
	if !ok {
		t.Fatal("a problem has no code")
	}
	return strings.Split(f.Tag.Get("enum"), ",")
}

// TestPanicsBecomeProblems: a handler that panics is one line in the log, with its stack, and an internal error to the client.
func TestPanicsBecomeProblems(t *testing.T) {
	for _, path := range []string{"/api/v1/described", "/api/v1/beside"} {
		h, log := failing(func() error { panic(inside) })
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		p := problemIn(t, w)
		if w.Code != http.StatusInternalServerError || p.Code != string(chat.Internal) || p.Detail != unknownFault {
			t.Errorf("%s: %d %+v", path, w.Code, p)
		}
		first, _, _ := bytes.Cut(log.Bytes(), []byte("\n"))
		if logged(t, path, first, "ERROR", p.RequestID); !bytes.Contains(first, []byte("error_test.go")) {
			t.Errorf("%s: the log has no stack: %s", path, first)
		}
	}
}

// TestRefusalsOfTheFramework: what huma refuses by itself becomes one of the rules' codes; its own faults are not shown.
func TestRefusalsOfTheFramework(t *testing.T) {
	for status, code := range map[int]chat.Code{
		http.StatusBadRequest: chat.Invalid, http.StatusUnprocessableEntity: chat.Invalid, http.StatusNotFound: chat.NotFound,
		http.StatusRequestEntityTooLarge: chat.TooLarge, http.StatusUnsupportedMediaType: chat.UnsupportedMedia,
		http.StatusRequestTimeout: chat.Unavailable, http.StatusInternalServerError: chat.Internal,
	} {
		log := &bytes.Buffer{}
		ctx := context.WithValue(context.Background(), requestKey{}, &request{id: "the request", log: slog.New(slog.NewJSONHandler(log, nil))})
		p := problemOf(ctx, refusal(status, "validation failed", errInside))
		if p.Code != string(code) || p.Status != statuses[code] || strings.Contains(p.Detail, inside) || p.Detail == "" {
			t.Errorf("%d: %+v, want %s", status, p.Problem, code)
		}
		level := ""
		if code == chat.Internal {
			level = "ERROR"
		}
		logged(t, fmt.Sprint(status), log.Bytes(), level, "the request")
	}
	for location, want := range map[string]wire.Problem{
		"path.room":      {Code: string(chat.NotFound)},
		"path.emoji":     {Code: string(chat.Invalid), Field: "emoji"},
		"query.limit":    {Code: string(chat.Invalid), Field: "limit"},
		"body.rooms[1]":  {Code: string(chat.Invalid), Field: "rooms[1]"},
		"body":           {Code: string(chat.Invalid)},
		"header.Expects": {Code: string(chat.Invalid), Field: "Expects"},
	} {
		e := refusal(http.StatusUnprocessableEntity, "validation failed", &huma.ErrorDetail{Location: location, Message: somebody, Value: inside})
		if string(e.Code) != want.Code || e.Field != want.Field || strings.Contains(e.Message, inside) {
			t.Errorf("%s: %+v, want %s %q", location, e, want.Code, want.Field)
		}
	}
	for _, message := range []string{missing, twice, isNull} {
		said := fmt.Sprintf(message, "text")
		e := refusal(http.StatusUnprocessableEntity, "validation failed", &huma.ErrorDetail{Location: "body", Message: said})
		if e.Field != "text" || e.Code != chat.Invalid || e.Message != said {
			t.Errorf("%q: %+v", message, e)
		}
	}
}
