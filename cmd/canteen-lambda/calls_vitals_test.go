package main

import (
	"context"
	"testing"

	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/vital"
)

// TestCallsOfVitals counts like TestCalls: a report of a browser reads whose it is, and writes nothing to the tables.
func TestCallsOfVitals(t *testing.T) {
	w, taken := start(t), 0
	w.options.Vitals = func(context.Context, []vital.Vital) { taken++ }
	w.rules = chat.New(w.options)
	w.hold(t, []operation{
		{"report vitals", 2, stack.MeasuredCounts().Report, 0, func() {
			must(t, w.rules.ReportVitals(t.Context(), w.me(t), []vital.Vital{{Name: vital.Echo, Seconds: 0.2}}))
		}},
	})
	if taken == 0 {
		t.Error("nothing was taken")
	}
}
