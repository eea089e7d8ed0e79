package history

import (
	"strings"
	"time"
)

// Past returns what was measured in a span that begins at from. With the bucket -1 it is the value of a series; with another, how many
// values a second of a histogram were in that bucket. The last bucket holds what is above all bounds. NaN: it is not known.
type Past func(name string, bucket int, from time.Time, took time.Duration) float64

// Fill writes a span that no Recorder has measured into all slots that the file has for it. It is for a demo; a server never calls it.
func (f *File) Fill(from, to time.Time, past Past) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	cs, row := columns(), make([]float64, len(f.Columns))
	for i, t := range f.Tiers {
		begin := max(from.Unix(), to.Unix()-t.span()+t.Step)
		for at := begin / t.Step * t.Step; at < to.Unix(); at += t.Step {
			first := max(at, from.Unix())
			took := min(at+t.Step, to.Unix()) - first
			row[0] = float64(took) / float64(t.Step)
			for c := 1; c < len(cs); c++ {
				name, _, _ := strings.Cut(cs[c].name, "/")
				row[c] = past(name, cs[c].bucket, time.Unix(first, 0), time.Duration(took)*time.Second)
			}
			if err := f.write(i, at, row); err != nil {
				return err
			}
		}
	}
	return nil
}
