package rest

import (
	"context"
	"log/slog"
)

// RequestLog wraps a log handler. Each record that is logged while a request is handled, by whichever package, gets the id of the request,
// which is also in the answer.
func RequestLog(h slog.Handler) slog.Handler { return requestLog{h} }

type requestLog struct{ slog.Handler }

// Handle implements slog.Handler.
func (l requestLog) Handle(ctx context.Context, r slog.Record) error {
	if id := requestID(ctx); id != "" && !hasRequest(r) {
		r = r.Clone()
		r.AddAttrs(slog.String("request", id))
	}
	return l.Handler.Handle(ctx, r)
}

// hasRequest says whether a record names its request already.
func hasRequest(r slog.Record) (has bool) {
	r.Attrs(func(a slog.Attr) bool {
		has = a.Key == "request"
		return !has
	})
	return has
}

// WithAttrs implements slog.Handler.
func (l requestLog) WithAttrs(as []slog.Attr) slog.Handler {
	return requestLog{l.Handler.WithAttrs(as)}
}

// WithGroup implements slog.Handler.
func (l requestLog) WithGroup(name string) slog.Handler { return requestLog{l.Handler.WithGroup(name)} }
