package lambda

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// Jobs runs the scheduled jobs: a probe of the public URL and digests by e-mail; more often, the deletion of files.
type Jobs struct {
	URL    string // the public one
	Client *http.Client
	Door   *Door
	// Announce writes an event that the connections of user hear.
	Announce func(ctx context.Context, user string) error
	// Digests sends the digests that are due. nil without mail.
	Digests func(ctx context.Context) error
	// Sweep deletes the bodies of deleted messages, and of uploads that were given up. With all it also looks for bodies that belong to nothing.
	Sweep    func(ctx context.Context, all bool) error
	Clock    func() time.Time
	Metrics  *Metrics
	Log      *slog.Logger
	patience time.Duration // how long an event is waited for; 0: pushWithin
}

// Probed is the answer: what is wrong, "" if nothing is.
type Probed struct {
	Error string `json:"error,omitempty"`
}

const (
	pushTries  = 3 // an event may be lost
	pushWithin = 4 * time.Second
	dialWithin = 10 * time.Second
)

// sweepHour is the hour (UTC) in whose first minute all bodies are looked at.
const sweepHour = 3

// Invoke implements aws-lambda-go's Handler. The payload {"job":"sweep"} is that of the rule for sweeps. With any other it probes, and returns
// a Probed.
func (h *Jobs) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	began := time.Now()
	var event struct {
		Job string `json:"job"`
	}
	if err := json.Unmarshal(payload, &event); err == nil && event.Job == "sweep" {
		now := h.Clock().UTC()
		if err := h.Sweep(ctx, now.Hour() == sweepHour && now.Minute() == 0); err != nil {
			h.Log.ErrorContext(ctx, "files were not deleted", "error", err)
		}
		return []byte("{}"), nil
	}
	err := h.probe(ctx)
	if err != nil {
		h.Log.ErrorContext(ctx, "probe failed", "error", err)
	}
	var success metric // missing after a failure: the alarm NoProbe waits for the first success, and then for silence
	var out Probed
	if err == nil {
		success = newMetric("Probe", count, 1)
	} else {
		out.Error = err.Error()
	}
	h.Metrics.write(nil, success, newMetric("ProbeLatency", milliseconds, millisSince(began)))
	h.digests(ctx)
	return json.Marshal(out)
}

// probe checks the public URL as a browser would: the API is ready, a page of another origin gets no socket, and neither
// does our own page without a session. The gateway may replace the status of a refusal. That the function works shows in a socket that
// hears an event which is written now.
func (h *Jobs) probe(ctx context.Context) error {
	socket := func(origin string) http.Header {
		return http.Header{
			"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
			"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Origin": {origin},
		}
	}
	return errors.Join(
		h.expect(ctx, "/readyz", false, nil),
		h.expect(ctx, "/ws", true, socket("https://probe.invalid")),
		h.expect(ctx, "/ws", true, socket(strings.TrimSuffix(h.URL, "/"))),
		h.hear(ctx))
}

// hear opens a socket, and has an event written until the socket hears it.
func (h *Jobs) hear(ctx context.Context) error {
	user := "probe-" + rand.Text()
	url := strings.TrimSuffix(h.URL, "/")
	d := ws.Dialer{
		Timeout: dialWithin, Header: ws.HandshakeHeaderHTTP{"Origin": {url}, probeHeader: {h.Door.probe(user)}},
	}
	conn, early, _, err := d.Dial(ctx, "ws"+strings.TrimPrefix(url, "http")+"/ws")
	if err != nil {
		return fmt.Errorf("a socket: %w", err)
	}
	defer conn.Close()
	if early != nil {
		ws.PutReader(early) // nothing was announced yet
	}
	for range pushTries {
		if err := h.Announce(ctx, user); err != nil {
			return fmt.Errorf("an event for a socket is not written: %w", err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(cmp.Or(h.patience, pushWithin))); err != nil {
			return err
		}
		frame, err := wsutil.ReadServerText(conn)
		if err == nil && strings.Contains(string(frame), user) {
			return nil
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("a socket: %w", err)
		}
	}
	return fmt.Errorf("a socket heard none of %d events", pushTries)
}

// expect checks that a request is answered with 200, or refused.
func (h *Jobs) expect(ctx context.Context, path string, refused bool, header http.Header) error {
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
	if s := resp.StatusCode; refused && s < http.StatusBadRequest || !refused && s != http.StatusOK {
		return fmt.Errorf("GET %s from %q answered %d", path, header.Get("Origin"), s)
	}
	return nil
}
