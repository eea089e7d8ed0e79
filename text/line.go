package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// OneLine makes one line of plain text of what another system said, of at most n code points: white space is collapsed, and what does not
// show or turns the direction of the text around goes. A text that is cut ends in "…".
func OneLine(s string, n int) string {
	if len(s) > 16*n { // bounds the work; no reader sees the difference
		s = s[:16*n]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.In(r, unicode.Co, unicode.Cs) || r == utf8.RuneError:
			return -1
		case unicode.Is(unicode.Cf, r) && !joins(r):
			return -1
		}
		return r
	}, s)
	s = Normal(strings.Join(strings.Fields(s), " "))
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(Truncate(s, n-1)) + "…"
}
