package world

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
)

// Must ends the test on an error: Must[wire.Me](t)(c.Me(ctx)).
func Must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// UUID is the n-th idempotency key, for n up to 999,999,999,999.
func UUID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// Get reads a path below /api/v1.
func Get[T any](ctx context.Context, c *client.Client, path string) (T, error) {
	var out T
	err := c.Do(ctx, http.MethodGet, path, nil, &out)
	return out, err
}

// Eventually waits up to 30 s until so gives true.
func Eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not true after 30 s: %s", what)
		}
	}
}
