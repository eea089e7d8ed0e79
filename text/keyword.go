package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of keywords.
const (
	MaxKeywords   = 20
	KeywordMin    = 2
	KeywordLength = 40
)

// Keywords gives keywords as they are kept, or says what is wrong with one. Of those that match the same texts the first is kept.
func Keywords(in []string) (out []string, why string) {
	if len(in) > MaxKeywords {
		return nil, fmt.Sprintf("At most %d keywords are allowed.", MaxKeywords)
	}
	same := map[string]bool{}
	for _, k := range in {
		k = Normal(k)
		words := Words(k)
		if n := utf8.RuneCountInString(k); n < KeywordMin || n > KeywordLength {
			return nil, fmt.Sprintf("A keyword has %d to %d characters: %q does not.", KeywordMin, KeywordLength, k)
		}
		if why := Line(k); why != "" {
			return nil, why
		}
		if !slices.ContainsFunc(words, IsWord) {
			return nil, fmt.Sprintf("A keyword is text that a message has, not a pattern: %q has no letter and no digit.", k)
		}
		if key := strings.Join(words, " "); !same[key] {
			same[key] = true
			out = append(out, k)
		}
	}
	return out, ""
}
