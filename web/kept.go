package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// hashed are names that hold the hash of what is in the file, as the bundler makes them.
var hashed = regexp.MustCompile(`^[\w.-]+-[\w-]{8}\.(js|css|json|svg|png|webp|woff2)$`)

// ours are the names of the directories that keep makes, whole or in part. What else an operator has in there is left alone.
var ours = regexp.MustCompile(`^[0-9a-f]{16}(\.part)?$`)

// most is the size of the largest asset that is served of another release.
const most = 8 << 20

// keep stores the assets of a build in a directory of its own inside dir, and returns those of the build that was served before it, by
// the path at which they are served. Directories of older builds are removed, so that dir holds two builds at most.
func keep(dir string, built fs.FS) (map[string]file, error) {
	page, err := fs.ReadFile(built, "index.html")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(page) // the page names the hashed script that names all other assets
	own := hex.EncodeToString(sum[:8])
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	before, err := prune(root, own)
	files := map[string]file{}
	if err == nil && before != "" {
		err = readAssets(root, before, files)
	}
	return files, errors.Join(err, store(root, own, built), root.Close())
}

// prune removes from root all builds but own and the one that was used last besides it, whose name it returns.
func prune(root *os.Root, own string) (before string, err error) {
	found, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return "", err
	}
	var latest time.Time
	found = slices.DeleteFunc(found, func(d fs.DirEntry) bool { return !ours.MatchString(d.Name()) })
	for _, d := range found {
		info, err := d.Info()
		if err != nil {
			return "", err
		}
		if d.IsDir() && d.Name() != own && filepath.Ext(d.Name()) == "" && info.ModTime().After(latest) {
			before, latest = d.Name(), info.ModTime()
		}
	}
	for _, d := range found {
		if d.Name() != own && d.Name() != before {
			err = errors.Join(err, root.RemoveAll(d.Name()))
		}
	}
	return before, err
}

// store writes the assets of a build into root, unless they are there, and notes that the build is used now.
func store(root *os.Root, own string, built fs.FS) error {
	now := time.Now()
	if _, err := root.Stat(own); err == nil {
		return root.Chtimes(own, now, now)
	}
	part := own + ".part"                                 // renamed when it is whole
	if err := copyAssets(root, part, built); err != nil { // on a full disk a part of them would take what is left
		return errors.Join(err, root.RemoveAll(part))
	}
	return root.Rename(part, own)
}

// copyAssets writes the assets of a build into a new directory of root.
func copyAssets(root *os.Root, dir string, built fs.FS) error {
	if err := root.Mkdir(dir, 0o700); err != nil {
		return err
	}
	assets, err := fs.ReadDir(built, "assets")
	if err != nil {
		return err
	}
	for _, a := range assets {
		b, err := fs.ReadFile(built, "assets/"+a.Name())
		if err != nil {
			return err
		}
		if err := write(root, dir+"/"+a.Name(), b); err != nil {
			return err
		}
	}
	return nil
}

// write writes a file that is on the disk before its directory gets its name.
func write(root *os.Root, name string, b []byte) error {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// readAssets reads the hashed files of a directory in root. It follows no link out of root.
func readAssets(root *os.Root, dir string, files map[string]file) error {
	found, err := fs.ReadDir(root.FS(), dir)
	if err != nil {
		return err
	}
	for _, d := range found {
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() || info.Size() > most || !hashed.MatchString(d.Name()) {
			continue
		}
		b, err := root.ReadFile(dir + "/" + d.Name())
		if err != nil {
			return fmt.Errorf("read an asset of the release before: %w", err)
		}
		files["/assets/"+d.Name()] = newFile(d.Name(), b)
	}
	return nil
}
