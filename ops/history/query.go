package history

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// MaxPoints is how many values a series of an answer has at most.
const MaxPoints = 1500

// Query asks for series.
type Query struct {
	Names    []string
	From, To time.Time
	Step     time.Duration // 0: as fine as MaxPoints allows
}

// Answer are series of the same times: value i tells of the time from From + i × Step on.
type Answer struct {
	From   time.Time
	Step   time.Duration
	Series []Values
}

// Values are those of a series. NaN: nothing was measured, or nothing happened of which there could be a percentile.
type Values struct {
	Series
	Values []float64
}

// UnknownError is the error for the name of no series.
type UnknownError struct{ Name string }

// Error implements error.
func (e UnknownError) Error() string { return fmt.Sprintf("there is no series %q", e.Name) }

// Query reads series. Times that are not kept so finely any more are answered in larger steps, and what is not kept at all is left out.
func (f *File) Query(q Query) (Answer, error) {
	var asked []Series
	all := All()
	for _, name := range q.Names {
		i := slices.IndexFunc(all, func(s Series) bool { return s.Name == name })
		if i < 0 {
			return Answer{}, UnknownError{name}
		}
		asked = append(asked, all[i])
	}
	if now := f.now(); q.To.After(now) {
		q.To = now
	}
	tier, from, step := f.plan(q)
	n := max(0, (q.To.Unix()-from+step-1)/step)
	sums, err := f.sums(tier, from, step, n)
	if err != nil {
		return Answer{}, err
	}
	out := Answer{From: time.Unix(from, 0).UTC(), Step: time.Duration(step) * time.Second}
	for _, s := range asked {
		v, value := Values{Series: s, Values: make([]float64, n)}, sums.reader(s)
		for i := range v.Values {
			v.Values[i] = value(i)
		}
		out.Series = append(out.Series, v)
	}
	return out, nil
}

// plan chooses the tier that answers a query, where the answer begins, and its step.
func (f *File) plan(q Query) (tier int, from, step int64) {
	last := len(f.Tiers) - 1
	oldest := f.now().Unix() - f.Tiers[last].span()
	from, step = max(q.From.Unix(), oldest), int64(q.Step/time.Second)
	step = max(step, fitting(q.To.Unix()-from))
	for tier < last && (f.Tiers[tier+1].Step <= step || f.now().Unix()-f.Tiers[tier].span() > from) {
		tier++
	}
	t := f.Tiers[tier].Step
	step = (max(step, t) + t - 1) / t * t
	return tier, from / step * step, step
}

// fitting is the smallest usual step by which MaxPoints cover a time.
func fitting(seconds int64) int64 {
	usual := []int64{10, 20, 30, minute, 2 * minute, 5 * minute, 10 * minute, 20 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour}
	for _, s := range usual {
		if seconds/s+1 < MaxPoints {
			return s
		}
	}
	return (seconds/(MaxPoints-2) + day) / day * day
}

// Period is what is known of a series in a span of days.
type Period struct {
	From    time.Time
	Total   float64       // of a rate: how often it happened
	Mean    float64       // NaN: nothing is known
	Covered time.Duration // how much of the time was measured
}

// Times is Total as a whole number.
func (p Period) Times() int64 { return int64(math.Round(p.Total)) }

// Periods are n spans of so many days each, in order, the first of which begins with the hour of from.
func (f *File) Periods(name string, from time.Time, days, n int) ([]Period, error) {
	column := slices.Index(f.Columns, name)
	if column < 0 {
		return nil, UnknownError{name}
	}
	begin, step := from.Unix()/hour*hour, int64(days)*day
	sums, err := f.sums(len(f.Tiers)-1, begin, step, int64(n))
	if err != nil {
		return nil, err
	}
	out := make([]Period, n)
	for i := range out {
		at := i*len(f.Columns) + column
		out[i] = Period{
			From: time.Unix(begin+int64(i)*step, 0).UTC(), Total: sums.total[at], Mean: sums.total[at] / sums.weight[at],
			Covered: time.Duration(sums.weight[i*len(f.Columns)]) * time.Second,
		}
	}
	return out, nil
}

// sums adds up the slots of a tier in n steps.
func (f *File) sums(tier int, from, step, n int64) (*sums, error) {
	s := newSums(f.Columns, from, step, n)
	f.mu.RLock()
	defer f.mu.RUnlock()
	t, now := f.Tiers[tier], f.now().Unix()
	s.slot = t.Step
	return s, f.each(tier, max(from, now-t.span()), min(from+n*step, now+t.Step), s.add)
}

// sums are values, weighted by how much of their time was measured.
type sums struct {
	columns       []string
	from, step    int64
	slot          int64     // length of the slots that are added; 0: only their relation to each other matters
	total, weight []float64 // of each step, of each column
}

func newSums(columns []string, from, step, n int64) *sums {
	size := int(n) * len(columns)
	return &sums{columns: columns, from: from, step: step, slot: 1, total: make([]float64, size), weight: make([]float64, size)}
}

// add adds a slot.
func (s *sums) add(at int64, values []float64) error {
	row := int((at-s.from)/s.step) * len(s.columns)
	measured := values[0] * float64(s.slot)
	for i, v := range values {
		if !math.IsNaN(v) {
			s.total[row+i] += v * measured
			s.weight[row+i] += measured
		}
	}
	return nil
}

// mean is that of a column in a step, NaN if nothing is known.
func (s *sums) mean(step, column int) float64 {
	at := step*len(s.columns) + column
	if s.weight[at] == 0 {
		return math.NaN()
	}
	return s.total[at] / s.weight[at]
}

// means are the values of a slot that has the time of a step, of slots of a length.
func (s *sums) means(step int, slot int64) []float64 {
	out := make([]float64, len(s.columns))
	for i := range out {
		out[i] = s.mean(step, i)
	}
	out[0] = min(1, s.weight[step*len(s.columns)]*float64(slot)/float64(s.step))
	return out
}

// reader gives the value of a series in a step.
func (s *sums) reader(of Series) func(step int) float64 {
	if of.kind != quantile {
		column := slices.Index(s.columns, of.Name)
		return func(step int) float64 { return s.mean(step, column) }
	}
	bounds, first := boundsOf(of.Metric), slices.Index(s.columns, bucketColumn(of.of, 0))
	rates := make([]float64, len(bounds)+1)
	return func(step int) float64 {
		for i := range rates {
			rates[i] = s.mean(step, first+i)
		}
		return Quantile(of.q, bounds, rates)
	}
}

// Quantile estimates a quantile of a histogram as Prometheus does: evenly spread within a bucket; what is above all bounds counts as the
// largest bound. counts has one more than bounds. NaN if there is nothing.
func Quantile(q float64, bounds, counts []float64) float64 {
	total := 0.0
	for _, n := range counts {
		total += n
	}
	if !(total > 0) || len(bounds) == 0 { // NaN, too
		return math.NaN()
	}
	rank, lower := q*total, 0.0
	for i, upper := range bounds {
		if rank <= counts[i] && counts[i] > 0 {
			return lower + (upper-lower)*rank/counts[i]
		}
		rank -= counts[i]
		lower = upper
	}
	return bounds[len(bounds)-1]
}
