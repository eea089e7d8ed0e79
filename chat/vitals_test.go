package chat_test

import (
	"log/slog"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/vital"
)

// TestVitals: people are told whether their browsers are to report, and where they are not, nothing is taken. Reports have a rate.
func TestVitals(t *testing.T) {
	h := open(t, nil)
	limited := h.with(h.store, limit.New(h.clock))
	mira, report := h.people["mira"], []vital.Vital{{Name: vital.Reconnect}}
	_, w, err := h.rules.Me(t.Context(), mira)
	if err != nil || !w.Vitals {
		t.Errorf("wanted: %v, %v", w.Vitals, err)
	}
	for n := range 21 {
		err := limited.ReportVitals(t.Context(), mira, report)
		if want := map[bool]string{true: "ok", false: "429"}[n < 20]; outcome(err) != want {
			t.Errorf("report %d: %v, want %s", n, err, want)
		}
	}
	if len(h.vitals) != 20 {
		t.Errorf("%d were taken", len(h.vitals))
	}
	off := chat.New(chat.Options{Store: h.store, Limiter: limit.None{}, Clock: h.clock, Log: slog.New(slog.DiscardHandler)})
	if err := off.ReportVitals(t.Context(), mira, report); outcome(err) != "404" {
		t.Errorf("where none are wanted: %v", err)
	}
	if _, w, err := off.Me(t.Context(), mira); err != nil || w.Vitals {
		t.Errorf("not wanted: %v, %v", w.Vitals, err)
	}
}
