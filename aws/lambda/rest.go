package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/canteen-chat/canteen/chat"
)

// REST serves the requests of an HTTP API with a handler.
type REST struct {
	Door    *Door
	Handler http.Handler
	Metrics *Metrics
	Log     *slog.Logger
}

// answerBefore is what is left of an invocation for the answer that it took too long.
const answerBefore = 300 * time.Millisecond

// Invoke implements aws-lambda-go's Handler: it takes an APIGatewayV2HTTPRequest and gives an APIGatewayV2HTTPResponse.
func (h *REST) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	began := time.Now()
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, fmt.Errorf("event of the HTTP API: %w", err)
	}
	if end, ok := ctx.Deadline(); ok {
		var stop context.CancelFunc
		ctx, stop = context.WithDeadline(ctx, end.Add(-answerBefore))
		defer stop()
	}
	r, err := request(ctx, e)
	if err != nil {
		return nil, err
	}
	out := h.serve(ctx, r, e.RequestContext)
	h.Metrics.put(map[string]any{"request": e.RequestContext.RequestID, "method": r.Method, "status": out.StatusCode},
		of("Requests", count, 1), one("Errors4xx", out.StatusCode/100 == 4), one("Errors5xx", out.StatusCode/100 == 5),
		of("Latency", milliseconds, since(began)), gap(r))
	return json.Marshal(out)
}

func (h *REST) serve(ctx context.Context, r *http.Request, e events.APIGatewayV2HTTPRequestContext) events.APIGatewayV2HTTPResponse {
	if !h.Door.admit(r, e.HTTP.SourceIP) {
		return refused(errOutside(), e.RequestID)
	}
	rec := newRecorder()
	h.Handler.ServeHTTP(rec, r)
	out, ok := rec.response(r)
	if !ok {
		h.Log.ErrorContext(ctx, "an answer is beyond what Lambda can give", "request", e.RequestID, "bytes", rec.body.Len())
		return refused(errors.New("too large an answer"), e.RequestID)
	}
	return out
}

func refused(err error, id string) events.APIGatewayV2HTTPResponse {
	status, header, body := problem(err, id)
	return events.APIGatewayV2HTTPResponse{StatusCode: status, Headers: header, Body: string(body)}
}

// gap counts the requests by which clients heal.
func gap(r *http.Request) metric {
	if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/v1/rooms/") && strings.HasSuffix(r.URL.Path, "/changes") {
		return of("GapFetches", count, 1)
	}
	return metric{}
}

// NoPages answers every path that is not the API's: pages are another origin of the distribution.
func NoPages() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, header, body := problem(chat.ErrNotFound(), r.Header.Get("X-Amzn-Trace-Id"))
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = w.Write(body) // #nosec G705 -- JSON, by its type; into memory, which does not fail
	})
}
