package wire

import "github.com/canteen-chat/canteen/vital"

// Vitals is the body of POST /vitals.
type Vitals struct {
	Vitals []Vital `json:"vitals" nullable:"false" minItems:"1" maxItems:"20"`
}

// Vital is something that a browser measured or noticed.
type Vital struct {
	Name    string  `json:"name" enum:"first_render,room_switch,echo,reconnect,script_error"`
	Seconds float64 `json:"seconds,omitempty" minimum:"0" maximum:"60" doc:"Of first_render, room_switch and echo"`
	At      string  `json:"at,omitempty" maxLength:"120" example:"assets/index-Bx3.js:1:2034" doc:"Of a script_error: FILE:LINE:COLUMN"`
}

// Input maps the body to the input of package chat.
func (b Vitals) Input() []vital.Vital {
	out := make([]vital.Vital, len(b.Vitals))
	for i, v := range b.Vitals {
		out[i] = vital.Vital{Name: vital.Name(v.Name), Seconds: v.Seconds, At: v.At}
	}
	return out
}
