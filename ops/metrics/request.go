package metrics

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/canteen-chat/canteen/ops/catalogue"
)

// requests are the series of requests that were used already, so that recording one need not look for its labels.
type requests struct {
	inFlight atomic.Int64
	errors   prometheus.Counter
	mu       sync.RWMutex
	known    map[requestKey]requestSeries
}

type requestKey struct {
	route, method string
	class         int
}

type requestSeries struct {
	count    prometheus.Counter
	duration prometheus.Observer
}

func (r *requests) start(m *Meter) {
	r.errors = m.Counter(catalogue.ServerErrors)
	r.known = map[requestKey]requestSeries{}
	m.Gauge(catalogue.RequestsInFlight, func() float64 { return float64(r.inFlight.Load()) })
}

// Began counts a request as in flight until Answered. Meter is a rest.Meter.
func (m *Meter) Began() { m.requests.inFlight.Add(1) }

// Answered records an answered request. route is a pattern of the table of routes, with or without its method, or "" for a request that
// reached none. It must never be a path.
func (m *Meter) Answered(route, method string, status int, took time.Duration) {
	m.requests.inFlight.Add(-1)
	m.record(route, method, status, took)
}

// Refused records a request that was refused before Began. Its time is not measured.
func (m *Meter) Refused(route, method string, status int) {
	m.Counter(catalogue.Requests, routeLabel(route), methodLabel(method), statusLabel(status/100)).Inc()
	if status == http.StatusInternalServerError { // 503 says that the server restarts
		m.requests.errors.Inc()
	}
	if status == http.StatusTooManyRequests {
		m.Counter(catalogue.RateLimited, routeLabel(route)).Inc()
	}
}

func (m *Meter) record(route, method string, status int, took time.Duration) {
	key := requestKey{route, method, status / 100}
	m.requests.mu.RLock()
	s, ok := m.requests.known[key]
	m.requests.mu.RUnlock()
	if !ok {
		s = m.addRequest(key)
	}
	s.count.Inc()
	s.duration.Observe(took.Seconds())
	switch {
	case status >= http.StatusInternalServerError:
		m.requests.errors.Inc()
	case status == http.StatusTooManyRequests:
		m.Counter(catalogue.RateLimited, routeLabel(route)).Inc()
	case catalogue.IsSignInFailure(route, status):
		m.Counter(catalogue.SignInFailures).Inc()
	case catalogue.IsGapFetch(route):
		m.Counter(catalogue.GapFetches).Inc()
	}
}

// addRequest finds the series of a request, and keeps them. Requests with unknown methods find them anew each time: there may be many.
func (m *Meter) addRequest(key requestKey) requestSeries {
	route, method := routeLabel(key.route), methodLabel(key.method)
	s := requestSeries{
		m.Counter(catalogue.Requests, route, method, statusLabel(key.class)), m.Histogram(catalogue.RequestDuration, route, method),
	}
	if method == key.method {
		m.requests.mu.Lock()
		defer m.requests.mu.Unlock()
		m.requests.known[key] = s
	}
	return s
}

// routeLabel is the path of a route, since the method is a label of its own.
func routeLabel(route string) string {
	if _, path, found := strings.Cut(route, " "); found {
		return path
	}
	if route == "" {
		return "none"
	}
	return route
}

func statusLabel(class int) string {
	if class < 1 || class > 5 {
		return other
	}
	return string(rune('0'+class)) + "xx"
}
