package rest_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
)

// TestOpeningSocketsHasARate: who opens sockets faster gets 429 with Retry-After before the handshake. Others are not affected.
func TestOpeningSocketsHasARate(t *testing.T) {
	w := world.Open(t)
	open := func(who string) error {
		l, err := w.As(who).Dial(context.Background())
		if err == nil {
			err = l.Close()
		}
		return err
	}
	var err error
	opened := 0
	for ; err == nil && opened < 100; opened++ {
		err = open("mira")
	}
	refused, ok := errors.AsType[*client.Error](err)
	if !ok || refused.Status != http.StatusTooManyRequests || refused.RetryAfter < time.Second || opened < 60 {
		t.Errorf("after %d sockets: %v", opened, err)
	}
	if err := open("jonas"); err != nil {
		t.Errorf("another's socket: %v", err)
	}
}
