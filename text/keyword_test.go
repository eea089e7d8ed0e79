package text_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/text"
)

// TestKeywords: what a keyword may be, and which of several that match the same is kept.
func TestKeywords(t *testing.T) {
	kept, why := text.Keywords([]string{" Soup ", "soup", "C++", "a.*b", "SOUP", "cafe\u0301"})
	if want := []string{"Soup", "C++", "a.*b", "café"}; why != "" || !slices.Equal(kept, want) {
		t.Errorf("%q, %s", kept, why)
	}
	for what, in := range map[string][]string{
		"one letter": {"soup", "a"}, "one letter in two code points": {"e\u0301"}, "white space": {"   "},
		"41 letters": {strings.Repeat("a", text.KeywordLength+1)}, "a pattern": {"^.*$"}, "two lines": {"soup\nbread"},
		"21 keywords": strings.Split(strings.Repeat("word ", text.MaxKeywords)+"word", " "),
	} {
		if kept, why := text.Keywords(in); why == "" || kept != nil {
			t.Errorf("%s is kept as %q", what, kept)
		}
	}
}

// TestEmail: what is one address, and what is none, more, or in a form that mail programs read otherwise.
func TestEmail(t *testing.T) {
	for _, s := range []string{"mira@example.com", " Mira+x@example.com\n", "m@b"} {
		if got, why := text.Email(s); why != "" || got != strings.TrimSpace(s) {
			t.Errorf("%q: %q, %s", s, got, why)
		}
	}
	for _, s := range []string{"", "mira", "@example.com", "Mira <mira@example.com>", "a@b, c@d", "mira@example.com;x@y", "m i@b", "mira@exämple.com",
		"\"m\"@b", "a@b\r\nBcc: c@d", strings.Repeat("a", text.EmailLength) + "@b"} {
		if got, why := text.Email(s); why == "" || got != "" {
			t.Errorf("%q is taken as %q", s, got)
		}
	}
}
