package rest

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
)

// Options are the dependencies of a handler.
type Options struct {
	Access *Access
	Alarms Alarms       // nil: something else has the alarms
	Socket http.Handler // serves /ws
	Web    http.Handler // serves all paths outside the API
	Files  *files.Files // nil: there are no files
	Stream Streams      // nil: no text is put aside
	Log    *slog.Logger

	InFlight int // requests of a user at the same time, sockets apart; 0: no bound

	Meter        Meter         // nil: requests are not measured
	Failed       func(Failure) // is told of answers with 5xx; nil: nobody is
	Ops          Ops           // nil: nobody can say how the server is
	Metrics      http.Handler  // serves /metrics; nil: there are none
	MetricsToken string        // that /metrics needs; "": requests from this machine need none, and others are not answered

	Probe Probe
}

// Handler handles all requests to the server.
type Handler struct {
	canteen *chat.Canteen
	o       Options
	cross   *http.CrossOriginProtection
	mux     *http.ServeMux
	open    map[string]bool // patterns that need no authentication
	light   map[string]bool // patterns that do not count as requests, and of which many may be in flight
	forms   map[string]bool // patterns whose body is a form
	flying  *inFlight
	sending *pace
	packs   *compressor

	bodies           map[string]*huma.Schema // of the patterns with a body
	schemas          huma.Registry
	strangers, known *budget // for bodies
	hooked           *budget // for bodies that webhooks are sent
	wholes           *budget // for files that are sent whole
}

const anyPath = "/" // the pattern that matches all other paths

// New makes a Handler. It fails if the public URL is not a valid origin.
func New(c *chat.Canteen, o Options) (*Handler, error) {
	h := &Handler{
		canteen: c, o: o, cross: http.NewCrossOriginProtection(), mux: http.NewServeMux(), open: map[string]bool{},
		flying: newInFlight(o.InFlight), sending: newPace(), packs: newCompressor(),
	}
	if h.o.Meter == nil {
		h.o.Meter = noMeter{}
	}
	h.strangers, h.known = newBudget(openBudget, openShare), newBudget(userBudget, userShare)
	h.hooked, h.wholes = newBudget(hookBudget, hookShare), newBudget(wholeBudget, wholeShare)
	for _, at := range o.Access.origins {
		if err := h.cross.AddTrustedOrigin(at); err != nil {
			return nil, fmt.Errorf("public URL: %w", err)
		}
	}
	h.mux.HandleFunc(anyPath, h.unrouted)
	api := h.routes()
	description, err := api.OpenAPI().MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("API description: %w", err)
	}
	h.describe(description)
	h.health()
	h.metrics()
	h.unsubscribePage()
	h.hookAddress()
	return h, nil
}

type requestKey struct{}

// request is the state of a request that is passed in its context.
type request struct {
	id     string
	door   *Handler
	actor  chat.Actor
	agent  string
	former string // the session cookie's secret, only on routes without authentication: signing in ends that session
	log    *slog.Logger
	unread bool // it has a body that was not read to its end
	form   parts
	body   io.Reader // the body of a part of a file
}

func requestOf(ctx context.Context) *request {
	r, ok := ctx.Value(requestKey{}).(*request)
	if !ok {
		return &request{log: slog.Default()}
	}
	return r
}

func requestID(ctx context.Context) string { return requestOf(ctx).id }

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := &request{
		id: rand.Text()[:16], door: h, actor: h.o.Access.visitor(r), agent: r.UserAgent(), log: h.o.Log, unread: r.ContentLength != 0,
	}
	outer := r
	r = r.WithContext(context.WithValue(r.Context(), requestKey{}, req)) // huma passes only the context to its handlers
	setSecurityHeaders(w.Header(), h.o.Access.public.Secure())
	if r.TransferEncoding != nil { // net/http hides a Content-Length beside it: what follows may be what a proxy took for the body
		w.Header().Set("Connection", "close")
	}
	if err := h.o.Access.checkHost(r.Host, r.URL.Path); err != nil {
		if req.unread {
			hangUp(w)
		}
		h.o.Meter.Refused("", r.Method, http.StatusMisdirectedRequest)
		h.fail(w, r, err)
		return
	}
	if r.URL.Path == socketPath {
		h.serveSocket(w, r)
		return
	}
	began, rec, meter := time.Now(), &recorder{ResponseWriter: w, request: req}, h.meterOf(r)
	meter.Began()
	defer func() {
		outer.Pattern = r.Pattern // as ServeMux does, for callers that count requests by route
		if p := recover(); p != nil {
			h.o.Log.ErrorContext(r.Context(), "handler panicked", "request", req.id, "panic", p, "stack", string(debug.Stack()))
			if rec.status == 0 {
				h.fail(rec, r, fmt.Errorf("panic: %v", p))
			}
		}
		status := rec.outcome(r)
		meter.Answered(r.Pattern, r.Method, status, time.Since(began))
		if status >= http.StatusInternalServerError && h.prober(r) == "" {
			h.failed(r, r.Pattern, status)
		}
		if !h.o.Log.Enabled(r.Context(), slog.LevelDebug) {
			return
		}
		h.o.Log.DebugContext(r.Context(), "request", "request", req.id, "method", r.Method, "route", r.Pattern,
			"status", rec.status, "ms", time.Since(began).Milliseconds(), "user", req.actor.User.ID)
	}()
	h.serve(rec, r)
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) {
	if err := h.cross.Check(r); err != nil {
		h.refuse(w, r, chat.Errorf(chat.Forbidden, "This request came from a page of another origin."))
		return
	}
	if r.URL.Path != path.Clean(r.URL.Path) && r.URL.Path != docsPath { // ServeMux would redirect to the clean path
		h.unrouted(w, r)
		return
	}
	if !h.probed(w, r) {
		h.mux.ServeHTTP(w, r)
	}
}

// guarded is the mux of the API's routes. It wraps each route: answers must not be cached, query parameters must not be empty or
// repeated, and the request must be authenticated unless the route is open.
type guarded struct{ *Handler }

// HandleFunc implements humago.Mux.
func (h guarded) HandleFunc(pattern string, f func(http.ResponseWriter, *http.Request)) {
	open, do, count := h.open[pattern], h.received(pattern, f), h.canteen.Count
	if pattern == http.MethodPatch+" "+base+messagePath {
		count = h.canteen.CountEdit
	}
	if strings.HasPrefix(pattern, http.MethodGet+" ") {
		do = h.packs.wrap(do)
	}
	named := func(w http.ResponseWriter, r *http.Request) {
		if err := h.nameRoom(r); err != nil {
			h.fail(w, r, err)
			return
		}
		do(w, r)
	}
	h.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if err := checkQuery(r.URL); err != nil {
			h.fail(w, r, err)
			return
		}
		req := requestOf(r.Context())
		if open {
			req.former = h.o.Access.cookieSecret(r)
			do(w, r)
			return
		}
		actor, _, err := h.o.Access.Who(r)
		if err != nil {
			h.refuse(w, r, err)
			return
		}
		if h.light[pattern] {
			req.actor = actor
			do(w, r)
			return
		}
		if req.actor, err = count(r.Context(), actor); err == nil {
			err = h.flying.serve(w, r, actor.User.Share(), draws(pattern, r), named)
		}
		if err != nil {
			h.fail(w, r, err)
		}
	})
}

// received passes the requests of a route on once their body has been read.
func (h *Handler) received(pattern string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case pattern == http.MethodPost+" "+filesPath && isForm(r):
			h.uploadForm(w, r)
			return
		case pattern == http.MethodPut+" "+partPath:
			requestOf(r.Context()).body = newStreamed(w, r)
		}
		schema, form := h.bodies[pattern], h.forms[pattern] // known when all routes are
		if schema == nil && !form {
			next(w, r)
			return
		}
		receive := func() (func(), error) { return h.receive(w, r, h.open[pattern], schema) }
		if form {
			receive = func() (func(), error) { return h.receiveForm(w, r) }
		}
		done, err := receive()
		defer done()
		if err != nil {
			h.refuse(w, r, err)
			return
		}
		next(w, r)
	}
}

// nameRoom replaces a room's #name in the path by its id. The name of no room stays: no room has it as its id.
func (h *Handler) nameRoom(r *http.Request) error {
	name, named := strings.CutPrefix(r.PathValue("room"), "#")
	if !named {
		return nil
	}
	id, err := h.canteen.RoomNamed(r.Context(), name)
	switch {
	case err == nil:
		r.SetPathValue("room", id)
	case chat.ErrorCode(err) != chat.NotFound:
		return err
	}
	return nil
}

// checkQuery refuses query parameters that are empty or repeated, since their meaning is unclear.
func checkQuery(u *url.URL) error {
	if u.RawQuery == "" {
		return nil
	}
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return chat.InvalidField("query", "The query is malformed.")
	}
	for name, vs := range values {
		if len(vs) > 1 {
			return chat.InvalidField(name, "Give %s only once.", name)
		}
		if vs[0] == "" && name != "q" {
			return chat.InvalidField(name, "%s has no value; leave it out or give one.", name)
		}
	}
	return nil
}

// unrouted answers requests that match no pattern: with the web client outside the API, else with 405 or 404.
func (h *Handler) unrouted(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/api/") && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		h.o.Web.ServeHTTP(w, r)
		return
	}
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if r.URL.Path != path.Clean(r.URL.Path) {
			break
		}
		other := &http.Request{Method: m, URL: r.URL, Host: r.Host}
		if _, pattern := h.mux.Handler(other); pattern != anyPath {
			allowed = append(allowed, m)
		}
	}
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		allowed = append(allowed, http.MethodGet)
	}
	if len(allowed) == 0 {
		h.fail(w, r, errNotFound())
		return
	}
	slices.Sort(allowed)
	w.Header().Set("Allow", strings.Join(slices.Compact(allowed), ", "))
	h.fail(w, r, chat.Errorf(chat.MethodNotAllowed, "Only %s is allowed here.", strings.Join(slices.Compact(allowed), ", ")))
}

func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	Fail(w, r, err)
}

// refuse fails a request before it becomes a command. If it would change something, the audit trail tells of it.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if writes(r.Method) {
		_, pattern := h.mux.Handler(r) // not the path, which could hold anything
		h.canteen.Refused(r.Context(), requestOf(r.Context()).actor, pattern, err)
	}
	h.fail(w, r, err)
}

func writes(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

// recorder records the status of an answer, for the log.
type recorder struct {
	http.ResponseWriter
	status  int
	request *request
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
		if status >= http.StatusBadRequest && r.request.unread {
			hangUp(r.ResponseWriter)
		}
	}
	r.ResponseWriter.WriteHeader(status)
}

// hangUp ends the connection after an answer that does not wait for the rest of the body. Without it, net/http would wait for that
// before it answers. What comes within a second is still read, so that the client can read the answer.
func hangUp(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Second)) // a Lambda function has no connection
}

// clientGone is the status that the metrics have for requests whose client did not wait for the answer. It is never sent.
const clientGone = 499

// outcome is the status that the metrics have for a request. Whoever hangs up causes no error of the server.
func (r *recorder) outcome(of *http.Request) int {
	if r.status >= http.StatusInternalServerError && errors.Is(of.Context().Err(), context.Canceled) {
		return clientGone
	}
	return cmp.Or(r.status, http.StatusOK)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController access to the wrapped writer.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// setSecurityHeaders sets the security headers of every answer. The content security policy allows only the server's own scripts,
// styles and connections. It forbids making HTML from strings, except by Svelte's compiled templates (Trusted Types). The page may ask for
// the microphone, to record voice messages.
func setSecurityHeaders(h http.Header, tls bool) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "+
		"img-src 'self' data: blob:; "+
		"connect-src 'self'; font-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "+
		"require-trusted-types-for 'script'; trusted-types svelte-trusted-html; report-to csp")
	h.Set("Reporting-Endpoints", `csp="/api/v1/csp-report"`)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(self), geolocation=(), payment=(), usb=()")
	if tls {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// add registers a route. Its handler gets the actor, who is a visitor on open routes.
func add[I, O any](h *Handler, api huma.API, op huma.Operation, f func(context.Context, chat.Actor, *I) (*O, error)) {
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, requestOf(ctx).actor, in)
		if err != nil {
			return nil, problemOf(ctx, err)
		}
		return out, nil
	})
}
