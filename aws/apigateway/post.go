package apigateway

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// Poster sends requests to the gateway's connections. If the gateway refuses, the error is a StatusError.
type Poster interface {
	// Post hands the gateway a frame. Nil means that the gateway took it, not that the client has it.
	Post(ctx context.Context, id string, frame []byte) error
	// Delete closes a connection.
	Delete(ctx context.Context, id string) error
}

// StatusError is the HTTP status with which the gateway refused.
type StatusError int

// Error implements error.
func (e StatusError) Error() string { return fmt.Sprintf("API Gateway answered %d", int(e)) }

const (
	statusGone     = http.StatusGone
	statusTooLarge = http.StatusRequestEntityTooLarge

	attempts    = 4
	firstPause  = 50 * time.Millisecond // doubled each time, with full jitter
	postTimeout = 2 * time.Second
)

func hasStatus(err error, status int) bool {
	e, ok := errors.AsType[StatusError](err)
	return ok && int(e) == status
}

// temporary says whether the request may succeed later: after 429 (throttled, or the client's buffer is full), 5xx, or no
// answer.
func temporary(err error) bool {
	e, ok := errors.AsType[StatusError](err)
	return !ok || e == http.StatusTooManyRequests || e >= http.StatusInternalServerError
}

func (g *Gateway) post(ctx context.Context, id string, frame []byte) error {
	return g.retry(ctx, func(ctx context.Context) error { return g.o.Poster.Post(ctx, id, frame) })
}

// retry sends a request up to four times, until it succeeds or fails for good. A request that timed out may have succeeded;
// clients ignore what they know.
func (g *Gateway) retry(ctx context.Context, f func(context.Context) error) error {
	for n, pause := 1, firstPause; ; n, pause = n+1, 2*pause {
		within, stop := context.WithTimeout(ctx, postTimeout)
		err := f(within)
		stop()
		if err == nil || n == attempts || !temporary(err) {
			return err
		}
		if over := sleep(ctx, rand.N(pause)); over != nil { // #nosec G404 -- spreads retries, no secret
			return errors.Join(over, err)
		}
	}
}

// sleep waits for d, or returns the context's error if it ends before.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
