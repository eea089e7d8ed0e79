package lambda

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestDigestsEndInTime: digests stop before the function's time is over; a failure is logged and counted, and fails no probe.
func TestDigestsEndInTime(t *testing.T) {
	lines, log := &bytes.Buffer{}, &bytes.Buffer{}
	h := &Jobs{Metrics: NewMetrics(lines, "Canteen", "canteen", time.Now), Log: slog.New(slog.NewTextHandler(log, nil))}
	h.digests(t.Context()) // without mail
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	h.Digests = func(ctx context.Context) error {
		if end, ok := ctx.Deadline(); !ok || time.Until(end) > 55*time.Second {
			t.Errorf("ends in %s", time.Until(end))
		}
		return errors.New("throttled")
	}
	h.digests(ctx)
	if !strings.Contains(log.String(), "throttled") || !strings.Contains(lines.String(), `"MailFailed":1`) {
		t.Errorf("%s, %s", log, lines)
	}
	lines.Reset()
	for _, result := range []string{"sent", "refused", "uncertain"} {
		h.Metrics.Mail(result)
	}
	got := lines.String()
	if strings.Count(got, "\n") != 2 || !strings.Contains(got, `"MailSent":1`) || !strings.Contains(got, `"MailFailed":1`) {
		t.Error(got)
	}
}
