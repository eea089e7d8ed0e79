package text

import (
	"iter"

	"github.com/rivo/uniseg"
)

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
