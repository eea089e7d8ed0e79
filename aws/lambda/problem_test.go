package lambda

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

const (
	inside   = "table canteen-users, capacity 5" // what no client may read
	somebody = "Ask somebody else."              // a message for people
)

// TestProblems: an error becomes the same status, document and headers as package rest gives (TestErrorsBecomeProblems there), also
// where it is wrapped.
func TestProblems(t *testing.T) {
	cause := errors.New(inside)
	const unknown = "Something went wrong here. Whoever runs Canteen finds the cause by the request id req-1."
	const late = "The request took too long."
	type row struct {
		name   string
		err    error
		code   chat.Code
		detail string
		field  string
		retry  string
	}
	rows := []row{
		{"with a field", chat.InvalidField("Authorization", "Once."), chat.Invalid, "Once.", "Authorization", ""},
		{"with a cause", &chat.Error{Code: chat.Forbidden, Message: somebody, Err: cause}, chat.Forbidden, somebody, "", ""},
		{"wrapped", fmt.Errorf("%s: %w", inside, chat.Errorf(chat.Gone, "%s", somebody)), chat.Gone, somebody, "", ""},
		{"not of the rules", cause, chat.Internal, unknown, "", ""},
		{"internal", &chat.Error{Code: chat.Internal, Message: inside, Err: cause}, chat.Internal, unknown, "", ""},
		{"of a code that there is none of", &chat.Error{Code: "odd", Message: inside}, chat.Internal, unknown, "", ""},
		{"the store is unavailable", fmt.Errorf("%s: %w", inside, chat.ErrUnavailable(cause)), chat.Unavailable,
			"Canteen cannot save anything right now. Try again.", "", "1"},
		{"the function is stopped", fmt.Errorf("%s: %w", inside, context.Canceled), chat.Unavailable, "The request was cancelled.", "", ""},
		{"out of time", fmt.Errorf("%s: %w", inside, context.DeadlineExceeded), chat.Unavailable, late, "", ""},
		{"wait 1.001 s", &chat.Error{Code: chat.RateLimited, Message: somebody, RetryAfter: 1001 * time.Millisecond}, chat.RateLimited,
			somebody, "", "2"},
		{"around the distribution", errNotThroughDistribution(), chat.Forbidden,
			"This address only answers requests that come through CloudFront. Use the public address.", "", ""},
	}
	for _, c := range []chat.Code{
		chat.Unauthenticated, chat.NotFound, chat.MethodNotAllowed, chat.Conflict, chat.TooLarge, chat.UnsupportedMedia,
	} {
		rows = append(rows, row{"plainly " + string(c), chat.Errorf(c, "%s", somebody), c, somebody, "", ""})
	}
	for _, c := range rows {
		status, header, body := problem(c.err, "req-1")
		want := wire.Problem{
			Type: "about:blank", Title: http.StatusText(status), Status: wire.HTTPStatus(c.code), Detail: c.detail, Code: string(c.code),
			Field: c.field, RequestID: "req-1",
		}
		if p := decoded(t, string(body)); p != want || status != want.Status {
			t.Errorf("%s: %d %+v\nwant %+v", c.name, status, p, want)
		}
		if header["Content-Type"] != wire.ProblemType || header["Cache-Control"] != "no-store" || header["Retry-After"] != c.retry {
			t.Errorf("%s: headers %v, want Retry-After %q", c.name, header, c.retry)
		}
	}
}

// decoded is the problem document in a body that says nothing of what is inside.
func decoded(t *testing.T, body string) wire.Problem {
	t.Helper()
	var p wire.Problem
	d := json.NewDecoder(strings.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil || strings.Contains(body, inside) {
		t.Errorf("no problem document, or one that says what is inside: %v: %s", err, body)
	}
	return p
}

// TestRefusedConnections: who cannot connect is answered a problem document; trouble of our own is logged under the id that it names,
// and not shown. What clients do wrong is not logged as an error.
func TestRefusedConnections(t *testing.T) {
	for _, c := range []struct {
		name    string
		trouble error
		cookie  bool
		code    chat.Code
		retry   string
		logged  bool
	}{
		{"the table does not answer", errors.New(inside), true, chat.Internal, "", true},
		{"the table is too busy", chat.ErrUnavailable(errors.New(inside)), true, chat.Unavailable, "1", true},
		{"out of time", fmt.Errorf("%s: %w", inside, context.DeadlineExceeded), true, chat.Unavailable, "", true},
		{"nobody", nil, false, chat.Unauthenticated, "", false},
	} {
		h, log := socketOf(t), &bytes.Buffer{}
		h.Log, h.conns.trouble = slog.New(slog.NewJSONHandler(log, nil)), c.trouble
		var e events.APIGatewayWebsocketProxyRequest
		e.RequestContext.EventType, e.RequestContext.ConnectionID, e.RequestContext.RequestID = "CONNECT", "c=", "req-1"
		e.MultiValueHeaders = map[string][]string{"Origin": {publicURL}, originHeader: {secret}}
		if c.cookie {
			e.MultiValueHeaders["Cookie"] = []string{h.cookie}
		}
		out := answerOf[events.APIGatewayProxyResponse](t, h, e)
		p := decoded(t, out.Body)
		if p.Code != string(c.code) || out.StatusCode != wire.HTTPStatus(c.code) || p.RequestID != "req-1" ||
			out.Headers["Retry-After"] != c.retry {
			t.Errorf("%s: %d %v %+v, want %s", c.name, out.StatusCode, out.Headers, p, c.code)
		}
		if !c.logged {
			if strings.Contains(log.String(), "ERROR") {
				t.Errorf("%s: logged %s", c.name, log)
			}
			continue
		}
		var line struct{ Level, Request string }
		err := json.Unmarshal(log.Bytes(), &line)
		if err != nil || line.Level != "ERROR" || line.Request != "req-1" || !strings.Contains(log.String(), inside) {
			t.Errorf("%s: logged %s (%v)", c.name, log, err)
		}
	}
}
