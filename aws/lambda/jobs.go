package lambda

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Jobs runs the scheduled job, a probe of the public URL.
type Jobs struct {
	URL     string // the public one
	Client  *http.Client
	Metrics *Metrics
	Log     *slog.Logger
}

// Invoke implements aws-lambda-go's Handler. It ignores the payload.
func (h *Jobs) Invoke(ctx context.Context, _ []byte) ([]byte, error) {
	began := time.Now()
	err := h.probe(ctx)
	if err != nil {
		h.Log.ErrorContext(ctx, "probe failed", "error", err)
	}
	h.Metrics.write(nil, flag("Probe", err == nil), newMetric("ProbeLatency", milliseconds, millisSince(began)))
	return []byte("{}"), nil
}

// probe checks the public URL as a browser would: the API is ready, a page of another origin gets no socket, and neither
// does our own page without a session. Only the function answers the last with 401. A gateway or distribution without it
// answers 403.
func (h *Jobs) probe(ctx context.Context) error {
	socket := func(origin string) http.Header {
		return http.Header{
			"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
			"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Origin": {origin},
		}
	}
	return errors.Join(
		h.expect(ctx, "/readyz", http.StatusOK, nil),
		h.expect(ctx, "/ws", http.StatusForbidden, socket("https://probe.invalid")),
		h.expect(ctx, "/ws", http.StatusUnauthorized, socket(strings.TrimSuffix(h.URL, "/"))))
}

func (h *Jobs) expect(ctx context.Context, path string, want int, header http.Header) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(h.URL, "/")+path, nil)
	if err != nil {
		return err
	}
	if header != nil {
		r.Header = header
	}
	resp, err := h.Client.Do(r)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols { // the body of an upgraded connection has no end
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	}
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode != want {
		return fmt.Errorf("GET %s answered %d, want %d", path, resp.StatusCode, want)
	}
	return nil
}
