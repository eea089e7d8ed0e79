package text_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/text"
)

// TestMentionHasTwoCandidates: however many marks follow a handle, there are two handles to look up: with all of them, and with none.
func TestMentionHasTwoCandidates(t *testing.T) {
	marks := func(n int) string { return strings.Repeat(".", n) }
	for in, want := range map[string][]string{
		"@mira":                             {"mira"},
		"@mira.":                            {"mira.", "mira"},
		"@Mira, hi":                         {"mira"},
		"@mira...":                          {"mira...", "mira"},
		"@a.b.c.d":                          {"a.b.c.d"},
		"@a.b_-.":                           {"a.b_-.", "a.b"},
		"@ab" + marks(28):                   {"ab" + marks(28), "ab"},
		"@ab" + marks(29):                   {"ab"},
		"@ab" + marks(5000):                 {"ab"},
		"@a" + marks(3):                     {"a..."},
		"@..":                               nil,
		"@room":                             nil,
		"@Here...":                          nil,
		"@" + strings.Repeat("a", 31) + ".": nil,
	} {
		var got []string
		if found := text.Mentions(in, 10); len(found) > 0 {
			got = found[0]
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%.40q: %q, want %q", in, got, want)
		}
	}
}

// known are the handles of the people in the fixtures.
var known = []string{"mira", "jonas"}

// TestMentionsLikeTheClient: the web client's tests find the same people in the same texts.
func TestMentionsLikeTheClient(t *testing.T) {
	for _, c := range fixtures[[]struct {
		What, Text           string
		Mentions, Broadcasts []string
	}](t, "mentions.json") {
		got := []string{}
		for _, candidates := range text.Mentions(c.Text, 10) {
			for _, handle := range candidates {
				if slices.Contains(known, handle) {
					got = append(got, handle)
				}
			}
		}
		slices.Sort(got)
		slices.Sort(c.Mentions)
		if got = slices.Compact(got); !slices.Equal(got, c.Mentions) {
			t.Errorf("%s: %q mentions %q, want %q", c.What, c.Text, got, c.Mentions)
		}
		words := text.Broadcasts(c.Text)
		slices.Sort(words)
		if !slices.Equal(words, c.Broadcasts) {
			t.Errorf("%s: %q calls %q, want %q", c.What, c.Text, words, c.Broadcasts)
		}
	}
	if got := text.Mentions(`\@mira \\@jonas`, 10); len(got) != 1 || got[0][0] != "jonas" {
		t.Errorf("after a backslash, and after a backslash that is text: %q", got)
	}
}

// TestMentionsEnd: no more are looked for than asked for.
func TestMentionsEnd(t *testing.T) {
	in := strings.Repeat("@ab ", 3) // one, three times
	for n := range 5000 {
		in += fmt.Sprintf("@a%d ", n)
	}
	for _, most := range []int{1, 40, 41, 6000} {
		if got := len(text.Mentions(in, most)); got != min(most, 5001) {
			t.Errorf("%d of at most %d", got, most)
		}
	}
}

func BenchmarkMentions(b *testing.B) {
	for name, unit := range map[string]string{
		"plain": "aaa ", "many": "@a%d ", "marks": "@ab%d......................... ", "glued": "@a%d", "alone": "@ ", "code": "`@a` ",
	} {
		in := ""
		for n := 0; len(in) < 20_000; n++ {
			in += strings.ReplaceAll(unit, "%d", fmt.Sprint(n))
		}
		in = in[:20_000]
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				text.Mentions(in, 41)
			}
		})
	}
}
