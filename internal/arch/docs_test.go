package arch

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	goTest  = regexp.MustCompile("`([a-z0-9/-]+)\\.((?:Test|Fuzz|Benchmark|Example)[A-Z]\\w*)`")
	anyTest = regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w*`)
	webTest = regexp.MustCompile("`([\\w/.-]+\\.(?:test|spec)\\.ts)`\\s+“([^”]+)”")
	webFile = regexp.MustCompile(`\w\.(?:test|spec)\.ts\b`)
	aFile   = regexp.MustCompile("`([\\w/-]+/[\\w.-]+\\.(?:go|ts|yaml|service))`")
)

// TestSecurityDocumentNamesTests: each test that docs/security.md names as the holder of a promise exists: those in Go as `package.Test`,
// those of the web client as `path/file.test.ts` “title”. So does each file where promises are enforced.
func TestSecurityDocumentNamesTests(t *testing.T) {
	b, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	inGo, inWeb := goTest.FindAllStringSubmatch(doc, -1), webTest.FindAllStringSubmatch(doc, -1)
	for _, m := range inGo {
		if !strings.Contains(goTests(t, m[1]), "\nfunc "+m[2]+"(") {
			t.Errorf("docs/security.md names %s, which package %s does not have", m[2], m[1])
		}
	}
	for _, m := range inWeb {
		source, err := os.ReadFile(filepath.Join("../..", m[1])) // #nosec G304 -- the document names a file of the repository
		title := strings.Join(strings.Fields(m[2]), " ")
		if err != nil || !strings.Contains(string(source), `"`+title+`"`) {
			t.Errorf("docs/security.md names “%s” in %s, which is not there: %v", title, m[1], err)
		}
	}
	files := aFile.FindAllStringSubmatch(doc, -1)
	for _, m := range files {
		if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
			t.Errorf("docs/security.md names %s: %v", m[1], err)
		}
	}
	if len(files) < 20 {
		t.Errorf("docs/security.md names %d files", len(files))
	}
	if all := len(anyTest.FindAllString(doc, -1)); all != len(inGo) || all < 60 {
		t.Errorf("docs/security.md names %d tests in Go, %d of them with their package", all, len(inGo))
	}
	if all := len(webFile.FindAllString(doc, -1)); all != len(inWeb) || all < 5 {
		t.Errorf("docs/security.md names %d tests of the web client, %d of them with their title", all, len(inWeb))
	}
}

// goTests is the text of a package's test files.
func goTests(t *testing.T, pkg string) string {
	t.Helper()
	files, err := filepath.Glob(path.Join("../..", pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f) // #nosec G304 -- the document names a package of the repository
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
	}
	return out.String()
}

// TestDecisions: each file in docs/adr has a number of its own, which its title repeats, and docs/adr/NUMBER in a comment is one of them.
func TestDecisions(t *testing.T) {
	files, err := filepath.Glob("../../docs/adr/*.md")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d decisions: %v", len(files), err)
	}
	of := map[string]string{}
	for _, file := range files {
		b, err := os.ReadFile(file) // #nosec G304 -- a document of the repository
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		number, _, _ := strings.Cut(name, "-")
		if other := of[number]; other != "" {
			t.Errorf("%s and %s have the same number", other, name)
		}
		of[number] = name
		if title := "# " + strings.TrimLeft(number, "0") + ". "; !strings.HasPrefix(string(b), title) {
			t.Errorf("%s does not begin with %q", name, title)
		}
	}
	named := regexp.MustCompile(`\bdocs/adr/(\d{4})`)
	walk(t, func(_, file string) {
		b, err := os.ReadFile(filepath.Join("../..", file)) // #nosec G304 -- a source of the repository
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(b), -1) {
			if of[m[1]] == "" {
				t.Errorf("%s names decision %s, which does not exist", file, m[1])
			}
		}
	})
}
