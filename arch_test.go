package canteen_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/canteen-chat/canteen"

// layer says what the packages under a folder may import of the module, and why.
type layer struct {
	may    []string // folders; "" is the root; a trailing /... includes what lies below
	others []string // modules besides the standard library; nil: any
	why    string
}

var layers = map[string]layer{
	"":            {[]string{"text"}, []string{}, "the rules depend on nothing that could be exchanged"},
	"text":        {nil, []string{"golang.org/x/text", "github.com/rivo/uniseg"}, "pure functions can be reasoned about alone"},
	"wire":        {[]string{""}, []string{}, "JSON shapes follow the types and nothing else"},
	"rest":        {[]string{"", "wire", "text"}, nil, "adapters never know each other"},
	"socket":      {[]string{"", "wire", "text"}, nil, "adapters never know each other"},
	"apigateway":  {[]string{"", "wire", "text"}, []string{"github.com/aws/aws-sdk-go-v2"}, "adapters never know each other"},
	"lambda":      {[]string{"", "wire", "apigateway"}, []string{"github.com/aws/aws-lambda-go", "github.com/aws/aws-sdk-go-v2"}, "it turns events into calls of what stands behind"},
	"sqlite":      {[]string{"", "wire", "text"}, nil, "adapters never know each other"},
	"dynamodb":    {[]string{"", "wire", "text"}, nil, "adapters never know each other"},
	"hostile":     {nil, []string{"github.com/gorilla/websocket"}, "it plays Amazon's part, and knows nothing of what is behind"},
	"awstest":     {[]string{"awslocal"}, []string{}, "it starts programs, and knows nothing of what is tested on them"},
	"password":    {[]string{"", "text"}, nil, "adapters never know each other"},
	"limit":       {[]string{""}, []string{}, "adapters never know each other"},
	"client":      {[]string{"", "wire"}, nil, "integrators get the client without the server"},
	"web":         {nil, []string{}, "it only embeds files"},
	"server":      {[]string{"", "wire", "text", "rest", "socket", "sqlite", "password", "limit", "web"}, nil, "the wiring knows every adapter"},
	"migrate":     {[]string{""}, []string{}, "what moves a workspace knows no store"},
	"storetest":   {[]string{"", "text", "storetest/..."}, nil, "a contract knows no store"},
	"canteentest": {[]string{"", "wire", "text", "server", "client", "storetest/..."}, nil, "fixtures start the real server"},
	"deploy":      {nil, []string{}, "it only embeds files"},
	"stack":       {[]string{"", "deploy/aws", "web"}, nil, "the deployer is given what it needs of a store"},
	"awslocal":    {[]string{"deploy/aws"}, nil, "a stand-in for AWS knows nothing of the product"},
	"bench":       {[]string{"", "wire", "server", "sqlite", "client"}, nil, "it measures the product from outside and at its store"},
	"cmd":         {[]string{"", "..."}, nil, "commands put everything together"},
}

// TestImports fails when a package imports what its layer may not, or has no package comment.
func TestImports(t *testing.T) {
	comments := map[string]bool{}
	walk(t, func(dir, file string) {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		comments[dir] = comments[dir] || f.Doc.Text() != ""
		top, _, _ := strings.Cut(dir, "/")
		l, ok := layers[top]
		if !ok {
			t.Fatalf("%s: folder %q has no rule: say in layers what it may import, and why", file, top)
		}
		for _, spec := range f.Imports {
			if imported := strings.Trim(spec.Path.Value, `"`); !l.allows(imported) {
				t.Errorf("%s imports %s: %s", file, imported, l.why)
			}
		}
	})
	for dir, ok := range comments {
		if !ok {
			t.Errorf("package in %q has no package comment", dir)
		}
	}
	if len(comments) < 2 {
		t.Fatalf("only %d packages were found: the test looks in the wrong place", len(comments))
	}
}

func (l layer) allows(imported string) bool {
	if folder, ours := strings.CutPrefix(imported+"/", module+"/"); ours {
		folder = strings.TrimSuffix(folder, "/")
		if strings.HasPrefix(folder, "cmd") {
			return false // nobody imports cmd
		}
		return slices.ContainsFunc(l.may, func(m string) bool {
			below, deep := strings.CutSuffix(m, "...")
			return folder == m || deep && strings.HasPrefix(folder+"/", below)
		})
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") || l.others == nil { // the standard library has no dot in its first element
		return true
	}
	return slices.ContainsFunc(l.others, func(m string) bool { return strings.HasPrefix(imported+"/", m+"/") })
}

// TestNames fails on packages whose name says nothing.
func TestNames(t *testing.T) {
	empty := []string{"util", "utils", "common", "helpers", "models", "services", "types", "app"}
	walk(t, func(dir, file string) {
		if slices.Contains(empty, path.Base(dir)) {
			t.Errorf("%s: a package called %s says nothing about what it holds", file, path.Base(dir))
		}
	})
}

// walk calls f for every Go file that is no test, with its folder relative to the root ("" for the root itself).
func walk(t *testing.T, f func(dir, file string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && p != "." || d.Name() == "node_modules" || p == "tools" || p == "bin"):
			return filepath.SkipDir
		case strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go"):
			dir := filepath.ToSlash(filepath.Dir(p))
			if dir == "." {
				dir = ""
			}
			f(dir, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
