package chat_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// TestQuiet: do not disturb until a moment, and on a schedule, in a time zone, across midnight and while clocks are changed. The web
// client is tested with the same table.
func TestQuiet(t *testing.T) {
	data, err := os.ReadFile("testdata/quiet.json")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Quiets map[string]chat.Quiet
		Cases  []struct {
			Name, Quiet, Zone string
			At                time.Time
			On                bool
		}
	}
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	if len(table.Cases) < 30 {
		t.Errorf("%d cases", len(table.Cases))
	}
	for _, c := range table.Cases {
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			t.Fatal(err)
		}
		quiet, ok := table.Quiets[c.Quiet]
		if got := quiet.On(c.At, zone); !ok || got != c.On {
			t.Errorf("%s: %t at %s (there: %s)", c.Name, got, c.At, c.At.In(zone).Format("Mon 15:04"))
		}
	}
}
