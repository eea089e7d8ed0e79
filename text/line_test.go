package text_test

import (
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/text"
)

// TestOneLine holds what is left of what another system said.
func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		" Travel\n\tpolicy\u2028":       "Travel policy",
		"a \u0007 b":                    "a b",
		"a\xffb\uFFFD":                  "ab",
		"evil\u202egpj.exe":             "evilgpj.exe",
		"\u2066Ada\u2069":               "Ada",
		"\u0627\u200c\u0628":            "\u0627\u200c\u0628", // a joiner of a script
		"\U0001F469\u200D\U0001F4BB":    "\U0001F469\u200D\U0001F4BB",
		"\uE000x":                       "x",
		"u\u0308":                       "\u00fc",
		strings.Repeat("\u00e4", 20):    strings.Repeat("\u00e4", 20),
		strings.Repeat("\u00e4", 21):    strings.Repeat("\u00e4", 19) + "…",
		strings.Repeat("\u00e4 ", 1000): strings.TrimSpace(strings.Repeat("\u00e4 ", 10)[:len("ä ")*10-1]) + "…",
	} {
		if got := text.OneLine(in, 20); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		if got := text.OneLine(text.OneLine(in, 20), 20); got != want {
			t.Errorf("%q, twice: %q, want %q", in, got, want)
		}
	}
}
