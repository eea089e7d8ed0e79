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
	"github.com/canteen-chat/canteen/origin"
)

//go:embed docs
var docs embed.FS

const docsPath = "/api/docs/"

// OpenAPI returns the description of the API (OpenAPI 3.1, JSON), which is made from the registered routes.
func OpenAPI() ([]byte, error) {
	h := &Handler{mux: http.NewServeMux(), open: map[string]bool{}, o: Options{Access: NewAccess(nil, origin.Origin{Scheme: "https", Host: "example.com"}, nil)}}
	return h.routes().OpenAPI().MarshalJSON()
}

// describe adds the routes of the API description, of the embedded pages to browse it, and of CSP reports.
func (h *Handler) describe(description []byte) {
	h.extra("GET /api/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(description) // fails only if the client disconnected
	})
	files, err := fs.Sub(docs, "docs")
	if err != nil {
		panic(err) // the folder is embedded
	}
	page := http.StripPrefix(strings.TrimSuffix(docsPath, "/"), http.FileServerFS(files))
	h.extra("GET "+docsPath, page.ServeHTTP)
	h.extra("POST "+base+"/csp-report", h.cspReport)
}

// extra adds a route that is not in the API description. It needs no authentication.
func (h *Handler) extra(pattern string, f http.HandlerFunc) {
	h.open[pattern] = true
	guarded{h}.HandleFunc(pattern, f)
}

// cspReport accepts browsers' reports of violations of the content security policy. A report is untrusted, so only its size is logged.
func (h *Handler) cspReport(w http.ResponseWriter, r *http.Request) {
	body := http.MaxBytesReader(w, r.Body, 16<<10)
	defer body.Close()
	h.o.Log.DebugContext(r.Context(), "content security policy violated", "request", requestID(r.Context()), "bytes", r.ContentLength)
	w.WriteHeader(http.StatusNoContent)
}

const readyWithin = 2 * time.Second

// health adds the health checks. /healthz answers if the process runs, /readyz if the store can be read and written.
func (h *Handler) health() {
	h.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	h.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, stop := context.WithTimeout(r.Context(), readyWithin)
		defer stop()
		if err := h.canteen.Ready(ctx); err != nil {
			h.o.Log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.Any("error", err))
			h.fail(w, r, &chat.Error{
				Code: chat.Unavailable, Message: "The server cannot accept commands right now. Try again.", RetryAfter: time.Second,
			})
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
}
