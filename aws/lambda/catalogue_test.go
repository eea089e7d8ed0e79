package lambda

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/ops/catalogue"
)

// TestMetricsAreInTheCatalogue: each metric that the functions write is in the catalogue of both homes, and they write each that it says.
func TestMetricsAreInTheCatalogue(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file) // #nosec G304 -- a file of this package
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:newMetric|flag)\("(\w+)"`).FindAllStringSubmatch(string(b), -1) {
			written[m[1]] = true
		}
	}
	if len(written) < 15 {
		t.Fatalf("only %d metrics were found: the test looks in the wrong place", len(written))
	}
	known := map[string]bool{}
	for _, d := range catalogue.All() {
		for _, name := range d.AWS {
			if known[name] = true; !written[name] {
				t.Errorf("the catalogue says that %s is %s on AWS, which no function writes", d.Name, name)
			}
		}
	}
	for name := range written {
		if !known[name] {
			t.Errorf("the functions write %s, which the catalogue does not have", name)
		}
	}
}
