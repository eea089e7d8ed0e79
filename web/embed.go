// Package web holds the built web client and serves it: hashed assets for ever, the one page always fresh. For tabs that were opened
// before an upgrade it serves the assets of the release before too. Without a build (go build alone) it serves a page that says so.
//
// It imports the standard library alone.
package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
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
// client knows the paths. In the directory kept it keeps the assets for the next release, and finds those of the release before. It
// serves without them when that fails, and logs why.
func Handler(kept string, log *slog.Logger) (http.Handler, error) {
	placeholder, err := dist.ReadFile("dist/placeholder.html")
	if err != nil {
		return nil, fmt.Errorf("web client: %w", err)
	}
	files, page := map[string]file{}, newFile("placeholder.html", placeholder)
	if built, missing := Files(); missing == nil {
		if files, err = allOf(built); err != nil {
			return nil, fmt.Errorf("web client: %w", err)
		}
		page = files["/index.html"]
		before, err := keep(kept, built)
		if err != nil {
			log.Warn("no assets are kept for tabs that were opened before an upgrade", "err", err)
		}
		for name, f := range before {
			if _, present := files[name]; !present {
				files[name] = f
			}
		}
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

// allOf are the files of a build, by the path at which they are served.
func allOf(built fs.FS) (map[string]file, error) {
	files := map[string]file{}
	return files, fs.WalkDir(built, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(built, name)
		files["/"+name] = newFile(name, b)
		return err
	})
}

func newFile(name string, b []byte) file {
	return file{kind: mime.TypeByExtension(path.Ext(name)), plain: b, small: sync.OnceValue(func() []byte { return smaller(b) })}
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
