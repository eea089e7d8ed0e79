package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MessageLength is the maximum length of a message's text, in code points.
const MessageLength = 20_000

// Message validates the text of a message: 1 to 20,000 code points of valid UTF-8 without U+0000, at least one of them visible.
// kept is the text as it is stored, with LF as line ends; wrong is the error message, "" if the text is valid.
func Message(s string) (kept, wrong string) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", "The text must be valid UTF-8 without the character U+0000."
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	if utf8.RuneCountInString(s) > MessageLength {
		return "", "At most 20,000 characters are allowed."
	}
	if invisible(s) {
		return "", "1 to 20,000 characters are needed, at least one of them visible."
	}
	return s, ""
}

// invisible says whether s has no visible character.
func invisible(s string) bool {
	for _, r := range s {
		if !space(r) && !ignorable(r) && !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r) {
			return false
		}
	}
	return true
}

// Truncate cuts s to at most n code points, between two grapheme clusters. Only a first cluster that alone is longer is itself cut. It
// reads n+1 code points at most: whether there may be a cut between two of them is decided by those before and the one after.
func Truncate(s string, n int) string {
	head := prefix(s, n+1)
	if utf8.RuneCountInString(head) <= n {
		return s
	}
	end, left := 0, n
	for c := range clusters(head) {
		if left -= utf8.RuneCountInString(c); left < 0 {
			break
		}
		end += len(c)
	}
	if end == 0 {
		return strings.TrimRight(prefix(head, n), "\u200D")
	}
	return s[:end]
}

// prefix is the first n code points of s.
func prefix(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}
