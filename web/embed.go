// Package web holds the built web client and serves it: hashed assets for ever, the one page always fresh. Without a build
// (go build alone) it serves a page that says so.
//
// It imports the standard library alone.
package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed all:dist
var dist embed.FS

// file is one file as it is sent.
type file struct {
	kind  string
	plain []byte
	small func() []byte // gzip, made when first asked for, so that the start does not wait for it; nil when it gains nothing
}

// Handler serves the client: /assets/… and what else lies beside the page, and the page for every other path, since the
// client knows the paths.
func Handler() (http.Handler, error) {
	files := map[string]file{}
	err := fs.WalkDir(dist, "dist/app", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // no build
			return fs.SkipAll
		}
		if err != nil || d.IsDir() {
			return err
		}
		f, err := load(name)
		files[strings.TrimPrefix(name, "dist/app")] = f
		return err
	})
	page, ok := files["/index.html"]
	if err == nil && !ok {
		page, err = load("dist/placeholder.html")
	}
	if err != nil {
		return nil, fmt.Errorf("web client: %w", err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := files[r.URL.Path]
		switch {
		case ok && strings.HasPrefix(r.URL.Path, "/assets/"):
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		case strings.HasPrefix(r.URL.Path, "/assets/"):
			http.NotFound(w, r)
			return
		case !ok:
			f = page
			fallthrough
		default:
			w.Header().Set("Cache-Control", "no-cache")
		}
		f.serve(w, r)
	}), nil
}

func load(name string) (file, error) {
	b, err := dist.ReadFile(name)
	if err != nil {
		return file{}, err
	}
	return file{kind: mime.TypeByExtension(path.Ext(name)), plain: b, small: sync.OnceValue(func() []byte { return smaller(b) })}, nil
}

// smaller is b in gzip, or nil when that gains less than a tenth.
func smaller(b []byte) []byte {
	var z bytes.Buffer
	zw, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return nil // never, at this level
	}
	if _, err := zw.Write(b); err != nil || zw.Close() != nil || z.Len() >= len(b)*9/10 {
		return nil // sent as it is
	}
	return z.Bytes()
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if small := f.small(); small != nil {
			h.Set("Content-Encoding", "gzip")
			body = small
		}
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may be gone
	}
}
