package rest

import (
	"embed"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/origin"
	"github.com/canteen-chat/canteen/wire"
)

//go:embed docs
var docs embed.FS

const docsPath = "/api/docs/"

// OpenAPI returns the description of the API (OpenAPI 3.1, JSON), which is made from the registered routes.
func OpenAPI() ([]byte, error) {
	access := NewAccess(nil, origin.Origin{Scheme: "https", Host: "example.com"}, nil)
	h := &Handler{mux: http.NewServeMux(), open: map[string]bool{}, o: Options{Access: access}, packs: newCompressor()}
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
	req := requestOf(r.Context())
	body := &incoming{from: r.Body, limit: wire.OpenBodyBytes, budget: h.strangers, sender: req.actor.Address}
	defer body.done()
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(openBodyWithin)) // a Lambda function has none
	if _, err := io.Copy(io.Discard, body); err != nil {
		h.fail(w, r, err)
		return
	}
	h.o.Log.DebugContext(r.Context(), "content security policy violated", "request", requestID(r.Context()), "bytes", body.read)
	w.WriteHeader(http.StatusNoContent)
}
