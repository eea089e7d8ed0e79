package client

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/url"
	"time"
)

// The pauses of Retry, as the protocol defines them for all clients.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
)

// NewClientID makes the client_id of a message, its idempotency key: a random UUID (RFC 9562, version 4). Keep it until the post is
// answered.
func NewClientID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Retry calls f, and repeats it after network errors, 408, 429 and 5xx. Between two calls it waits as long as the server says,
// otherwise a random time of at most 0.5 s, 1 s … 30 s. It returns any other error of f at once. When ctx ends, it returns the last
// error of f joined with the cause of ctx: give ctx a deadline. f must be idempotent; posting is, if all calls use one ClientID.
func Retry(ctx context.Context, f func(context.Context) error) error {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := f(ctx)
		if err == nil || !Temporary(err) {
			return err
		}
		wait := jitter(pause)
		if e, ok := errors.AsType[*Error](err); ok && e.RetryAfter > 0 {
			wait = e.RetryAfter
		}
		if over := sleep(ctx, wait); over != nil {
			return errors.Join(over, err)
		}
	}
}

// Temporary says whether the same command may succeed later: after 408, 429, 5xx and network errors. The end of a context looks like a
// network error, so check the context first.
func Temporary(err error) bool {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status == 408 || e.Status == 429 || e.Status >= 500
	}
	_, sent := errors.AsType[*url.Error](err)
	_, read := errors.AsType[net.Error](err)
	return sent || read || errors.Is(err, io.ErrUnexpectedEOF)
}

// jitter is a random time up to most ("full jitter"), so that clients that lost their server together do not return together.
func jitter(most time.Duration) time.Duration {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(most)))
	if err != nil {
		return most // crypto/rand never fails
	}
	return time.Duration(n.Int64())
}

// sleep waits for d, or returns the cause of the context if that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
