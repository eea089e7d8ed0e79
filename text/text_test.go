package text_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/text"
)

func TestEmojiIsExactlyOne(t *testing.T) {
	for in, want := range map[string]string{
		"🎉": "🎉", "👋🏽": "👋🏽", "👨‍👩‍👧‍👦": "👨‍👩‍👧‍👦", "❤": "❤️", "❤️": "❤️", "1️⃣": "1️⃣", "🏳️‍🌈": "🏳️‍🌈", "🇩🇪": "🇩🇪", "🏳‍🌈": "🏳️‍🌈",
		"☝️🏽": "☝🏽", "☝🏽": "☝🏽", "🕵️🏽‍♀️": "🕵🏽‍♀️",
	} {
		if got, ok := text.Emoji(in); !ok || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "x", "1", "#", "🎉🎉", "🎉 ", "🎉x", "🇩", "👨‍", "\u200d", "<b>", "🎉\x00", ":tada:",
		strings.Repeat("🎉", 10000), "\xff"} {
		if got, ok := text.Emoji(in); ok {
			t.Errorf("%.20q is taken as %q", in, got)
		}
	}
}

func TestEmojiIn(t *testing.T) {
	if got, want := text.EmojiIn("a 🎉 b 👋🏽🎉 ❤", 10), []string{"🎉", "👋🏽", "❤️"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCustomEmojiIn(t *testing.T) {
	for in, want := range map[string][]string{
		"hi :party-parrot: and :ok_hand: :party-parrot:": {":party-parrot:", ":ok_hand:"},
		":a1::b2:":                       {":a1:", ":b2:"},
		"(:yes:)":                        {":yes:"},
		"at 10:30:15, in C:\\temp:x:y":   nil,
		"host:80:90 a:bc: ::bc: :bc:d":   nil,
		"`:code:` and\n```\n:code:\n```": nil,
		":UP: :x: :a b: :ä:":             nil,
		":tada:":                         {":tada:"},
	} {
		if got := text.CustomEmojiIn(in, 10); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := text.CustomEmojiIn(":aa::bb::cc:", 2); len(got) != 2 {
		t.Errorf("more than asked for: %q", got)
	}
}

func TestCustomEmojiNames(t *testing.T) {
	for in, want := range map[string]string{":parrot:": "parrot", ":a-1:": "a-1", ":tada:": "tada", ":42:": "42"} {
		if got, ok := text.CustomEmoji(in); !ok || got != want {
			t.Errorf("%q: %q, %v", in, got, ok)
		}
	}
	for _, in := range []string{
		"", ":", "::", ":a:", "parrot", ":parrot", ":Parrot:", ":a b:", ":" + strings.Repeat("x", 33) + ":", ":__proto__\n:",
		":\u202eparrot:", "🎉",
	} {
		if name, ok := text.CustomEmoji(in); ok {
			t.Errorf("%.20q is taken as %q", in, name)
		}
	}
	for _, code := range []string{"tada", "thumbsup", "wave_tone3", "people_holding_hands_tone1-2", "-1"} {
		if !text.IsShortcode(code) {
			t.Errorf("%q is no shortcode", code)
		}
	}
	for _, name := range []string{"partyparrot", "tada2", "", "#"} {
		if text.IsShortcode(name) {
			t.Errorf("%q is a shortcode", name)
		}
	}
}

func TestMentions(t *testing.T) {
	first := func(in string) (out []string) {
		for _, candidates := range text.Mentions(in, 10) {
			out = append(out, candidates[0])
		}
		return out
	}
	for in, want := range map[string][]string{
		"hi @mira":              {"mira"},
		"@mira @jonas":          {"mira", "jonas"},
		"`@mira` and @ada":      {"ada"},
		"```\n@mira\n```\n@ada": {"ada"},
		"mail a@b.example":      nil,
		"@":                     nil,
	} {
		if got := first(in); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := text.Mentions("see @mira.", 10); len(got) != 1 || got[0][len(got[0])-1] != "mira" {
		t.Errorf("a handle before a full stop: %q", got)
	}
}

func TestNames(t *testing.T) {
	for in, good := range map[string]bool{
		"mira": true, "m2": true, "a.b_c-d": true, "1st": true, "m": false, "Mira": false, ".mira": false, "mi ra": false, "müra": false,
		"": false, strings.Repeat("a", 30): true, strings.Repeat("a", 31): false,
	} {
		if got := text.Handle(in) == ""; got != good {
			t.Errorf("handle %q: %v", in, got)
		}
	}
	for in, good := range map[string]bool{
		"lunch": true, "kantine-münchen": true, "食堂": true, "a_b-1": true, "Lunch": false, "a b": false, "": false, "a\u202eb": false,
		"x\u200by": false, "\u3164": false, "general\u034f": false, "a\ufe0f": false, "\u0301": false, "\U00013441": false,
		strings.Repeat("é", 80): true, strings.Repeat("é", 81): false,
	} {
		if got := text.RoomName(in) == ""; got != good {
			t.Errorf("room name %q: %v", in, got)
		}
	}
	for in, good := range map[string]bool{
		"Mira Novak": true, "Ólafur 🌋": true, "": false, " ": false, "a\nb": false, "a\u202eb": false, "🎉": true,
		"Me\u0301rle": true, "渡邉\U000e0100": true, // an ideographic variant
		"\u3164": false, "\u115f\u1160": false, "\uffa0": false, "\u2800": false, "\u034f": false, "\ufe0f": false, "\u0301\u0302": false,
		"\U000e0041": false, "\u200d": false, "\u17b4": false, "\U00013441": false, "\U0001d159": false, "\ue000": false, "\u3000": false,
		"a\u061cb": false, "a\u200eb": false, "a\u2066b": false, "ad\u200bmin": false, "a\u0085b": false, "a\u2028b": false} {
		if got := text.PersonName(in) == ""; got != good {
			t.Errorf("name %q: %v", in, got)
		}
	}
	if text.Fold("ＭＩＲＡ") != text.Fold("mira") || text.Fold("straße") != text.Fold("STRASSE") {
		t.Error("folding does not compare what looks alike")
	}
}

func TestMessage(t *testing.T) {
	for in, good := range map[string]bool{
		"hi": true, "": false, " \n\t": false, "\u200b": false, strings.Repeat("é", 20_000): true, strings.Repeat("é", 20_001): false,
		"\xff": false,
	} {
		if _, why := text.Message(in); (why == "") != good {
			t.Errorf("%.20q: %q", in, why)
		}
	}
	if got := text.Truncate("🎉🎉🎉", 2); got != "🎉🎉" {
		t.Errorf("truncated to %q", got)
	}
}

// TestHostileTextIsLinear: texts that are built to be slow, many times as long as a message may be, take well under a second; quadratic
// code would take minutes.
func TestHostileTextIsLinear(t *testing.T) {
	const length = 400_000
	texts := map[string]string{"runs of each length": ""}
	for n := 1; len(texts["runs of each length"]) < length; n++ {
		texts["runs of each length"] += strings.Repeat("`", n) + " "
	}
	for _, unit := range []string{"`", "```\n", "@a", "@a.", "👨\u200d", "🇩", "🏽", "\u200d", "~", "``` `", "@", "https://", "www.a(", "<a@",
		"> ", "- ", "- \n", "1. `\n", "~~~\n> ", "<", "<a", "<a:", "h ", "w ", "http", " http://", "www.", " www.[", "[", "\\", "\\`", "\\@a",
		"`@a\\", " ", "\t", " \n", "\t\n", "* - ", "+ * ", "- - x", "*", "_ ", "#", "# \n", "1", "1) ", "\n", ">\n", "- >", "    \n", "e\u0301",
		"\u0301", "🎉", "❤\ufe0f", "界", "www.界", "a.", "@a\u0301", ":", "@" + strings.Repeat("a", 30) + "."} {
		texts[unit] = "`<:." + strings.Repeat(unit, length/len([]rune(unit)))
	}
	deep, half := strings.Repeat("> ", 40), strings.Repeat("[", 990)
	texts["deep quotes"] = strings.Repeat(deep+"`\n", length/len(deep))
	texts["deep items"] = strings.Repeat("- ", 40) + strings.Repeat("\n"+strings.Repeat(" ", 80)+"`", length/80)
	texts["a quote after spaces"] = strings.Repeat("- ", 40) + "`" + strings.Repeat(" ", length)
	texts["brackets that close late"] = strings.Repeat("www."+half+strings.Repeat("(", 10)+strings.Repeat("a)", 490)+" ", length/1980)
	for what, in := range texts {
		began := time.Now()
		text.Mentions(in, length)
		text.EmojiIn(in, 24)
		text.CustomEmojiIn(in, 24)
		text.Message(in)
		text.Truncate(in, 200)
		if d := time.Since(began); d > 10*time.Second {
			t.Errorf("%.40q repeated takes %v", what, d)
		}
	}
}

// TestSentencesSayTheLimits: the error messages state the limits that the code enforces.
func TestSentencesSayTheLimits(t *testing.T) {
	_, long := text.Message(strings.Repeat("x", text.MessageLength+1))
	_, empty := text.Message("")
	message := fmt.Sprintf("%d,%03d characters", text.MessageLength/1000, text.MessageLength%1000)
	name := fmt.Sprintf("1 to %d ", text.NameLength)
	for got, want := range map[string]string{
		long: message, empty: "1 to " + message, text.PersonName(""): name, text.RoomName(""): name,
		text.Handle(""): fmt.Sprintf("%d to %d ", text.HandleMin, text.HandleMax),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
}
