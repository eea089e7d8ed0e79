package rest

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

//go:embed docs
var docs embed.FS

const docsPath = "/api/docs/"

// OpenAPI is the description of the API (OpenAPI 3.1, JSON), made from what runs.
func OpenAPI() ([]byte, error) {
	h := &Handler{mux: http.NewServeMux(), open: map[string]bool{}, o: Options{Access: NewAccess(nil, "https://example.com", nil)}}
	return h.routes().OpenAPI().MarshalJSON()
}

// describe serves the description and a page to browse it, from the binary.
func (h *Handler) describe(description []byte) {
	h.extra("GET /api/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(description) // the client may be gone
	})
	files, err := fs.Sub(docs, "docs")
	if err != nil {
		panic(err) // the folder is embedded
	}
	page := http.StripPrefix(strings.TrimSuffix(docsPath, "/"), http.FileServerFS(files))
	h.extra("GET "+docsPath, page.ServeHTTP)
	h.extra("POST "+base+"/csp-report", h.cspReport)
}

// extra is a route that is not part of the described API.
func (h *Handler) extra(pattern string, f http.HandlerFunc) {
	h.open[pattern] = true
	guarded{h}.HandleFunc(pattern, f)
}

// cspReport takes what browsers say of violations. What a page wrote is not to be trusted: only its size is logged.
func (h *Handler) cspReport(w http.ResponseWriter, r *http.Request) {
	body := http.MaxBytesReader(w, r.Body, 16<<10)
	defer body.Close()
	h.o.Log.DebugContext(r.Context(), "content security policy violated", "request", requestID(r.Context()), "bytes", r.ContentLength)
	w.WriteHeader(http.StatusNoContent)
}

const readyWithin = 2 * time.Second

// health: /healthz says that the process answers, /readyz that it can take commands.
func (h *Handler) health() {
	h.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	h.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, stop := context.WithTimeout(r.Context(), readyWithin)
		defer stop()
		if err := h.canteen.Ready(ctx); err != nil {
			h.o.Log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.Any("error", err))
			h.fail(w, r, &chat.Error{Code: chat.Unavailable, Message: "Commands cannot be taken now.", RetryAfter: time.Second})
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
}
