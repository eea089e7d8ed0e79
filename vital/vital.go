// Package vital knows what browsers may report of how the web client does: a closed list of names, with bounded values. A report says
// nothing of who used the client, of rooms or of texts.
//
// The package consists of pure functions and imports nothing of the product.
package vital

import (
	"fmt"
	"slices"
	"strings"
)

// Name says what was measured or noticed.
type Name string

// Names.
const (
	FirstRender Name = "first_render" // from the request of the page until the first messages were drawn
	RoomSwitch  Name = "room_switch"  // from the choice of a room until its messages were drawn
	Echo        Name = "echo"         // from sending a message until its event arrived over the socket
	Reconnect   Name = "reconnect"    // the socket was lost and is back
	ScriptError Name = "script_error"
)

// Timed are the names of what takes a time. The others are counted.
func Timed() []Name { return []Name{FirstRender, RoomSwitch, Echo} }

// Counted are the other names.
func Counted() []Name { return []Name{Reconnect, ScriptError} }

// Limits of a report.
const (
	Max         = 20
	MaxSeconds  = 60
	PlaceLength = 120
)

// Vital is something that a browser measured of the client, or noticed.
type Vital struct {
	Name    Name
	Seconds float64 // of those with a time
	At      string  // of a script error: FILE:LINE:COLUMN in the client's own scripts; "" if it is not known
}

// Check gives the field that is wrong, and why; "" for both if the report is valid.
func Check(vs []Vital) (field, why string) {
	if len(vs) == 0 || len(vs) > Max {
		return "vitals", fmt.Sprintf("1 to %d are allowed.", Max)
	}
	for _, v := range vs {
		timed := slices.Contains(Timed(), v.Name)
		switch {
		case !timed && !slices.Contains(Counted(), v.Name):
			return "vitals.name", "There is no such name."
		case timed && (v.Seconds <= 0 || v.Seconds > MaxSeconds) || !timed && v.Seconds != 0 || v.Seconds != v.Seconds:
			return "vitals.seconds", fmt.Sprintf("More than 0 and at most %d, and only for what takes a time.", MaxSeconds)
		case v.At != "" && (v.Name != ScriptError || !isPlace(v.At)):
			return "vitals.at", "FILE:LINE:COLUMN in a script of this client, and only for errors."
		}
	}
	return "", ""
}

// isPlace says whether a text is a place in one of the client's scripts, such as assets/index-Bx3.js:1:2034.
func isPlace(s string) bool {
	path, ours := strings.CutPrefix(s, "assets/")
	parts := strings.Split(path, ":")
	if !ours || len(s) > PlaceLength || len(parts) != 3 {
		return false
	}
	name, script := strings.CutSuffix(parts[0], ".js")
	return script && name != "" && !strings.ContainsFunc(name, isNoneOfName) && isNumber(parts[1]) && isNumber(parts[2])
}

func isNoneOfName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r)
}

func isNumber(s string) bool {
	return s != "" && len(s) <= 7 && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
