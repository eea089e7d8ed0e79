package quiet_test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/quiet"
)

// TestQuiet: do not disturb until a moment, and on a schedule, in a time zone, across midnight and while clocks are changed. The web
// client is tested with the same table.
func TestQuiet(t *testing.T) {
	data, err := os.ReadFile("testdata/quiet.json")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Quiets map[string]quiet.Quiet
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
		of, ok := table.Quiets[c.Quiet]
		if got := of.On(c.At, zone); !ok || got != c.On {
			t.Errorf("%s: %t at %s (there: %s)", c.Name, got, c.At, c.At.In(zone).Format("Mon 15:04"))
		}
	}
}

// TestKept: days are kept in the order of the week, each once, and only times that a clock shows.
func TestKept(t *testing.T) {
	kept, field, why := quiet.Schedule{Days: []quiet.Day{"sun", "mon", "sun"}, From: "22:00", To: "07:00"}.Kept()
	want := &quiet.Schedule{Days: []quiet.Day{"mon", "sun"}, From: "22:00", To: "07:00"}
	if !reflect.DeepEqual(kept, want) || field+why != "" {
		t.Errorf("%+v, %s %s", kept, field, why)
	}
	for _, c := range []struct {
		of   quiet.Schedule
		want string
	}{
		{quiet.Schedule{From: "22:00", To: "07:00"}, "days"},
		{quiet.Schedule{Days: []quiet.Day{"mon", "monday"}, From: "22:00", To: "07:00"}, "days"},
		{quiet.Schedule{Days: quiet.Days(), From: "24:00", To: "07:00"}, "from"},
		{quiet.Schedule{Days: quiet.Days(), From: "22:00", To: "7:00"}, "to"},
	} {
		if kept, field, why := c.of.Kept(); kept != nil || field != c.want || why == "" {
			t.Errorf("%+v is kept as %+v, %s %s", c.of, kept, field, why)
		}
	}
}
