package lambda

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/aws/aws-lambda-go/events"

	"github.com/canteen-chat/canteen/aws/apigateway"
)

// Socket handles the routes of a WebSocket API.
type Socket struct {
	Door    *Door
	Sockets *apigateway.Sockets
	Metrics *Metrics
	Log     *slog.Logger
}

// Invoke implements aws-lambda-go's Handler. It takes an APIGatewayWebsocketProxyRequest and returns an
// APIGatewayProxyResponse.
func (h *Socket) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e events.APIGatewayWebsocketProxyRequest
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, fmt.Errorf("event of the WebSocket API: %w", err)
	}
	properties := map[string]any{"request": e.RequestContext.RequestID, "connection": e.RequestContext.ConnectionID}
	out := events.APIGatewayProxyResponse{StatusCode: http.StatusOK}
	switch e.RequestContext.EventType {
	case "CONNECT":
		err := h.connect(ctx, e)
		if err != nil {
			status, header, body := problem(err, e.RequestContext.RequestID)
			if status >= http.StatusInternalServerError {
				h.Log.ErrorContext(ctx, "connection failed", "request", e.RequestContext.RequestID,
					"connection", e.RequestContext.ConnectionID, "error", err)
			}
			out = events.APIGatewayProxyResponse{StatusCode: status, Headers: header, Body: string(body)}
		}
		properties["status"] = out.StatusCode
		h.Metrics.write(properties, flag("Connects", err == nil), flag("Refused", err != nil),
			flag("SocketErrors", out.StatusCode >= http.StatusInternalServerError))
	case "MESSAGE":
		ok, err := h.frame(ctx, e)
		if err != nil {
			h.Log.ErrorContext(ctx, "frame failed", "connection", e.RequestContext.ConnectionID, "error", err)
		}
		h.Metrics.write(properties, newMetric("Frames", count, 1), flag("FrameErrors", !ok), flag("SocketErrors", err != nil))
	case "DISCONNECT":
		if err := h.Sockets.Disconnect(ctx, e.RequestContext.ConnectionID); err != nil { // it will expire
			h.Log.WarnContext(ctx, "connection not removed", "connection", e.RequestContext.ConnectionID, "error", err)
		}
	default:
		return nil, fmt.Errorf("event of the WebSocket API: unknown type %q", e.RequestContext.EventType)
	}
	return json.Marshal(out)
}

func (h *Socket) connect(ctx context.Context, e events.APIGatewayWebsocketProxyRequest) error {
	r := &http.Request{
		Method: http.MethodGet, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody,
		URL: &url.URL{Path: "/ws", RawQuery: url.Values(e.MultiValueQueryStringParameters).Encode()},
	}
	for name, values := range e.MultiValueHeaders {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	for name, value := range e.Headers {
		if key := http.CanonicalHeaderKey(name); len(r.Header[key]) == 0 {
			r.Header[key] = splitHeader(key, value)
		}
	}
	if r.URL.RawQuery == "" {
		q := url.Values{}
		for name, value := range e.QueryStringParameters {
			q.Set(name, value)
		}
		r.URL.RawQuery = q.Encode()
	}
	if !h.Door.admit(r, e.RequestContext.Identity.SourceIP) {
		return errNotThroughDistribution()
	}
	if user, ok := h.Door.probes(r); ok {
		return h.Sockets.ConnectProbe(ctx, e.RequestContext.ConnectionID, user)
	}
	return h.Sockets.Connect(ctx, e.RequestContext.ConnectionID, r)
}

func (h *Socket) frame(ctx context.Context, e events.APIGatewayWebsocketProxyRequest) (ok bool, err error) {
	frame := []byte(e.Body)
	if e.IsBase64Encoded {
		if frame, err = base64.StdEncoding.DecodeString(e.Body); err != nil {
			return false, fmt.Errorf("body of the event: %w", err)
		}
	}
	return h.Sockets.Frame(ctx, e.RequestContext.ConnectionID, frame, e.IsBase64Encoded)
}
