package vital_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/vital"
)

// TestCheck: a report has known names alone, each with what belongs to it.
func TestCheck(t *testing.T) {
	const place = "assets/index-Bx_3.es.js:1:2034"
	for _, c := range []struct {
		what  string
		in    []vital.Vital
		field string
	}{
		{"each name", []vital.Vital{
			{Name: vital.FirstRender, Seconds: 0.8}, {Name: vital.RoomSwitch, Seconds: 60}, {Name: vital.Echo, Seconds: 0.001},
			{Name: vital.Reconnect}, {Name: vital.ScriptError}, {Name: vital.ScriptError, At: place},
		}, ""},
		{"nothing", nil, "vitals"},
		{"the most", slices.Repeat([]vital.Vital{{Name: vital.Reconnect}}, vital.Max), ""},
		{"one more", slices.Repeat([]vital.Vital{{Name: vital.Reconnect}}, vital.Max+1), "vitals"},
		{"an invented name", []vital.Vital{{Name: "mood"}}, "vitals.name"},
		{"an invented one behind a known one", []vital.Vital{{Name: vital.Reconnect}, {Name: ""}}, "vitals.name"},
		{"no time", []vital.Vital{{Name: vital.Echo}}, "vitals.seconds"},
		{"a negative time", []vital.Vital{{Name: vital.Echo, Seconds: -1}}, "vitals.seconds"},
		{"too long", []vital.Vital{{Name: vital.Echo, Seconds: 60.1}}, "vitals.seconds"},
		{"no number", []vital.Vital{{Name: vital.Echo, Seconds: math.NaN()}}, "vitals.seconds"},
		{"the time of a count", []vital.Vital{{Name: vital.Reconnect, Seconds: 1}}, "vitals.seconds"},
		{"the place of a time", []vital.Vital{{Name: vital.Echo, Seconds: 1, At: place}}, "vitals.at"},
		{"another site's script", []vital.Vital{{Name: vital.ScriptError, At: "https://example.com/a.js:1:1"}}, "vitals.at"},
		{"another folder", []vital.Vital{{Name: vital.ScriptError, At: "assets/../rooms/x.js:1:1"}}, "vitals.at"},
		{"a message", []vital.Vital{{Name: vital.ScriptError, At: "assets/Mira is late.js:1:1"}}, "vitals.at"},
		{"no file", []vital.Vital{{Name: vital.ScriptError, At: "assets/.js:1:1"}}, "vitals.at"},
		{"no script", []vital.Vital{{Name: vital.ScriptError, At: "assets/index.css:1:1"}}, "vitals.at"},
		{"no column", []vital.Vital{{Name: vital.ScriptError, At: "assets/index.js:1"}}, "vitals.at"},
		{"no line", []vital.Vital{{Name: vital.ScriptError, At: "assets/index.js::1"}}, "vitals.at"},
		{"a name for a line", []vital.Vital{{Name: vital.ScriptError, At: "assets/index.js:Mira:1"}}, "vitals.at"},
		{"a long number", []vital.Vital{{Name: vital.ScriptError, At: "assets/index.js:1:12345678"}}, "vitals.at"},
		{"a long file", []vital.Vital{{Name: vital.ScriptError, At: "assets/" + strings.Repeat("x", 120) + ".js:1:1"}}, "vitals.at"},
	} {
		if field, why := vital.Check(c.in); field != c.field || (why == "") != (field == "") {
			t.Errorf("%s: %q, %q; want %q", c.what, field, why, c.field)
		}
	}
}
