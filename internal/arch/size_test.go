package arch

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// maxPackage is how many lines of Go a package may have, without its tests.
const maxPackage = 6_000

// large are the packages that may have more lines: see docs/adr/0017-two-large-packages.md.
var large = map[string]int{"chat": 9_000, "dynamodb": 7_866}

// TestPackageSizes fails when a package grows beyond its bound. Split it then, and do not raise the bound.
func TestPackageSizes(t *testing.T) {
	lines := map[string]int{}
	walk(t, func(dir, file string) {
		b, err := os.ReadFile(filepath.Join("../..", file))
		if err != nil {
			t.Fatal(err)
		}
		lines[dir] += bytes.Count(b, []byte("\n"))
	})
	for dir, n := range lines {
		if most := max(maxPackage, large[dir]); n > most {
			t.Errorf("%s has %d lines, and may have %d", dir, n, most)
		}
	}
	for dir := range large {
		if lines[dir] <= maxPackage {
			t.Errorf("%s has %d lines, and needs no bound of its own any more", dir, lines[dir])
		}
	}
}
