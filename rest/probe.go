package rest

import (
	"context"
	"net/http"

	"github.com/canteen-chat/canteen/chat"
)

// Probe answers the requests by which the server tries itself.
type Probe struct {
	Path string
	// User is the user for whom such a request is; "" for any other request. nil: the server does not try itself.
	User func(*http.Request) string
	// Announce commits an event that the user's connections hear. It logs its errors.
	Announce func(ctx context.Context, user string) error
}

// prober is the user of a probe that sent a request; "" if none did.
func (h *Handler) prober(r *http.Request) string {
	if h.o.Probe.User == nil {
		return ""
	}
	return h.o.Probe.User(r)
}

// meterOf is what a request is reported to: probes are not counted among the requests of people.
func (h *Handler) meterOf(r *http.Request) Meter {
	if h.prober(r) != "" {
		return noMeter{}
	}
	return h.o.Meter
}

// probed answers the request of a probe, and says whether it was one. For all others the address does not exist.
func (h *Handler) probed(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != h.o.Probe.Path || r.Method != http.MethodPost {
		return false
	}
	user := h.prober(r)
	if user == "" {
		return false
	}
	if h.o.Probe.Announce(r.Context(), user) != nil {
		h.fail(w, r, chat.Errorf(chat.Unavailable, "The event was not committed."))
	} else {
		w.WriteHeader(http.StatusNoContent)
	}
	return true
}
