package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const handleLetters = "abcdefghijklmnopqrstuvwxyz0123456789._-"

// Mentions finds the first @handles of a text outside code, most of them at most. A handle may end in dots or dashes, and so may a
// sentence. Each mention is therefore a list of one or two candidates: with these marks, and without them; the first one that exists is
// the mentioned user. An @ after a letter, a digit or one of ._- is no mention (it is an e-mail address). Each distinct mention is listed
// once, in order.
func Mentions(s string, most int) [][]string {
	var found [][]string
	seen := map[string]bool{}
	for _, part := range outsideCode(s) {
		for i := strings.IndexByte(part, '@'); i >= 0 && len(found) < most; {
			before, _ := utf8.DecodeLastRuneInString(part[:i])
			rest := part[i+1:]
			end := 0
			for end < len(rest) && strings.IndexByte(handleLetters, lower(rest[end])) >= 0 {
				end++
			}
			if end >= HandleMin && !wordRune(before) {
				if c := candidates(rest[:end]); len(c) > 0 && !seen[c[0]] {
					seen[c[0]] = true
					found = append(found, c)
				}
			}
			n := strings.IndexByte(rest[end:], '@')
			if n < 0 {
				break
			}
			i += 1 + end + n
		}
	}
	return found
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-", r))
}

// candidates are the valid handles of a word: with the marks at its end, and without them.
func candidates(word string) (out []string) {
	bare := strings.TrimRight(word, "._-")
	for _, c := range []string{word, bare} {
		if len(c) <= HandleMax && !contains(out, strings.ToLower(c)) && Handle(strings.ToLower(c)) == "" {
			out = append(out, strings.ToLower(c))
		}
	}
	return out
}
