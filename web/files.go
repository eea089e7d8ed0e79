package web

import (
	"errors"
	"io/fs"
)

// ErrNotBuilt is Files' when this binary was built without the web client.
var ErrNotBuilt = errors.New("this binary was built without the web client: build it with make build")

// Files are those of the built client, for who serves them elsewhere: index.html, assets/… and what lies beside the page.
func Files() (fs.FS, error) {
	if _, err := fs.Stat(dist, "dist/app/index.html"); err != nil {
		return nil, ErrNotBuilt
	}
	return fs.Sub(dist, "dist/app")
}
