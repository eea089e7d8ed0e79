package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const handleLetters = "abcdefghijklmnopqrstuvwxyz0123456789._-"

// Mentions finds the first @handles in the plain text of a message, most of them at most: not in code, nor in addresses. Upper case is
// as lower case. A handle may end in dots or dashes, and so may a sentence. Each mention is therefore a list of one or two candidates:
// with these marks, and without them; the first one that exists is the mentioned user. Each distinct mention is listed once, in order.
//
// An @ is no mention after a backslash, nor after a letter or digit, which make it an e-mail address; nor is one if a letter, a digit or
// an @ follows the handle. Letters of scripts that are written without spaces, or join words, do not count.
func Mentions(s string, most int) [][]string {
	var found [][]string
	seen := map[string]bool{}
	for _, part := range plain(s) {
		for i := strings.IndexByte(part, '@'); i >= 0 && len(found) < most; {
			rest := part[i+1:]
			end := 0
			for end < len(rest) && strings.IndexByte(handleLetters, lower(rest[end])) >= 0 {
				end++
			}
			if end >= HandleMin && begins(part[:i]) && !goesOn(rest[end:]) {
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

// begins says whether an @ after this text can be that of a mention.
func begins(before string) bool {
	escapes := len(before) - len(strings.TrimRight(before, `\`))
	last, _ := utf8.DecodeLastRuneInString(before)
	return escapes%2 == 0 && !wordRune(last)
}

// goesOn says whether the text after a handle makes it another word.
func goesOn(after string) bool {
	next, _ := utf8.DecodeRuneInString(after)
	return next == '@' || wordRune(next) || unicode.IsMark(next)
}

// wordRune says whether r is a digit, or a letter of a script in which words stand apart.
func wordRune(r rune) bool {
	return unicode.IsDigit(r) || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// candidates are the valid handles of a word: with the marks at its end, and without them.
func candidates(word string) (out []string) {
	bare := strings.TrimRight(word, "._-")
	for _, c := range []string{word, bare} {
		if len(c) <= HandleMax && !slices.Contains(out, strings.ToLower(c)) && Handle(strings.ToLower(c)) == "" {
			out = append(out, strings.ToLower(c))
		}
	}
	return out
}
