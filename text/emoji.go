package text

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed emoji.txt
var emojiList string

const presentation = "\uFE0F" // variation selector 16: emoji presentation

// longestEmoji is the maximum length of a sequence with all selectors, in bytes.
const longestEmoji = 64

// emojiTable maps each sequence without selectors to the fully qualified sequence. It is read-only.
var emojiTable = sync.OnceValue(func() map[string]string {
	table := make(map[string]string, 4096)
	for line := range strings.Lines(emojiList) {
		if e := strings.TrimSuffix(line, "\n"); e[0] != '#' || strings.Contains(e, "\u20E3") {
			table[strings.ReplaceAll(e, presentation, "")] = e
		}
	}
	return table
})

// Emoji gives the canonical form of s if s is exactly one RGI emoji sequence (UTS #51, ED-27). The canonical form is fully
// qualified: it has all variation selectors. A misplaced selector or a text selector makes ok false.
func Emoji(s string) (canonical string, ok bool) {
	if s == "" || len(s) > longestEmoji {
		return "", false
	}
	canonical, ok = emojiTable()[strings.ReplaceAll(s, presentation, "")]
	if !ok || !qualifies(s, canonical) {
		return "", false
	}
	return canonical, true
}

// qualifies says whether s is canonical without some of its selectors, or with a redundant selector before a skin tone or at the end.
func qualifies(s, canonical string) bool {
	for s != "" {
		sel, want := strings.HasPrefix(s, presentation), strings.HasPrefix(canonical, presentation)
		switch {
		case sel && want:
			s, canonical = s[len(presentation):], canonical[len(presentation):]
		case want:
			canonical = canonical[len(presentation):]
		case sel && tone(canonical):
			s = s[len(presentation):]
		case sel:
			return s == presentation && canonical == ""
		default:
			s, canonical = s[1:], canonical[1:]
		}
	}
	return true
}

// tone says whether s begins with a skin tone.
func tone(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return '\U0001F3FB' <= r && r <= '\U0001F3FF'
}

// EmojiIn lists the distinct emoji in the plain text of a message, in canonical form and in order of appearance. The list has at most most
// entries.
func EmojiIn(s string, most int) []string {
	var found []string
	for _, part := range plain(s) {
		for cluster := range clusters(part) {
			if len(found) >= most {
				return found
			}
			if e, ok := Emoji(cluster); ok && !slices.Contains(found, e) && cluster[0] > '9' {
				found = append(found, e)
			}
		}
	}
	return found
}
