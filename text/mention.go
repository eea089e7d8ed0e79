package text

import (
	"iter"
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
	for word := range named(s) {
		if len(found) >= most {
			break
		}
		if c := candidates(word); len(c) > 0 && !seen[c[0]] {
			seen[c[0]] = true
			found = append(found, c)
		}
	}
	return found
}

// Broadcasts finds @here and @room in the plain text of a message, by the rules of [Mentions]: the words, each once, in order. The marks at
// the end of a word belong to the sentence.
func Broadcasts(s string) []string {
	var found []string
	for word := range named(s) {
		if b := broadcast(word); b != "" && !slices.Contains(found, b) {
			found = append(found, b)
		}
	}
	return found
}

// broadcast is which of here and room a word is; "" for neither.
func broadcast(word string) string {
	switch b := strings.ToLower(trimMarks(word)); b {
	case "here", "room":
		return b
	}
	return ""
}

// named yields what stands after each @ that can be that of a mention, in order: letters of handles, as they were written.
func named(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if !strings.Contains(s, "@") {
			return
		}
		for _, part := range plain(s) {
			for i := strings.IndexByte(part, '@'); i >= 0; {
				rest := part[i+1:]
				end := 0
				for end < len(rest) && strings.IndexByte(handleLetters, lower(rest[end])) >= 0 {
					end++
				}
				if end >= HandleMin && begins(part[:i]) && !goesOn(rest[end:]) && !yield(rest[:end]) {
					return
				}
				n := strings.IndexByte(rest[end:], '@')
				if n < 0 {
					break
				}
				i += 1 + end + n
			}
		}
	}
}

// trimMarks is a word without the marks at its end, which may be those of a sentence.
func trimMarks(word string) string { return strings.TrimRight(word, "._-") }

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
	if broadcast(word) != "" {
		return nil
	}
	for _, c := range []string{word, trimMarks(word)} {
		if len(c) <= HandleMax && !slices.Contains(out, strings.ToLower(c)) && Handle(strings.ToLower(c)) == "" {
			out = append(out, strings.ToLower(c))
		}
	}
	return out
}

// Meant are the ids of those whom a text means: of the candidates of each mention, as [Mentions] gives them, the first who is among ids,
// by handle.
func Meant(named [][]string, ids map[string]string) []string {
	var out []string
	for _, candidates := range named {
		i := slices.IndexFunc(candidates, func(handle string) bool { return ids[handle] != "" })
		if i >= 0 {
			out = append(out, ids[candidates[i]])
		}
	}
	return out
}
