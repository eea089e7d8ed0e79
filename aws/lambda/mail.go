package lambda

import (
	"context"
	"time"
)

// beforeTheEnd is the last part of the function's time, in which no digest is begun or waited for.
const beforeTheEnd = 5 * time.Second

// digests sends the digests that are due, if there is mail. What is left is sent by the next run.
func (h *Jobs) digests(ctx context.Context) {
	if h.Digests == nil {
		return
	}
	if end, ok := ctx.Deadline(); ok {
		within, stop := context.WithDeadline(ctx, end.Add(-beforeTheEnd))
		defer stop()
		ctx = within
	}
	if err := h.Digests(ctx); err != nil && ctx.Err() == nil {
		h.Log.ErrorContext(ctx, "digests were not looked at, and will be later", "error", err)
		h.Metrics.Mail("failed")
	}
}

// Mail counts an e-mail by its result. Those that were sent are one metric. Failures are another, of which there is an alarm. An address
// that is refused is neither.
func (m *Metrics) Mail(result string) {
	switch result {
	case "sent":
		m.write(nil, newMetric("MailSent", count, 1))
	case "failed", "uncertain":
		m.write(map[string]any{"result": result}, newMetric("MailFailed", count, 1))
	}
}
