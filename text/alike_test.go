package text_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/text"
)

func TestNamesThatAreAlike(t *testing.T) {
	share := func(a, b string) bool {
		return slices.ContainsFunc(text.NameKeys(a), func(k string) bool { return slices.Contains(text.NameKeys(b), k) })
	}
	for _, same := range [][2]string{
		{"Mira Novak", "mira novak"}, {"Mira Novak", "MIRA  NOVAK"}, {"Mira Novak", "Mira\u00a0Novak"}, {"ＭＩＲＡ", "mira"},
		{"straße", "STRASSE"}, {"admin", "аdmin"}, {"admin", "ad\u200dmin"}, {"general", "general\u034f"}, {"Zoe\u0308", "Zoë"},
		{"Al Green", "AI Green"},                       // a capital i
		{"Teo", "Тео"}, {"TOM", "ТОМ"}, {"Noa", "Νοα"}, // all Cyrillic, all Cyrillic, all Greek
		{"тео", "Тео"}, {"modem", "modern"}, {"𝐌𝐢𝐫𝐚", "Mira"}, {"Mira\ufe0f", "Mira"}, {"Mira \u2800 Novak", "Mira Novak"},
		{"jοnas", "Jonas"}, {"Ida", "IDA"}, {"Ada|", "AdaI"},
	} {
		if !share(same[0], same[1]) {
			t.Errorf("%q and %q are not alike: %q, %q", same[0], same[1], text.NameKeys(same[0]), text.NameKeys(same[1]))
		}
	}
	for _, differ := range [][2]string{
		{"Mira", "Mara"}, {"Mira Novak", "MiraNovak"}, {"Ali", "All"}, {"mail", "mall"}, {"Zoë", "Zoe"}, {"渡辺", "渡邊"}, {"Ada", "Ada 🎉"},
		{"Eva", "Ева"}, {"fail", "fall"},
	} {
		if share(differ[0], differ[1]) {
			t.Errorf("%q and %q are alike: %q, %q", differ[0], differ[1], text.NameKeys(differ[0]), text.NameKeys(differ[1]))
		}
	}
	for _, same := range [][2]string{{"lunch", "1unch"}, {"room", "r0om"}, {"чат", "чaт"}, {"general", "gеnеrаl"}, {"team-a", "team‐a"}} {
		if text.Skeleton(same[0]) != text.Skeleton(same[1]) {
			t.Errorf("the rooms %q and %q are not alike", same[0], same[1])
		}
	}
	if text.Skeleton("mail") == text.Skeleton("mall") {
		t.Error("the rooms mail and mall are alike")
	}
}

func TestMixedScripts(t *testing.T) {
	for name, mixed := range map[string]bool{
		"аdmin": true, "админ": false, "admin": false, "Мира Novak": true, "Νίκος": false, "Nίκος": true, "Նune": true, "Ꭰnna": true,
		"渡辺 Ken": false, "さとう サトー 佐藤 Sato": false, "김 Kim 金": false, "ㄓㄨ 朱 Zhu": false, "김 さ": true, "渡辺 Кен": true,
		"Mira 🎉 2": false, "Zoë": false, "Zoe\u0308": false, "𝛼dmin": true, "": false, "Иван №1": false,
	} {
		if got := text.Mixed(name); got != mixed {
			t.Errorf("%q: mixed %v", name, got)
		}
	}
}

func TestNamesLikeReservedHandles(t *testing.T) {
	for name, deceptive := range map[string]bool{
		"System": true, "ADMIN": true, "admin.": true, "sуstеm": true, "C A N T E E N": true, "R00t": true, "аdmin": true, "Мira": true,
		"Administrator": false, "Mira": false, "Meera": false, "🎉": false,
	} {
		if got := text.Deceptive(name); got != deceptive {
			t.Errorf("%q: deceptive %v", name, got)
		}
	}
}

// letters draws strings of any code points, with many that are folded, ignored or look like others.
func letters() *rapid.Generator[string] {
	odd := []rune("aAmlI10|İıſßκΚµﬁ\u0301\u034f\u200d\u3164\ufe0f\u2800\u00a0 \u0345ΐΤтᴛѕ№ﷺ가ᄀ\u115f\U000e0041👩🏽")
	return rapid.StringOfN(rapid.OneOf(rapid.SampledFrom(odd), rapid.Rune()), 0, 80, -1)
}

func TestSkeletonIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := letters().Draw(t, "name")
		once := text.Skeleton(s)
		if again := text.Skeleton(once); again != once {
			t.Errorf("%q becomes %q, then %q", s, once, again)
		}
		if folded := text.Skeleton(text.Fold(s)); folded != once {
			t.Errorf("%q becomes %q, folded %q", s, once, folded)
		}
		if spaced := text.Skeleton(" \u3000" + s + "\u2800"); spaced != once {
			t.Errorf("%q becomes %q, with blanks around it %q", s, once, spaced)
		}
		if !slices.Contains(text.NameKeys(s), once) {
			t.Errorf("%q is not compared without case", s)
		}
		if once == "" && (text.PersonName(s) == "" || text.RoomName(s) == "") {
			t.Errorf("the name %q shows nothing", s)
		}
	})
}

// TestComparison fails when a new table or a new Unicode version of Go changes how names are compared. Then raise
// text.Comparison and put the new digest here.
func TestComparison(t *testing.T) {
	h := sha256.New()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.In(r, unicode.Han, unicode.Hangul, unicode.Co, unicode.Cs) {
			continue // so many that they take seconds
		}
		if s := string(r); s != text.Skeleton(s) || unicode.IsLetter(r) {
			_, _ = fmt.Fprintln(h, s, text.NameKeys(s), text.Mixed("a"+s))
		}
		if s := text.Skeleton(string(r)); s != text.Skeleton(s) {
			t.Errorf("%U becomes %q, then %q", r, s, text.Skeleton(s))
		}
	}
	const want = 1
	if got := hex.EncodeToString(h.Sum(nil))[:16]; got != "d91ca8bde77fd594" || text.Comparison != want {
		t.Errorf("the comparison of names has changed: digest %s, version %d", got, text.Comparison)
	}
}

func TestLongNamesAreComparedFast(t *testing.T) {
	for _, unit := range []string{"ﷺ", "m", "\u0301", "\u034f", "İ", "👩\u200d"} {
		if n := len(text.Skeleton(strings.Repeat(unit, text.NameLength))); n > 100*text.NameLength {
			t.Errorf("%q repeated makes a key of %d bytes", unit, n)
		}
	}
}
