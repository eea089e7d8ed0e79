package rest

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// Meter is told of requests, to count them. Its methods must not block. A route is a pattern of the table of routes, or "" for a request
// that reached none: never a path, so that there are few.
type Meter interface {
	// Began is called before a request is answered, and Answered when it was.
	Began()
	Answered(route, method string, status int, took time.Duration)
	// Refused is called for requests that are refused before Began: sockets, and those for another host.
	Refused(route, method string, status int)
}

type noMeter struct{}

func (noMeter) Began()                                      {}
func (noMeter) Answered(string, string, int, time.Duration) {}
func (noMeter) Refused(string, string, int)                 {}

const (
	metricsPath = "/metrics"
	socketPath  = "/ws"
)

// serveSocket passes a request on to the sockets. Those that are not upgraded were refused.
func (h *Handler) serveSocket(w http.ResponseWriter, r *http.Request) {
	rec := &recorder{ResponseWriter: w, request: &request{}}
	h.o.Socket.ServeHTTP(rec, r)
	if rec.status >= http.StatusBadRequest {
		h.meterOf(r).Refused(socketPath, r.Method, rec.status)
	}
	if rec.status == http.StatusInternalServerError { // as Refused counts it: 503 says that the server restarts
		h.failed(r, socketPath, rec.status)
	}
}

// metrics adds /metrics. With a token, it is for who has that. Without one, it is for programs on this machine, and does not exist for
// anybody else. A request that a proxy forwards does not come from this machine, and neither does one that names another host: it may be
// that of a page in a browser here whose name was made to resolve to this address.
func (h *Handler) metrics() {
	if h.o.Metrics == nil {
		return
	}
	token := sha256.Sum256([]byte(h.o.MetricsToken))
	h.mux.HandleFunc("GET "+metricsPath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		var err error
		if h.o.MetricsToken != "" {
			err = h.checkMetricsToken(r, token)
		} else if !isLocal(r) {
			err = errNotFound()
		}
		if err != nil {
			h.fail(w, r, err)
			return
		}
		h.o.Metrics.ServeHTTP(w, r)
	})
}

// checkMetricsToken takes one of the requests of the sender's address for each wrong token, so that nobody tries many.
func (h *Handler) checkMetricsToken(r *http.Request, token [sha256.Size]byte) error {
	given, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if sum := sha256.Sum256([]byte(given)); subtle.ConstantTimeCompare(sum[:], token[:]) == 1 {
		return nil
	}
	if _, err := h.canteen.Count(r.Context(), requestOf(r.Context()).actor); err != nil {
		return err
	}
	return chat.Errorf(chat.Unauthenticated, "Authorization: Bearer TOKEN is needed, with the token of --metrics-token.")
}

// isLocal says whether a program on this machine sent the request itself, to an address of this machine.
func isLocal(r *http.Request) bool {
	for _, forwarding := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if _, ok := r.Header[forwarding]; ok {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() && ofThisMachine(r.Host)
}
