package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Limits of names, in code points.
const (
	HandleMin  = 2
	HandleMax  = 30
	NameLength = 80 // maximum for people and rooms
)

// Fold gives the form in which e-mail addresses are compared and texts are searched: NFKC, case folding, and NFKC again, because
// folding can undo the first. Names are compared by [Skeleton].
func Fold(s string) string {
	return norm.NFKC.String(strings.Map(foldCherokee, cases.Fold().String(norm.NFKC.String(s))))
}

// foldCherokee folds what package cases turns round: Unicode folds the small letters of Cherokee to its capitals.
func foldCherokee(r rune) rune {
	if unicode.Is(unicode.Cherokee, r) {
		return unicode.ToUpper(r)
	}
	return r
}

// Normal gives the form in which names are stored: NFC, without surrounding white space.
func Normal(s string) string { return strings.TrimSpace(norm.NFC.String(s)) }

// Password gives the form in which passwords are hashed: the OpaqueString of RFC 8265, which is NFC with each space of another
// script as U+0020. Keyboards differ in how they write the same characters.
func Password(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, s))
}

// Handle validates a handle. It gives the error message, "" if the handle is valid.
func Handle(s string) string {
	if len(s) < HandleMin || len(s) > HandleMax || strings.Trim(s, handleLetters) != "" || strings.Contains("._-", s[:1]) {
		return "Use 2 to 30 of the characters a-z 0-9 . _ - and begin with a letter or digit."
	}
	return ""
}

// RoomName validates the name of a room. It gives the error message, "" if the name is valid.
func RoomName(s string) string {
	const rule = "Use 1 to 80 lower-case letters, digits, - and _, without spaces."
	if n := utf8.RuneCountInString(s); n < 1 || n > NameLength || !utf8.ValidString(s) {
		return rule
	}
	for i, r := range s {
		switch {
		case r == '-' || r == '_' || unicode.IsDigit(r):
		case ignorable(r) || space(r):
			return rule
		case unicode.IsLetter(r) && unicode.ToLower(r) == r:
		case unicode.IsMark(r) && i > 0:
		default:
			return rule
		}
	}
	return ""
}

// PersonName validates the name of a person or of the workspace. It gives the error message, "" if the name is valid.
func PersonName(s string) string {
	if n := utf8.RuneCountInString(s); n < 1 || n > NameLength || !strings.ContainsFunc(s, visible) {
		return "Enter 1 to 80 characters, at least one of them visible."
	}
	return Line(s)
}

// Line validates a text of one line, which may hold emoji, but no control, bidirectional or invisible characters. It gives the
// error message, "" if the text is valid.
func Line(s string) string {
	if !utf8.ValidString(s) {
		return "The text is not valid UTF-8."
	}
	for c := range clusters(s) {
		if _, ok := Emoji(c); ok {
			continue
		}
		for _, r := range c {
			if unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || unicode.Is(unicode.Cf, r) && !joins(r) {
				return "Control characters, line breaks and invisible characters are not allowed here."
			}
		}
	}
	return ""
}

// joins says whether r is a joiner (ZWNJ or ZWJ), which some scripts need.
func joins(r rune) bool { return r == '\u200C' || r == '\u200D' }
