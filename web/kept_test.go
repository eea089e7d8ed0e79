package web

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// release is a build with one script besides its page.
func release(name string) fstest.MapFS {
	script := "assets/index-" + strings.Repeat(name, 8) + ".js"
	return fstest.MapFS{"index.html": {Data: []byte(script)}, script: {Data: []byte("// " + name)}, "icon.svg": {Data: []byte("<svg/>")}}
}

// served are the paths that start serves of the release before.
func served(t *testing.T, dir, name string) []string {
	t.Helper()
	files, err := keep(dir, release(name))
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(files))
}

// used makes the directories in dir older, so that the next start is later than the last.
func used(t *testing.T, dir string) {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range found {
		info, err := d.Info()
		if err != nil {
			t.Fatal(err)
		}
		before := info.ModTime().Add(-time.Hour)
		if err := os.Chtimes(filepath.Join(dir, d.Name()), before, before); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReleaseBefore: the assets of the release that was served before are served too, those of older ones are removed, and starting the
// same release again, or an older one, changes nothing of that.
func TestReleaseBefore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "web")
	for _, c := range []struct{ start, before string }{
		{"a", ""}, {"a", ""}, {"b", "a"}, {"b", "a"}, {"c", "b"}, {"b", "c"}, {"c", "b"},
	} {
		want := []string(nil)
		if c.before != "" {
			want = []string{"/assets/index-" + strings.Repeat(c.before, 8) + ".js"}
		}
		if got := served(t, dir, c.start); !slices.Equal(got, want) {
			t.Errorf("%s serves of the release before %v, want %v", c.start, got, want)
		}
		if found, err := os.ReadDir(dir); err != nil || len(found) > 2 {
			t.Errorf("after %s there are %d directories, %v", c.start, len(found), err)
		}
		used(t, dir)
	}
}

// TestKeptFilesAreHashed: nothing but a regular file with a hashed name is served from the directory, and what an interrupted start left
// is removed.
func TestKeptFilesAreHashed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "web")
	served(t, dir, "a")
	found, err := os.ReadDir(dir)
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	kept, secret := filepath.Join(dir, found[0].Name()), filepath.Join(t.TempDir(), "secret-12345678.js")
	for _, err := range []error{
		os.WriteFile(secret, []byte("secret"), 0o600), os.WriteFile(filepath.Join(kept, "index.html"), nil, 0o600),
		os.WriteFile(filepath.Join(kept, "plain.js"), nil, 0o600), os.Symlink(secret, filepath.Join(kept, "secret-12345678.js")),
		os.Mkdir(filepath.Join(kept, "folder-12345678.js"), 0o700), os.MkdirAll(filepath.Join(dir, "0123.part", "x"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	used(t, dir)
	if got, want := served(t, dir, "b"), []string{"/assets/index-aaaaaaaa.js"}; !slices.Equal(got, want) {
		t.Errorf("served %v, want %v", got, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "0123.part")); !os.IsNotExist(err) {
		t.Errorf("what an interrupted start left: %v", err)
	}
}
