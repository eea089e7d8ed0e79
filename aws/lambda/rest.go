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

// REST passes the requests of an HTTP API to a handler.
type REST struct {
	Door    *Door
	Handler http.Handler
	Metrics *Metrics
	Log     *slog.Logger
}

// deadlineMargin is the time that an invocation keeps for the answer that the handler took too long.
const deadlineMargin = 300 * time.Millisecond

// Invoke implements aws-lambda-go's Handler. It takes an APIGatewayV2HTTPRequest and returns an APIGatewayV2HTTPResponse.
func (h *REST) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	began := time.Now()
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, fmt.Errorf("event of the HTTP API: %w", err)
	}
	if end, ok := ctx.Deadline(); ok {
		var stop context.CancelFunc
		ctx, stop = context.WithDeadline(ctx, end.Add(-deadlineMargin))
		defer stop()
	}
	r, err := request(ctx, e)
	if err != nil {
		return nil, err
	}
	out := h.serve(ctx, r, e.RequestContext)
	h.Metrics.write(map[string]any{
		"request": e.RequestContext.RequestID, "method": r.Method, "route": r.Pattern, "status": out.StatusCode,
	},
		newMetric("Requests", count, 1), flag("Errors4xx", out.StatusCode/100 == 4), flag("Errors5xx", out.StatusCode/100 == 5),
		newMetric("Latency", milliseconds, millisSince(began)), gapFetches(r))
	return json.Marshal(out)
}

func (h *REST) serve(ctx context.Context, r *http.Request, e events.APIGatewayV2HTTPRequestContext) events.APIGatewayV2HTTPResponse {
	if !h.Door.admit(r, e.HTTP.SourceIP) {
		return refusal(errNotThroughDistribution(), e.RequestID)
	}
	rec := newRecorder()
	h.Handler.ServeHTTP(rec, r)
	out, ok := rec.response(r)
	if !ok {
		h.Log.ErrorContext(ctx, "response too large for Lambda", "request", e.RequestID, "bytes", rec.body.Len())
		return refusal(errors.New("response too large for Lambda"), e.RequestID)
	}
	return out
}

func refusal(err error, id string) events.APIGatewayV2HTTPResponse {
	status, header, body := problem(err, id)
	return events.APIGatewayV2HTTPResponse{StatusCode: status, Headers: header, Body: string(body)}
}

// gapFetches counts requests by which clients fill gaps.
func gapFetches(r *http.Request) metric {
	if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/v1/rooms/") && strings.HasSuffix(r.URL.Path, "/changes") {
		return newMetric("GapFetches", count, 1)
	}
	return metric{}
}

// NoPages answers all paths outside the API with 404, since pages come from another origin of the distribution.
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
