package text_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/text"
)

// fixtures reads a file that the tests of the web client read too.
func fixtures[T any](t *testing.T, name string) (out T) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTruncateCutsBetweenClusters: the web client cuts the same texts at the same places.
func TestTruncateCutsBetweenClusters(t *testing.T) {
	for _, c := range fixtures[[]struct {
		What, Unit        string
		Lead, Times, Kept int
	}](t, "brief.json") {
		in := strings.Repeat("x", c.Lead) + strings.Repeat(c.Unit, c.Times)
		if got := text.Truncate(in, 200); utf8.RuneCountInString(got) != c.Kept || !strings.HasPrefix(in, got) {
			t.Errorf("%s: cut to %d characters, want %d: %q", c.What, utf8.RuneCountInString(got), c.Kept, got)
		}
	}
}

// TestTruncateReadsNoFurtherThanNeeded: a cluster of 20,000 marks costs no more than what is kept.
func TestTruncateReadsNoFurtherThanNeeded(t *testing.T) {
	in := "x" + strings.Repeat("\u0301", text.MessageLength-1)
	began := time.Now()
	for range 2000 {
		text.Truncate(in, 200)
	}
	if d := time.Since(began); d > time.Second {
		t.Errorf("2,000 times take %v", d)
	}
}
