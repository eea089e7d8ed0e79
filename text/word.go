package text

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// Words splits a text into what keywords are compared by, in the form of [Fold]: words of letters and digits, and each other visible
// character by itself. So a text has a keyword if the words of the keyword stand in it one after the other. Scripts that are written
// without spaces have no words that can be told apart: each of their letters is one.
func Words(s string) []string {
	folded := bare(Fold(s))
	var out []string
	from, open := 0, false // the last word begins here, and goes on
	end := func(at int) {
		if from < at {
			out = append(out, folded[from:at])
		}
		from = at
	}
	for i, r := range folded {
		switch {
		case r == ' ':
			end(i)
			from, open = i+1, false
		case unicode.IsMark(r): // belongs to the character before it
		case open && joined(r):
		default:
			end(i)
			open = joined(r)
		}
	}
	end(len(folded))
	return out
}

// IsWord says whether a word of [Words] has a letter or digit.
func IsWord(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.In(r, unicode.L, unicode.N)
}

// joined says whether r is a digit, or a letter of a script in which letters next to each other make a word.
func joined(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo,
		unicode.Yi, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Javanese, unicode.Balinese,
		unicode.Tai_Le, unicode.New_Tai_Lue, unicode.Tai_Tham, unicode.Tai_Viet)
}

// HasWords says whether the words of a phrase stand in those of a text, one after the other.
func HasWords(words, phrase []string) bool {
	for i := range len(words) - len(phrase) + 1 {
		if slices.Equal(words[i:i+len(phrase)], phrase) {
			return len(phrase) > 0
		}
	}
	return false
}
