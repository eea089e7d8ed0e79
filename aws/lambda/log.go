package lambda

import (
	"context"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// NewLog makes a logger of JSON lines. Lines of an invocation carry its id.
func NewLog(to io.Writer) *slog.Logger { return slog.New(invocationLog{slog.NewJSONHandler(to, nil)}) }

type invocationLog struct{ slog.Handler }

// Handle implements slog.Handler.
func (l invocationLog) Handle(ctx context.Context, r slog.Record) error {
	if c, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("invocation", c.AwsRequestID))
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (l invocationLog) WithAttrs(as []slog.Attr) slog.Handler {
	return invocationLog{l.Handler.WithAttrs(as)}
}

// WithGroup implements slog.Handler.
func (l invocationLog) WithGroup(name string) slog.Handler {
	return invocationLog{l.Handler.WithGroup(name)}
}
