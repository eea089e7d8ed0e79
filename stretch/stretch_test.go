package stretch

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// posted are the times of a room's messages, from seq 1 on. It counts how often it is read.
type posted struct {
	Reader
	at    []time.Time
	reads int
}

func (p *posted) Times(seqs []int64) ([]time.Time, error) {
	p.reads++
	out := make([]time.Time, len(seqs))
	for i, seq := range seqs {
		out[i] = p.at[seq-1]
	}
	return out, nil
}

func TestTheFirstMessageSinceAMoment(t *testing.T) {
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(rt *rapid.T) {
		p := &posted{}
		for range rapid.IntRange(0, 300).Draw(rt, "messages") {
			p.at = append(p.at, noon.Add(time.Duration(rapid.IntRange(0, 60).Draw(rt, "minute"))*time.Minute))
		}
		skewed := rapid.Bool().Draw(rt, "skewed")
		if !skewed {
			slices.SortFunc(p.at, time.Time.Compare)
		}
		moment := noon.Add(time.Duration(rapid.IntRange(-1, 61).Draw(rt, "moment")) * time.Minute)
		seq, err := firstSince(moment, int64(len(p.at)), p)
		if err != nil {
			rt.Fatal(err)
		}
		here := seq > int64(len(p.at)) || !p.at[seq-1].Before(moment)
		before := seq == 1 || p.at[seq-2].Before(moment)
		if !here || !before {
			rt.Fatalf("message %d of %v, since %v", seq, p.at, moment)
		}
	})
	million := &posted{}
	for i := range 1_000_000 {
		million.at = append(million.at, noon.Add(time.Duration(i)*time.Second))
	}
	for _, seq := range []int64{1, 2, 499_999, 999_999, 1_000_000, 1_000_001} {
		million.reads = 0
		got, err := firstSince(noon.Add(time.Duration(seq-1)*time.Second), 1_000_000, million)
		if err != nil || got != seq || million.reads > 7 {
			t.Errorf("message %d, want %d, after %d reads: %v", got, seq, million.reads, err)
		}
	}
}
