package history

import (
	"math"
	"strconv"

	"github.com/canteen-chat/canteen/ops/metrics"
)

// column is what a slot holds one number of.
type column struct {
	name   string
	metric string
	kind   kind
	labels map[string]string
	except map[string]string
	bucket int // of a histogram: the number of the bucket; -1 for all others
}

// covered is the name of the first column: which share of the slot's time was measured.
const covered = "covered"

// columns are those of the table of series. Percentiles have none of their own, but the buckets of their histogram.
func columns() []column {
	out := []column{{name: covered, bucket: -1}}
	for _, s := range All() {
		if s.kind != quantile {
			out = append(out, column{s.Name, s.Metric, s.kind, s.labels, s.except, -1})
		}
	}
	for _, h := range histograms() {
		for i := range len(boundsOf(h.metric)) + 1 {
			out = append(out, column{bucketColumn(h.name, i), h.metric, rate, nil, h.except, i})
		}
	}
	return out
}

// bucketColumn is the name of the column of a bucket. The last one of a histogram holds what is above all bounds.
func bucketColumn(histogram string, i int) string { return histogram + "/" + strconv.Itoa(i) }

// counts says whether a sample belongs to a column.
func (c column) counts(s metrics.Sample) bool {
	found := 0
	for _, l := range s.Labels {
		if v, ok := c.labels[l.Name]; ok && v == l.Value {
			found++
		}
		if v, ok := c.except[l.Name]; ok && v == l.Value {
			return false
		}
	}
	return found == len(c.labels)
}

// value is what a sample adds to a column.
func (c column) value(s metrics.Sample) float64 {
	if c.bucket < 0 {
		return s.Value
	}
	return float64(upTo(s, c.bucket) - upTo(s, c.bucket-1))
}

// upTo is how many values of a histogram are in its first buckets, up to the one with number i.
func upTo(s metrics.Sample, i int) uint64 {
	switch {
	case i < 0:
		return 0
	case i < len(s.Buckets):
		return s.Buckets[i].Count
	}
	return s.Count
}

// read gives the state of each column: for a rate how much there was since the start of the process, else the value, NaN if it is not
// known.
func read(of map[string][]int, cs []column, samples []metrics.Sample) []float64 {
	out := make([]float64, len(cs))
	for i, c := range cs {
		if c.kind != rate {
			out[i] = math.NaN()
		}
	}
	for _, s := range samples {
		for _, i := range of[s.Name] {
			if !cs[i].counts(s) {
				continue
			}
			switch v := cs[i].value(s); {
			case math.IsNaN(out[i]):
				out[i] = v
			case cs[i].kind == most:
				out[i] = max(out[i], v)
			default:
				out[i] += v
			}
		}
	}
	return out
}

// byMetric are the columns of each metric.
func byMetric(cs []column) map[string][]int {
	out := map[string][]int{}
	for i, c := range cs {
		if c.metric != "" {
			out[c.metric] = append(out[c.metric], i)
		}
	}
	return out
}
