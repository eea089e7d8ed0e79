package rest

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
)

// TestRequestLog: a record in the context of a request gets its id once; one outside gets none.
func TestRequestLog(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(RequestLog(slog.NewTextHandler(&b, nil)))
	ctx := context.WithValue(context.Background(), requestKey{}, &request{id: "K3X5"})
	for want, write := range map[string]func(){
		"msg=inside request=K3X5":   func() { log.InfoContext(ctx, "inside") },
		"msg=with n=1 request=K3X5": func() { log.With("n", 1).WarnContext(ctx, "with") },
		"msg=named request=other":   func() { log.InfoContext(ctx, "named", "request", "other") },
		"msg=outside":               func() { log.Info("outside") },
	} {
		b.Reset()
		if write(); !strings.HasSuffix(b.String(), want+"\n") {
			t.Errorf("%q, want %s at the end", b.String(), want)
		}
	}
}
