package lambda

import (
	"encoding/json"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// Metrics writes metrics as log lines in CloudWatch's embedded metric format. Metrics of one action share a line.
type Metrics struct {
	to        io.Writer
	namespace string
	stack     string
	clock     chat.Clock
	mu        sync.Mutex
}

// NewMetrics makes Metrics with the stack as the only dimension.
func NewMetrics(to io.Writer, namespace, stack string, clock chat.Clock) *Metrics {
	return &Metrics{to: to, namespace: namespace, stack: stack, clock: clock}
}

// Units of CloudWatch.
const (
	count        = "Count"
	milliseconds = "Milliseconds"
)

// metric is a named metric with one value, or up to 100.
type metric struct {
	name   string
	unit   string
	values []float64
}

func newMetric(name, unit string, values ...float64) metric { return metric{name, unit, values} }

func flag(name string, yes bool) metric {
	if yes {
		return newMetric(name, count, 1)
	}
	return newMetric(name, count, 0)
}

type definition struct{ Name, Unit string }

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

const maxValues = 100

// write writes a line with metrics and with properties that explain them. It leaves out metrics without values.
func (m *Metrics) write(properties map[string]any, metrics ...metric) {
	line := map[string]any{"Stack": m.stack}
	for k, v := range properties {
		line[k] = v
	}
	d := directive{Namespace: m.namespace, Dimensions: [][]string{{"Stack"}}}
	for _, mt := range metrics {
		switch n := len(mt.values); {
		case n == 0:
			continue
		case n == 1:
			line[mt.name] = mt.values[0]
		default:
			line[mt.name] = mt.values[:min(n, maxValues)]
		}
		d.Metrics = append(d.Metrics, definition{mt.name, mt.unit})
	}
	line["_aws"] = map[string]any{"Timestamp": m.clock().UnixMilli(), "CloudWatchMetrics": []directive{d}}
	b, err := json.Marshal(line)
	if err != nil {
		slog.Error("metrics not written", "error", err)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.to.Write(append(b, '\n')); err != nil {
		slog.Error("metrics not written", "error", err)
	}
}

func millisSince(began time.Time) float64 { return float64(time.Since(began).Microseconds()) / 1000 }
