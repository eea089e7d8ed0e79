package apigateway

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// Poster is the gateway's door to its connections. An error is a StatusError when the gateway refused.
type Poster interface {
	// Post hands the gateway a frame. Nil says that it took it, not that the client has it.
	Post(ctx context.Context, id string, frame []byte) error
	// Delete closes a connection.
	Delete(ctx context.Context, id string) error
}

// StatusError is a refusal of the gateway: its HTTP status.
type StatusError int

// Error says what the gateway answered.
func (e StatusError) Error() string { return fmt.Sprintf("API Gateway answered %d", int(e)) }

const (
	statusGone     = http.StatusGone
	statusTooLarge = http.StatusRequestEntityTooLarge

	attempts    = 4
	firstPause  = 50 * time.Millisecond // doubled each time, full jitter
	postTimeout = 2 * time.Second
)

func hasStatus(err error, status int) bool {
	e, ok := errors.AsType[StatusError](err)
	return ok && int(e) == status
}

// temporary says whether the same may succeed later: throttled, or a full buffer of the client (429), 5xx, no answer.
func temporary(err error) bool {
	e, ok := errors.AsType[StatusError](err)
	return !ok || e == http.StatusTooManyRequests || e >= http.StatusInternalServerError
}

func (g *Gateway) post(ctx context.Context, id string, frame []byte) error {
	return g.retry(ctx, func(ctx context.Context) error { return g.o.Poster.Post(ctx, id, frame) })
}

// retry asks the gateway until it answers for good, a few times. A time-out may have been a success: clients ignore what they
// know.
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

// sleep waits, or says that the context ended before.
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
