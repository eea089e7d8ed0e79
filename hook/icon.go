package hook

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/canteen-chat/canteen/text"
)

//go:embed emoji.txt
var emojiList string

// longestName is more than any of Slack's names has, in bytes.
const longestName = 60

// emojiNames gives the emoji of each of Slack's names. It is read-only.
var emojiNames = sync.OnceValue(func() map[string]string {
	names := make(map[string]string, 2048)
	for line := range strings.Lines(emojiList) {
		if e, all, _ := strings.Cut(strings.TrimSpace(line), " "); e != "#" {
			canonical, _ := text.Emoji(e)
			for name := range strings.FieldsSeq(all) {
				names[name] = orElse(canonical, e)
			}
		}
	}
	return names
})

// icon is one emoji for icon_emoji, which is a character or Slack's :name:. Another name may be that of a custom emoji.
func icon(s string) string {
	if e, ok := emojiNames()[strings.Trim(s, ":")]; ok {
		return e
	}
	return s
}

// named is the emoji whose :name: s begins with, and how long the name is with its colons; 0 if it begins with none.
func named(s string) (emoji string, n int) {
	if len(s) < 3 || s[0] != ':' {
		return "", 0
	}
	end := strings.IndexByte(s[1:min(len(s), longestName)], ':')
	if end < 1 {
		return "", 0
	}
	if strings.HasPrefix(s[1:], "skin-tone-") {
		return "", end + 2
	}
	e, ok := emojiNames()[s[1:1+end]]
	if !ok {
		return "", 0
	}
	return e, end + 2
}

// emojis is s with emoji in place of Slack's names.
func emojis(s string) string {
	if strings.Count(s, ":") < 2 {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		if e, n := namedAt(s, i); n > 0 {
			out.WriteString(e)
			i += n
			continue
		}
		out.WriteByte(s[i])
		i++
	}
	return out.String()
}

// namedAt is as named, for what begins at i. A colon after a letter or digit begins no name.
func namedAt(s string, i int) (emoji string, n int) {
	if s[i] != ':' || i > 0 && (s[i-1] >= '0' && s[i-1] <= '9' || s[i-1] >= 'a' && s[i-1] <= 'z' || s[i-1] >= 'A' && s[i-1] <= 'Z') {
		return "", 0
	}
	return named(s[i:])
}
