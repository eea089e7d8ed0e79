package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const handleLetters = "abcdefghijklmnopqrstuvwxyz0123456789._-"

// Mentions finds the @handles of a text outside code. A handle may end in a dot or dash, and so may a sentence. Each mention is
// therefore a list of candidates, longest first; the first one that exists is the mentioned user. An @ after a letter, a digit or
// one of ._- is no mention (it is an e-mail address). Each distinct mention is listed once, in order.
func Mentions(s string) [][]string {
	var found [][]string
	seen := map[string]bool{}
	for _, part := range outsideCode(s) {
		for i := strings.IndexByte(part, '@'); i >= 0; {
			before, _ := utf8.DecodeLastRuneInString(part[:i])
			rest := part[i+1:]
			end := 0
			for end < len(rest) && strings.IndexByte(handleLetters, lower(rest[end])) >= 0 {
				end++
			}
			if c := candidates(strings.ToLower(rest[:end])); len(c) > 0 && !wordRune(before) && !seen[c[0]] {
				seen[c[0]] = true
				found = append(found, c)
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

// candidates are the valid handles among word and word without some of its trailing punctuation, longest first.
func candidates(word string) []string {
	var out []string
	if len(word) > HandleMax+8 {
		word = word[:HandleMax+8]
	}
	for {
		if Handle(word) == "" {
			out = append(out, word)
		}
		if word == "" || !strings.ContainsAny(word[len(word)-1:], "._-") {
			return out
		}
		word = word[:len(word)-1]
	}
}
