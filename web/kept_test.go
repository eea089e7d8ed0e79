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
		os.Mkdir(filepath.Join(kept, "folder-12345678.js"), 0o700), os.MkdirAll(filepath.Join(dir, "0123456789abcdef.part", "x"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	used(t, dir)
	if got, want := served(t, dir, "b"), []string{"/assets/index-aaaaaaaa.js"}; !slices.Equal(got, want) {
		t.Errorf("served %v, want %v", got, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "0123456789abcdef.part")); !os.IsNotExist(err) {
		t.Errorf("what an interrupted start left: %v", err)
	}
}

// TestOthersFilesStay: files of others in the directory are not served, and none is removed.
func TestOthersFilesStay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "web")
	site := filepath.Join(dir, "site", "index-12345678.js")
	for _, err := range []error{
		os.MkdirAll(filepath.Dir(site), 0o700), os.WriteFile(site, []byte("other"), 0o600),
		os.WriteFile(filepath.Join(dir, "index.html"), nil, 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a", "b", "c"} {
		if got := served(t, dir, name); slices.Contains(got, "/assets/index-12345678.js") {
			t.Errorf("served %v", got)
		}
		used(t, dir)
	}
	for _, path := range []string{site, filepath.Join(dir, "index.html")} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("lost: %v", err)
		}
	}
}

// TestPartsDoNotStay: when an asset cannot be stored, on a full disk for example, none takes room there, and those of the release before
// are served.
func TestPartsDoNotStay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "web")
	served(t, dir, "a")
	used(t, dir)
	broken := release("b")
	broken["assets/zz-12345678.js/x"] = &fstest.MapFile{} // a directory where a file belongs
	files, err := keep(dir, broken)
	if got, want := slices.Collect(maps.Keys(files)), []string{"/assets/index-aaaaaaaa.js"}; err == nil || !slices.Equal(got, want) {
		t.Errorf("served %v, %v; want %v", got, err, want)
	}
	if found, err := os.ReadDir(dir); err != nil || len(found) != 1 {
		t.Errorf("there are %v, %v", found, err)
	}
}
