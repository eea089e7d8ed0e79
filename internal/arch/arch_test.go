// Package arch holds the import rules of the house, each with its reason. It has tests alone.
package arch

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/canteen-chat/canteen"

// layer says what the packages under a folder may import of the module, and why.
type layer struct {
	may    []string // folders; a trailing /... includes what lies below
	others []string // modules besides the standard library; nil: any
	why    string
}

// layers holds one rule for each folder. The longest folder that holds a package decides.
var layers = map[string]layer{
	"chat":     {[]string{"text"}, []string{}, "the rules depend on nothing that could be exchanged"},
	"text":     {nil, []string{"golang.org/x/text", "github.com/rivo/uniseg"}, "pure functions can be reasoned about alone"},
	"follow":   {[]string{"chat"}, []string{}, "a follower works with any store and any consumer"},
	"frequent": {[]string{"chat", "text"}, []string{}, "a consumer of the feed knows no store"},
	"wire":     {[]string{"chat"}, []string{}, "JSON shapes follow the types and nothing else"},
	"rest":     {[]string{"chat", "wire", "text"}, nil, "adapters never know each other"},
	"socket":   {[]string{"chat", "wire", "text"}, nil, "adapters never know each other"},
	"sqlite":   {[]string{"chat", "wire", "text"}, nil, "adapters never know each other"},
	"dynamodb": {[]string{"chat", "wire", "text"}, nil, "adapters never know each other"},
	"password": {[]string{"chat", "text"}, nil, "adapters never know each other"},
	"limit":    {[]string{"chat"}, []string{}, "adapters never know each other"},
	"client":   {[]string{"chat", "wire"}, nil, "integrators get the client without the server"},
	"web":      {nil, []string{}, "it only embeds files"},
	"server": {[]string{"chat", "wire", "text", "rest", "socket", "sqlite", "password", "limit", "web", "follow", "frequent"}, nil,
		"the wiring knows every adapter"},
	"deploy":         {nil, []string{}, "it only embeds files"},
	"aws/apigateway": {[]string{"chat", "wire", "text"}, []string{"github.com/aws/aws-sdk-go-v2"}, "adapters never know each other"},
	"aws/lambda": {[]string{"chat", "wire", "follow", "aws/apigateway"}, []string{"github.com/aws/aws-lambda-go", "github.com/aws/aws-sdk-go-v2"},
		"it turns AWS events into calls of the adapters behind it"},
	"aws/migrate":         {[]string{"chat"}, []string{}, "moving a workspace works with any two stores"},
	"aws/template":        {nil, []string{}, "it only embeds files"},
	"aws/stack":           {[]string{"chat", "aws/template", "web"}, nil, "the deployer is given what it needs of a store"},
	"aws/local":           {[]string{"aws/template"}, nil, "an emulator of AWS knows nothing of the product"},
	"internal/storetest":  {[]string{"chat", "text", "internal/storetest/..."}, nil, "a contract knows no store"},
	"internal/followtest": {[]string{"chat", "follow", "frequent"}, nil, "a contract knows no home"},
	"internal/hostile":    {nil, []string{"github.com/gorilla/websocket"}, "it plays Amazon's part and knows nothing of the product"},
	"internal/awstest": {[]string{"aws/local", "aws/template"}, []string{"gopkg.in/yaml.v3"},
		"it starts emulators and knows nothing of what is tested on them"},
	"internal/world": {[]string{"chat", "client", "server", "wire"}, []string{},
		"tests start the product as its command does, and speak to it as integrators do"},
	"internal/devices": {[]string{"client", "wire"}, []string{"github.com/gorilla/websocket", "pgregory.net/rapid"},
		"an oracle for clients knows no home, so that it holds for each"},
	"internal/bench": {[]string{"chat", "wire", "server", "sqlite", "client"}, nil,
		"it measures the product from outside and at its store"},
	"internal/arch": {nil, []string{}, "it only reads files"},
	"cmd":           {[]string{"..."}, nil, "commands put everything together"},
}

// ruleOf is the rule of the longest folder that holds dir.
func ruleOf(dir string) (layer, bool) {
	for d := dir; d != "."; d = path.Dir(d) {
		if l, ok := layers[d]; ok {
			return l, true
		}
	}
	return layer{}, false
}

// TestImports fails when a package imports what its layer may not, or has no package comment.
func TestImports(t *testing.T) {
	comments := map[string]bool{}
	walk(t, func(dir, file string) {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../..", file), nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		comments[dir] = comments[dir] || f.Doc.Text() != ""
		l, ok := ruleOf(dir)
		if !ok {
			t.Fatalf("%s: folder %q has no rule: say in layers what it may import, and why", file, dir)
		}
		for _, spec := range f.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			if strings.HasPrefix(imported, module+"/internal/") && !strings.HasPrefix(dir, "internal/") {
				t.Errorf("%s imports %s: internal/ is for tests alone", file, imported)
			}
			if !l.allows(imported) {
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
	if folder, ours := strings.CutPrefix(imported, module+"/"); ours {
		if strings.HasPrefix(folder+"/", "cmd/") {
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

// TestRootHoldsNoGo keeps the root of the repository a map: folders and documents, no Go file.
func TestRootHoldsNoGo(t *testing.T) {
	found, err := filepath.Glob("../../*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		t.Errorf("%s: Go files live in a folder named after what they are", filepath.Base(file))
	}
}

// walk calls f for every Go file that is no test, with its folder and path relative to the root of the repository.
func walk(t *testing.T, f func(dir, file string)) {
	t.Helper()
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && p != "." || d.Name() == "node_modules" || p == "tools" || p == "bin"):
			return fs.SkipDir
		case strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go"):
			f(path.Dir(p), p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
