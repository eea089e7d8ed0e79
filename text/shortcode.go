package text

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:embed shortcodes.txt
var shortcodeList string

// shortcodeSet holds the shortcodes of the standard emoji. It is read-only.
var shortcodeSet = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool, 4096)
	for line := range strings.Lines(shortcodeList) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for code := range strings.FieldsSeq(line) {
			set[code] = true
		}
	}
	return set
})

var skinTone = regexp.MustCompile(`_tone[1-5](-[1-5])?$`)

// IsShortcode says whether a standard emoji has the shortcode, given without colons.
func IsShortcode(code string) bool {
	return shortcodeSet()[code] || shortcodeSet()[skinTone.ReplaceAllString(code, "")]
}

// The length of the name of a custom emoji, in characters.
const (
	EmojiNameMin = 2
	EmojiNameMax = 32
)

// IsEmojiName says whether s can be the name of a custom emoji: 2 to 32 of a-z 0-9 _ -.
func IsEmojiName(s string) bool {
	return len(s) >= EmojiNameMin && len(s) <= EmojiNameMax && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// CustomEmoji gives the name in :name:, as reactions and texts hold a custom emoji. It does not say whether there is one of the name.
func CustomEmoji(s string) (name string, ok bool) {
	if len(s) < EmojiNameMin+2 || s[0] != ':' || s[len(s)-1] != ':' {
		return "", false
	}
	name = s[1 : len(s)-1]
	return name, IsEmojiName(name)
}

var customEmoji = regexp.MustCompile(`:[a-z0-9_-]{2,32}:`)

// CustomEmojiIn lists what could be custom emoji in the plain text of a message, as :name:, each once and in order of appearance. One that
// is part of a word, an address or a time is none; another one may stand directly before it. The list has at most most entries.
func CustomEmojiIn(s string, most int) []string {
	var found []string
	if !strings.Contains(s, ":") {
		return nil
	}
	for _, part := range plain(s) {
		from, last := 0, -1 // last is where the last one ended
		for len(found) < most {
			at := customEmoji.FindStringIndex(part[from:])
			if at == nil {
				break
			}
			begin, end := from+at[0], from+at[1]
			if begin > 0 && begin != last && (part[begin-1] == ':' || isWord(part[begin-1])) || end < len(part) && isWord(part[end]) {
				from = begin + 1
				continue
			}
			from, last = end, end
			if e := part[begin:end]; !slices.Contains(found, e) {
				found = append(found, e)
			}
		}
	}
	return found
}

func isWord(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}
