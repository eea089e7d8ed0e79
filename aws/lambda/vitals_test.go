package lambda

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/vital"
)

// TestVitals: a report of a browser is one line of metrics, with the times in milliseconds, and a line in the log for each script error.
func TestVitals(t *testing.T) {
	lines, said := &bytes.Buffer{}, &bytes.Buffer{}
	m := NewMetrics(lines, "Canteen", "canteen", func() time.Time { return time.UnixMilli(1_795_770_000_123) })
	report := m.Vitals(slog.New(slog.NewTextHandler(said, nil)))
	report(t.Context(), []vital.Vital{
		{Name: vital.Echo, Seconds: 0.02}, {Name: vital.Echo, Seconds: 0.04}, {Name: vital.RoomSwitch, Seconds: 0.1},
		{Name: vital.ScriptError, At: "assets/index-Bx3.js:1:2034"}, {Name: vital.Reconnect}, {Name: vital.FirstRender, Seconds: 0.9},
	})
	var all map[string]any
	if err := json.Unmarshal(lines.Bytes(), &all); err != nil || strings.Count(lines.String(), "\n") != 1 {
		t.Fatal(err, lines)
	}
	for name, want := range map[string]string{
		"BrowserEcho": "[20,40]", "BrowserRoomSwitch": "100", "BrowserScriptErrors": "1", "BrowserReconnects": "1", "BrowserFirstRender": "900",
	} {
		if got, err := json.Marshal(all[name]); err != nil || string(got) != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if strings.Count(said.String(), "assets/index-Bx3.js:1:2034") != 1 {
		t.Errorf("the log says %s", said)
	}
}
