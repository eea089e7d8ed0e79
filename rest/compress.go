package rest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// minGzip is the length of the shortest body that is compressed, in bytes. Below, it costs more than it saves.
const minGzip = 1 << 10

// compressor compresses the JSON in answers to GET. No others: secrets stand in answers to POST alone, and the length of a compressed
// body tells what it has in common with texts that others choose (the attack BREACH).
type compressor struct{ writers sync.Pool }

func newCompressor() *compressor {
	return &compressor{sync.Pool{New: func() any {
		z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			panic(err) // never, at this level
		}
		return z
	}}}
}

// wrap compresses the answers of a handler, where the client accepts that.
func (c *compressor) wrap(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if !acceptsGzip(r.Header) {
			next(w, r)
			return
		}
		a := &packing{ResponseWriter: w, from: &c.writers}
		next(a, r)
		a.finish()
	}
}

// packing is an answer that is compressed if its first part is JSON and long enough. It is sent when it is whole, so that a client which
// receives slowly keeps no gzip.Writer.
type packing struct {
	http.ResponseWriter
	from   *sync.Pool
	status int
	begun  bool
	z      *gzip.Writer // nil: not compressed
	packed bytes.Buffer
}

// WriteHeader implements http.ResponseWriter. The status is sent with the first part of the body, or at the end.
func (a *packing) WriteHeader(status int) {
	if status < http.StatusOK {
		a.ResponseWriter.WriteHeader(status)
	} else if a.status == 0 {
		a.status = status
	}
}

// Write implements http.ResponseWriter.
func (a *packing) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if !a.begun {
		a.begun = true
		if h := a.Header(); len(b) >= minGzip && isJSON(h.Get("Content-Type")) && h.Get("Content-Encoding") == "" {
			a.z, _ = a.from.Get().(*gzip.Writer)
			a.z.Reset(&a.packed)
		} else {
			a.ResponseWriter.WriteHeader(a.status)
		}
	}
	if a.z != nil {
		return a.z.Write(b)
	}
	return a.ResponseWriter.Write(b)
}

func (a *packing) finish() {
	if a.z == nil {
		if !a.begun && a.status != 0 {
			a.ResponseWriter.WriteHeader(a.status)
		}
		return
	}
	if err := a.z.Close(); err != nil {
		panic(fmt.Errorf("gzip into memory: %w", err))
	}
	a.from.Put(a.z)
	h := a.Header()
	h.Set("Content-Encoding", "gzip")
	h.Set("Content-Length", strconv.Itoa(a.packed.Len()))
	a.ResponseWriter.WriteHeader(a.status)
	_, _ = a.ResponseWriter.Write(a.packed.Bytes()) // fails only if the client disconnected
}

// Unwrap gives http.ResponseController access to the wrapped writer.
func (a *packing) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// acceptsGzip parses Accept-Encoding (RFC 9110, 12.5.3).
func acceptsGzip(h http.Header) bool {
	any := false
	for part := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		yes := true
		if weight, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			q, err := strconv.ParseFloat(weight, 64)
			yes = err == nil && q > 0
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip":
			return yes
		case "*":
			any = yes
		}
	}
	return any
}
