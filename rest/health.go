package rest

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

const (
	readyWithin = 2 * time.Second
	readyFor    = time.Second // how long an answer holds
)

// readiness is whether the server can take commands. It asks at most once a second, for all who want to know, and changes nothing.
type readiness struct {
	ask func(context.Context) error
	log *slog.Logger

	mu  sync.Mutex // held while it asks: who comes meanwhile waits for the same answer
	at  time.Time
	err error
}

// now returns the answer. A client that goes away does not end the question, which others may wait for.
func (r *readiness) now(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.at) >= readyFor {
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), readyWithin)
		defer stop()
		r.err = r.ask(ctx)
		r.at = time.Now()
		if r.err != nil {
			r.log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.Any("error", r.err))
		}
	}
	return r.err
}

// health adds the health checks. /healthz answers if the process runs, /readyz if the store can be read and the last probe has written.
func (h *Handler) health() {
	ready := &readiness{ask: h.canteen.Ready, log: h.o.Log}
	h.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	h.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := ready.now(r.Context()); err != nil {
			h.fail(w, r, &chat.Error{
				Code: chat.Unavailable, Message: "The server cannot accept commands right now. Try again.", RetryAfter: time.Second,
			})
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
}
