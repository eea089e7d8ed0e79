package text

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed emoji.txt
var emojiList string

const presentation = "\uFE0F" // variation selector 16: draw in colour

// longestEmoji bounds a sequence, in bytes, with every selector.
const longestEmoji = 64

// emojiTable maps each sequence without its selectors to the fully qualified one. Read-only once made.
var emojiTable = sync.OnceValue(func() map[string]string {
	table := make(map[string]string, 4096)
	for line := range strings.Lines(emojiList) {
		if e := strings.TrimSuffix(line, "\n"); e[0] != '#' || strings.Contains(e, "\u20E3") {
			table[strings.ReplaceAll(e, presentation, "")] = e
		}
	}
	return table
})

// Emoji gives the canonical form of s when s is exactly one RGI emoji sequence (UTS #51, ED-27): fully qualified, with
// the variation selectors it lacked. Selectors that do not belong, and the text selector, make it no emoji.
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

// qualifies says whether s is canonical with some selectors left out, or an emoji with a redundant one at its end.
func qualifies(s, canonical string) bool {
	for s != "" {
		sel, want := strings.HasPrefix(s, presentation), strings.HasPrefix(canonical, presentation)
		switch {
		case sel && want:
			s, canonical = s[len(presentation):], canonical[len(presentation):]
		case want:
			canonical = canonical[len(presentation):]
		case sel:
			return s == presentation && canonical == ""
		default:
			s, canonical = s[1:], canonical[1:]
		}
	}
	return true
}

// EmojiIn lists the distinct emoji in a text outside code, canonical, in order of appearance, at most most.
func EmojiIn(s string, most int) []string {
	var found []string
	for _, part := range outsideCode(s) {
		for cluster := range clusters(part) {
			if len(found) >= most {
				return found
			}
			if e, ok := Emoji(cluster); ok && !contains(found, e) && cluster[0] > '9' {
				found = append(found, e)
			}
		}
	}
	return found
}
