package audit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/audit"
)

// TestOffenders: a line a second for each, which says how many refusals had none. Many at once are counted together.
func TestOffenders(t *testing.T) {
	var o audit.Offenders
	for i, c := range []struct {
		key   string
		after time.Duration
		want  string
	}{
		{"kim", 0, "0 true"}, {"kim", 0, "0 false"}, {"kim", 999 * time.Millisecond, "0 false"}, {"sam", 0, "0 true"},
		{"kim", time.Second, "2 true"}, {"kim", 2 * time.Second, "0 true"},
	} {
		before, ok := o.Count(c.key, began.Add(c.after))
		if got := fmt.Sprint(before, ok); got != c.want {
			t.Errorf("%d: %s, want %s", i, got, c.want)
		}
	}
	lines := 0
	for n := range 6000 {
		if _, ok := o.Count(fmt.Sprint("n", n), began.Add(time.Minute)); ok {
			lines++
		}
	}
	if lines > 4097 {
		t.Errorf("%d lines within a second", lines)
	}
	if before, ok := o.Count("n6000", began.Add(time.Minute+time.Second)); before != 0 || !ok {
		t.Errorf("a second later: %d, %t", before, ok)
	}
}

// TestShort: a long value is cut, and stays text.
func TestShort(t *testing.T) {
	for _, s := range []string{"", "short", strings.Repeat("a", 100)} {
		if got := audit.Short(s); got != s {
			t.Errorf("%q is cut to %q", s, got)
		}
	}
	if got := audit.Short("a" + strings.Repeat("é", 80)); len(got) > 110 || !utf8.ValidString(got) || !strings.HasSuffix(got, "é…") {
		t.Errorf("%q", got)
	}
}
