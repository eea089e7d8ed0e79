package metrics

import (
	"fmt"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/canteen-chat/canteen/ops/catalogue"
)

// Meter holds all series of a process. It is safe for concurrent use.
type Meter struct {
	registry   *prometheus.Registry
	counters   map[string]*prometheus.CounterVec
	histograms map[string]*prometheus.HistogramVec
	gauges     map[string]catalogue.Metric
	requests   requests
}

// New makes a Meter of all metrics of the catalogue, and of the Go runtime and the process.
func New() *Meter {
	m := &Meter{
		registry: prometheus.NewRegistry(),
		counters: map[string]*prometheus.CounterVec{}, histograms: map[string]*prometheus.HistogramVec{},
		gauges: map[string]catalogue.Metric{},
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, d := range catalogue.All() {
		switch d.Kind {
		case catalogue.Counter:
			v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: d.Name, Help: d.Help}, d.Labels)
			if m.counters[d.Name] = v; len(d.Labels) == 0 {
				v.WithLabelValues()
			}
			m.registry.MustRegister(v)
		case catalogue.Histogram:
			v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: d.Name, Help: d.Help, Buckets: d.Buckets}, d.Labels)
			if m.histograms[d.Name] = v; len(d.Labels) == 0 {
				v.WithLabelValues()
			}
			m.registry.MustRegister(v)
		case catalogue.Gauge:
			m.gauges[d.Name] = d
		}
	}
	m.requests.start(m)
	return m
}

// Counter gives the series of a counter, which the caller keeps. The labels are values, in the order of the catalogue. It panics when the
// catalogue has no such counter.
func (m *Meter) Counter(name string, labels ...string) prometheus.Counter {
	v, ok := m.counters[name]
	if !ok {
		panic("no counter of the catalogue: " + name)
	}
	return v.WithLabelValues(labels...)
}

// Histogram gives the series of a histogram, like Counter.
func (m *Meter) Histogram(name string, labels ...string) prometheus.Observer {
	v, ok := m.histograms[name]
	if !ok {
		panic("no histogram of the catalogue: " + name)
	}
	return v.WithLabelValues(labels...)
}

// Gauge adds the series of a gauge. read gives its value whenever somebody asks for the series. It must be quick, and is called from any
// goroutine. Gauge panics when the catalogue has no such gauge, or the series is there already.
func (m *Meter) Gauge(name string, read func() float64, labels ...string) {
	d, ok := m.gauges[name]
	if !ok || len(labels) != len(d.Labels) {
		panic(fmt.Sprintf("no gauge of the catalogue: %s %q", name, labels))
	}
	constant := prometheus.Labels{}
	for i, label := range d.Labels {
		constant[label] = labels[i]
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: d.Help, ConstLabels: constant}, read))
}

const other = "other" // the label of all values that are not known

// methodLabel is the method, or "other" for one that no route has.
func methodLabel(method string) string {
	if slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}, method) {
		return method
	}
	return other
}

// closedList is a counter with one label, whose values are known. All others are counted as "other".
type closedList map[string]prometheus.Counter

func (m *Meter) closedList(name string, values ...string) closedList {
	c := closedList{}
	for _, v := range append(values, other) {
		c[v] = m.Counter(name, v)
	}
	return c
}

func (c closedList) inc(value string) {
	one, ok := c[value]
	if !ok {
		one = c[other]
	}
	one.Inc()
}
