package metrics

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"github.com/canteen-chat/canteen/ops/catalogue"
)

// Label is the name and value of a label.
type Label struct{ Name, Value string }

// Bucket counts the values of a histogram up to a bound, those of smaller buckets included. The count of all values is Sample.Count.
type Bucket struct {
	Upper float64
	Count uint64
}

// Sample is the state of a series. Counters and histograms start anew with the process.
type Sample struct {
	Name    string
	Kind    catalogue.Kind
	Labels  []Label // in alphabetical order
	Value   float64 // of a counter or gauge
	Count   uint64  // of a histogram: how many values
	Sum     float64 // of a histogram
	Buckets []Bucket
}

// Key names a series as Prometheus does: name{label="value"}.
func (s Sample) Key() string {
	if len(s.Labels) == 0 {
		return s.Name
	}
	parts := make([]string, len(s.Labels))
	for i, l := range s.Labels {
		parts[i] = fmt.Sprintf("%s=%q", l.Name, l.Value)
	}
	return s.Name + "{" + strings.Join(parts, ",") + "}"
}

// Snapshot reads all series as they are now, ordered by name and labels. With an error, it gives those that could be read.
func (m *Meter) Snapshot() ([]Sample, error) {
	families, err := m.registry.Gather()
	var out []Sample
	for _, f := range families {
		for _, one := range f.GetMetric() {
			out = append(out, sample(f, one))
		}
	}
	return out, err
}

func sample(f *dto.MetricFamily, m *dto.Metric) Sample {
	s := Sample{Name: f.GetName(), Kind: catalogue.Gauge}
	for _, l := range m.GetLabel() {
		s.Labels = append(s.Labels, Label{l.GetName(), l.GetValue()})
	}
	switch {
	case m.Counter != nil:
		s.Kind, s.Value = catalogue.Counter, m.Counter.GetValue()
	case m.Histogram != nil:
		s.Kind, s.Count, s.Sum = catalogue.Histogram, m.Histogram.GetSampleCount(), m.Histogram.GetSampleSum()
		for _, b := range m.Histogram.GetBucket() {
			s.Buckets = append(s.Buckets, Bucket{b.GetUpperBound(), b.GetCumulativeCount()})
		}
	case m.Summary != nil: // of the Go runtime
		s.Kind, s.Count, s.Sum = catalogue.Histogram, m.Summary.GetSampleCount(), m.Summary.GetSampleSum()
	case m.Gauge != nil:
		s.Value = m.Gauge.GetValue()
	}
	return s
}

// cached gathers at most once in a time, for all who ask.
type cached struct {
	from prometheus.Gatherer
	keep time.Duration
	now  func() time.Time

	mu  sync.Mutex
	at  time.Time
	got []*dto.MetricFamily
	err error
}

// Gather implements prometheus.Gatherer.
func (c *cached) Gather() ([]*dto.MetricFamily, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); c.at.IsZero() || now.Sub(c.at) >= c.keep {
		c.got, c.err = c.from.Gather()
		c.at = now
	}
	return c.got, c.err
}

const keepAnswer = time.Second

// Handler answers with all series in Prometheus's text format, as of at most a second ago. It does not check who asks. Series that cannot
// be read are missing, and the log says so.
func (m *Meter) Handler(now func() time.Time, log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(&cached{from: m.registry, keep: keepAnswer, now: now}, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError), MaxRequestsInFlight: 4,
	})
}
