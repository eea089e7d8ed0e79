package history

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/ops/catalogue"
	"github.com/canteen-chat/canteen/ops/metrics"
)

const (
	keepRoutes  = time.Hour
	routesEvery = 5 * time.Minute
)

// Route is how long the answers of a route took, in seconds.
type Route struct {
	Route, Method string
	Count         float64
	P50, P99      float64
}

// Routes knows how long the answers of each route took in the last hour. It is safe for concurrent use.
type Routes struct {
	mu   sync.Mutex
	past []routeCounts // oldest first, routesEvery apart
	last routeCounts
}

// routeCounts are the counts of the buckets of each route at a time, smaller ones not included.
type routeCounts struct {
	at     time.Time
	counts map[[2]string][]float64 // by route and method
}

// Add takes note of a sample.
func (r *Routes) Add(at time.Time, samples []metrics.Sample) {
	now := routeCounts{at, map[[2]string][]float64{}}
	for _, s := range samples {
		if s.Name != catalogue.RequestDuration {
			continue
		}
		counts := make([]float64, len(s.Buckets)+1)
		for i := range counts {
			counts[i] = float64(upTo(s, i) - upTo(s, i-1))
		}
		now.counts[routeOf(s)] = counts
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = now
	for len(r.past) > 1 && !r.past[1].at.After(at.Add(-keepRoutes)) {
		r.past = r.past[1:]
	}
	if len(r.past) == 0 || at.Sub(r.past[len(r.past)-1].at) >= routesEvery {
		r.past = append(r.past, now)
	}
}

func routeOf(s metrics.Sample) (of [2]string) {
	for _, l := range s.Labels {
		switch l.Name {
		case "route":
			of[0] = l.Value
		case "method":
			of[1] = l.Value
		}
	}
	return of
}

// Slowest are the n routes with the largest 99th percentile of about the last hour, or since the first sample, which begins at the start.
func (r *Routes) Slowest(n int) (out []Route) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var before map[[2]string][]float64
	if len(r.past) > 0 && r.past[0].at.Before(r.last.at.Add(-keepRoutes+routesEvery)) {
		before = r.past[0].counts
	}
	bounds := boundsOf(catalogue.RequestDuration)
	for of, counts := range r.last.counts {
		since, total := slices.Clone(counts), 0.0
		for i := range since {
			if was := before[of]; i < len(was) {
				since[i] -= was[i]
			}
			total += since[i]
		}
		if total > 0 {
			out = append(out, Route{of[0], of[1], total, Quantile(0.5, bounds, since), Quantile(0.99, bounds, since)})
		}
	}
	slices.SortFunc(out, func(a, b Route) int {
		return cmp.Or(cmp.Compare(b.P99, a.P99), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Route+a.Method, b.Route+b.Method))
	})
	return out[:min(n, len(out))]
}
