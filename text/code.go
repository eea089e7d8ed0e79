package text

import (
	"iter"
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

// outsideCode gives the parts of a Markdown text that are neither inline code nor fenced code. The next run of backticks of the
// same length closes a run. A run without a closing run is text, except a fence, which extends to the end.
func outsideCode(s string) []string {
	if !strings.Contains(s, "`") {
		return []string{s}
	}
	runs := backticks(s)
	next := map[int][]int{} // ascending start positions of the runs, by length
	for _, r := range runs {
		next[r.size] = append(next[r.size], r.at)
	}
	var parts []string
	from := 0
	for _, r := range runs {
		if r.at < from {
			continue
		}
		later := next[r.size]
		for len(later) > 0 && later[0] <= r.at {
			later = later[1:]
		}
		next[r.size] = later
		fence := r.size >= 3 && (r.at == 0 || s[r.at-1] == '\n')
		if len(later) == 0 && !fence {
			continue
		}
		parts = append(parts, s[from:r.at])
		if len(later) == 0 {
			return parts
		}
		from = later[0] + r.size
	}
	return append(parts, s[from:])
}

type run struct{ at, size int }

func backticks(s string) []run {
	var runs []run
	for i := 0; i < len(s); i++ {
		if s[i] != '`' {
			continue
		}
		at := i
		for i < len(s) && s[i] == '`' {
			i++
		}
		runs = append(runs, run{at, i - at})
	}
	return runs
}

// clusters are the grapheme clusters of s (UAX #29).
func clusters(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		state := -1
		var c string
		for s != "" {
			if c, s, _, state = uniseg.FirstGraphemeClusterInString(s, state); !yield(c) {
				return
			}
		}
	}
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }
