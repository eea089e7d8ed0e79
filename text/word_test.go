package text_test

import (
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/text"
)

// TestWords: words are told apart in any script, compared without case and width, and each other character stands by itself.
func TestWords(t *testing.T) {
	for s, want := range map[string]string{
		"":                           "",
		"  \n\t ":                    "",
		"Deploy failed, again!":      "deploy|failed|,|again|!",
		"**Canteen**, _canteen_":     "*|*|canteen|*|*|,|_|canteen|_",
		"Canteen's menu":             "canteen|'|s|menu",
		"C++ and C# in node.js v2.1": "c|+|+|and|c|#|in|node|.|js|v2|.|1",
		"PROJ-123":                   "proj|-|123",
		"Straße STRASSE":             "strasse|strasse",
		"cafe\u0301 café":            "café|café",
		"dead\u00adline":             "deadline",
		"ＦＵＬＬ width":                 "full|width",
		"Привет, мир":                "привет|,|мир",
		"Ελληνικός":                  "ελληνικόσ",
		"שלום עולם":                  "שלום|עולם",
		"اَلْعَرَبِيَّةُ لغة":        "اَلْعَرَبِيَّةُ|لغة",
		"हिन्दी भाषा":                "हिन्दी|भाषा",
		"회의 시작":                      "회의|시작",
		"今天会议":                       "今|天|会|议",
		"カフェで昼ご飯":                    "カ|フ|ェ|で|昼|ご|飯",
		"ที่นี่":                     "ที่|นี่",
		"lunch猫time":                 "lunch|猫|time",
		"🍕 pizza🍕":                   "🍕|pizza|🍕",
		"x.*y":                       "x|.|*|y",
		strings.Repeat("a", 1000):    strings.Repeat("a", 1000),
	} {
		if got := strings.Join(text.Words(s), "|"); got != text.Fold(want) {
			t.Errorf("%q: %q, want %q", s, got, text.Fold(want))
		}
	}
}

func TestIsWord(t *testing.T) {
	for s, want := range map[string]bool{"a": true, "9": true, "猫": true, "٣": true, "+": false, "🍕": false, "": false} {
		if text.IsWord(s) != want {
			t.Errorf("%q: %t", s, !want)
		}
	}
}
