package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// outsideSpans gives the parts of a paragraph that are neither code spans nor addresses. The next run of backticks of the same length
// closes a run. A run without a closing run is text.
func outsideSpans(s string) (parts []string) {
	next := backticks(s)
	from := 0
	for at := 0; at < len(s); {
		marks, end := 1, 0 // the mark here, and the end of what begins with it and is no plain text
		switch s[at] {
		case '\\':
			if at+1 < len(s) && punctuation(s[at+1]) {
				marks = 2
			}
		case '`':
			marks = len(s[at:]) - len(strings.TrimLeft(s[at:], "`"))
			if close := next.after(at+marks-1, marks); close > 0 {
				end = close + marks
			}
		case '<':
			end = at + angled(s[at:])
		case 'h', 'H', 'w', 'W':
			if at == 0 || !letterOrDigit(s[at-1]) {
				end = at + webAddress(s[at:])
			}
		}
		if end <= at {
			at += marks
			continue
		}
		parts = append(parts, s[from:at])
		at, from = end, end
	}
	return append(parts, s[from:])
}

// backtickRuns are the places of the runs of backticks in a text, by length, ascending. Those that were passed are dropped.
type backtickRuns map[int][]int

func backticks(s string) backtickRuns {
	runs := backtickRuns{}
	for i := 0; i < len(s); i++ {
		if s[i] != '`' {
			continue
		}
		at := i
		for i < len(s) && s[i] == '`' {
			i++
		}
		runs[i-at] = append(runs[i-at], at)
	}
	return runs
}

// after is the place of the first run of this length after a place; 0 if there is none. Places are asked for in ascending order.
func (runs backtickRuns) after(at, size int) int {
	later := runs[size]
	for len(later) > 0 && later[0] <= at {
		later = later[1:]
	}
	if runs[size] = later; len(later) == 0 {
		return 0
	}
	return later[0]
}

func letterOrDigit(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= lower(b) && lower(b) <= 'z'
}

// punctuation says whether a backslash before b makes it text.
func punctuation(b byte) bool { return '!' <= b && b <= '~' && !letterOrDigit(b) }

// longestAddress is the longest that is looked for, in bytes.
const longestAddress = 2000

// angled is the length of an address in angle brackets at the beginning of s (CommonMark 0.31.2, section 6.5), 0 if there is none.
func angled(s string) int {
	head := s[1:min(len(s), longestAddress)]
	n := strings.IndexFunc(head, func(r rune) bool { return r <= ' ' || r == '<' || r == '>' })
	if n < 0 || head[n] != '>' {
		return 0
	}
	scheme, _, absolute := strings.Cut(head[:n], ":")
	schemeLetter := func(r rune) bool {
		return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("+.-", r)
	}
	absolute = absolute && len(scheme) > 1 && len(scheme) <= 32 && strings.TrimLeftFunc(scheme, schemeLetter) == "" &&
		scheme[0] > '9'
	if name, host, mail := strings.Cut(head[:n], "@"); absolute || mail && name != "" && strings.TrimLeftFunc(host, schemeLetter) == "" {
		return n + 2
	}
	return 0
}

// webAddress is the length of a web address at the beginning of s, 0 if there is none. It ends before a bracket that closes none of its
// own, too.
func webAddress(s string) int {
	head := s[:min(len(s), longestAddress)]
	begin := 0
	for _, scheme := range []string{"https://", "http://", "www."} {
		if len(head) > len(scheme) && strings.EqualFold(head[:len(scheme)], scheme) {
			begin = len(scheme)
			break
		}
	}
	if begin == 0 {
		return 0
	}
	var open [3]int // of each bracket, those that are open within
	for i, r := range head[begin:] {
		opens, closes := strings.IndexRune("([{", r), strings.IndexRune(")]}", r)
		switch {
		case opens >= 0:
			open[opens]++
		case closes >= 0 && open[closes] > 0:
			open[closes]--
		case closes >= 0 || ends(r):
			return begin + i
		}
	}
	return len(head)
}

// ends says whether r ends an address: a space, a quotation mark, or what other scripts have as stops and brackets.
func ends(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("<>\"`", r) ||
		r > unicode.MaxASCII && unicode.In(r, unicode.Z, unicode.C, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf, unicode.Po)
}
