package chat_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// TestRatesAreDocumented: docs/api.md states every rate, as it is.
func TestRatesAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range chat.Rates() {
		row := fmt.Sprintf("| %s | %s | %d |\n", r.Name, steady(r.Every), r.Burst)
		if !strings.Contains(string(b), row) {
			t.Errorf("docs/api.md has no row %s", row)
		}
	}
}

// steady says a rate as people do.
func steady(every time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{time.Second, "a second"}, {time.Minute, "a minute"}, {15 * time.Minute, "in 15 minutes"}, {time.Hour, "an hour"}, {24 * time.Hour, "a day"}} {
		if n := unit.of / every; (n >= 2 || every == time.Minute && n == 1) && unit.of%every == 0 {
			return fmt.Sprintf("%d %s", n, unit.name)
		}
	}
	return "one in " + every.String()
}
