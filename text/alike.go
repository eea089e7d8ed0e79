package text

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Comparison is the version of what [Skeleton] and [NameKeys] give. It is raised with each change of their results, so that
// stores compute again what they keep of them.
const Comparison = 1

// rounds is more than any character needs until it changes no more, as a test says.
const rounds = 8

//go:embed confusables.txt
var confusablesList string

// prototypes maps characters to what they look like (UTS #39). It is read-only.
var prototypes = sync.OnceValue(func() map[rune]string {
	table := make(map[rune]string, 8192)
	for line := range strings.Lines(confusablesList) {
		if line[0] == '#' {
			continue
		}
		words := strings.Fields(line)
		var prototype []rune
		for hex := range strings.SplitSeq(words[0], "+") {
			prototype = append(prototype, codePoint(hex))
		}
		for _, hex := range words[1:] {
			table[codePoint(hex)] = string(prototype)
		}
	}
	return table
})

func codePoint(hex string) rune {
	n, _ := strconv.ParseInt(hex, 16, 32) // a test compares the table with its source
	return rune(n)
}

// Skeleton gives the form in which names are compared: case folded in NFKC, without default-ignorable code points, white space
// collapsed, and each character replaced by its prototype in UTS #39. Since prototypes can be folded again, this is repeated
// until nothing changes.
func Skeleton(s string) string {
	for range rounds {
		next := lookalike(bare(Fold(s)))
		if next == s {
			break
		}
		s = next
	}
	return s
}

// NameKeys are what the name of a person is compared by: two names are alike if they share a key. The first key compares
// without case. The second compares what is seen: a capital letter may look like a letter whose capital looks different, as I
// looks like l.
func NameKeys(s string) []string {
	keys := []string{Skeleton(s), Skeleton(lookalike(bare(norm.NFKC.String(s))))}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// lookalike is the internal skeleton of UTS #39, section 4, of a text without default-ignorable code points.
func lookalike(s string) string {
	table := prototypes()
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if p, ok := table[r]; ok {
			b.WriteString(p)
		} else {
			b.WriteRune(r)
		}
	}
	return norm.NFD.String(b.String())
}

// bare is s without default-ignorable code points and with each run of white space as one space, none at the ends.
func bare(s string) string {
	return strings.Join(strings.FieldsFunc(strings.Map(func(r rune) rune {
		if ignorable(r) {
			return -1
		}
		return r
	}, s), space), " ")
}

// ignorable says whether r has the property Default_Ignorable_Code_Point, which is derived from these (Unicode, chapter 5.21).
func ignorable(r rune) bool {
	switch {
	case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return true
	case 0xFFF9 <= r && r <= 0xFFFB, 0x13430 <= r && r <= 0x1343F, unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false
	}
	return unicode.Is(unicode.Cf, r)
}

// space says whether r is white space, or a symbol without ink.
func space(r rune) bool {
	switch r {
	case '\u2800', // braille pattern blank
		'\U0001D159',               // musical symbol null notehead
		'\U00013441', '\U00013442': // Egyptian hieroglyphs full blank, half blank
		return true
	}
	return unicode.IsSpace(r)
}

// visible says whether r shows something by itself. A mark alone does not: it is drawn on whatever stands before it.
func visible(r rune) bool {
	return !space(r) && !ignorable(r) && !unicode.In(r, unicode.M, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}

// Deceptive says whether a name is taken for another's whoever else is there: it mixes scripts, or reads like a reserved handle,
// such as "System" and "admin.".
func Deceptive(s string) bool {
	words := strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.L, unicode.N) {
			return r
		}
		return -1
	}, Skeleton(s))
	return Mixed(s) || slices.ContainsFunc(reserved, func(h string) bool { return Skeleton(h) == words })
}

// scriptSets are the scripts that one name may mix (UTS #39, section 5.2, highly restrictive).
var scriptSets = [][]string{
	{"Latin", "Han", "Hiragana", "Katakana"}, {"Latin", "Han", "Bopomofo"}, {"Latin", "Han", "Hangul"},
}

// Mixed says whether a name mixes scripts, other than in the ways usual for Chinese, Japanese and Korean. Letters of different
// scripts look alike.
func Mixed(s string) bool {
	var found []string
	for _, r := range s {
		if !unicode.IsLetter(r) {
			continue
		}
		for _, c := range norm.NFKC.String(string(r)) {
			if of := script(c); of != "" && !slices.Contains(found, of) {
				found = append(found, of)
			}
		}
	}
	return len(found) > 1 && !slices.ContainsFunc(scriptSets, func(set []string) bool {
		return !slices.ContainsFunc(found, func(of string) bool { return !slices.Contains(set, of) })
	})
}

// script is the name of the script of r, "" for characters that are common to several.
func script(r rune) string {
	if unicode.In(r, unicode.Common, unicode.Inherited) {
		return ""
	}
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return ""
}
