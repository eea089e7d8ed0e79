// Package arch holds the import rules of the module, each with its reason. It contains only tests.
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

// layer says what the packages under a folder may import, and why.
type layer struct {
	may    []string // folders of this module; a trailing /... includes the folders below
	others []string // other modules; nil: any. The standard library is always allowed
	why    string
}

// layers holds one rule for each folder. The rule of the longest matching folder applies to a package.
var layers = map[string]layer{
	"card": {[]string{"text"}, []string{}, "pure functions depend on nothing of the product but text"},
	"chat": {[]string{"audit", "card", "text", "section", "audience", "poll", "thread", "quiet", "vital", "settings", "emojiname",
		"proof"}, []string{}, "the rules do not depend on adapters"},
	"audit":   {nil, []string{}, "pure functions depend on nothing of the product"},
	"text":    {nil, []string{"golang.org/x/text", "github.com/rivo/uniseg"}, "pure functions depend on nothing of the product"},
	"section": {[]string{"text"}, []string{}, "pure functions depend on nothing of the product but text"},
	"settings": {[]string{"quiet", "section", "text"}, []string{},
		"pure functions depend on nothing of the product but other choices and text"},
	"emojiname":     {[]string{"text"}, []string{}, "pure functions depend on nothing of the product but text"},
	"proof":         {nil, []string{}, "pure functions depend on nothing of the product"},
	"audience":      {nil, []string{}, "pure functions depend on nothing of the product"},
	"vital":         {nil, []string{}, "pure functions depend on nothing of the product"},
	"archive":       {[]string{"chat", "poll", "thread", "emojiname"}, []string{}, "what is moved is the same in any store"},
	"bot":           {[]string{"chat"}, []string{}, "what holds for bots is the same in any store"},
	"connection":    {[]string{"chat"}, []string{}, "what is known of connections is the same in any home"},
	"inbox":         {[]string{"chat", "thread"}, []string{}, "what is kept of inboxes is the same in any store"},
	"thread":        {nil, []string{}, "pure functions depend on nothing of the product"},
	"quiet":         {nil, []string{}, "pure functions depend on nothing of the product"},
	"poll":          {[]string{"text"}, []string{}, "pure functions depend on nothing of the product but text"},
	"hook":          {[]string{"card", "text"}, []string{}, "pure functions depend on nothing of the product but text and cards"},
	"follow":        {[]string{"chat"}, []string{}, "a follower works with any store and any consumer"},
	"attention":     {[]string{"chat", "connection", "text", "audience", "inbox", "thread"}, []string{}, "a consumer of the feed works with any store"},
	"stretch":       {[]string{"chat"}, []string{}, "what a page holds is the same in any store"},
	"stream":        {[]string{"chat"}, []string{}, "what is put aside is the same in any store"},
	"frequent":      {[]string{"chat", "text"}, []string{}, "a consumer of the feed works with any store"},
	"emoji":         {[]string{"chat", "files", "picture"}, []string{}, "pictures of emoji are bodies of any home"},
	"ops/catalogue": {nil, []string{}, "both homes use the catalogue, and the functions on AWS do not need Prometheus's packages"},
	"ops/probe":     {nil, []string{"github.com/gobwas/ws"}, "it is a client of the server, and knows nothing of it but two addresses"},
	"ops/metrics": {[]string{"ops/catalogue"}, []string{"github.com/prometheus/client_golang", "github.com/prometheus/client_model"},
		"packages report to it through ports of their own"},
	"ops/history": {[]string{"ops/catalogue", "ops/metrics"}, []string{},
		"it keeps what any server measures"},
	"wire": {[]string{"card", "audit", "chat", "poll", "quiet", "vital", "settings", "emojiname"}, []string{},
		"the JSON types depend on the domain types only"},
	"wal":       {nil, []string{}, "it knows the files of SQLite, and nothing of the product"},
	"pagecache": {[]string{"chat"}, []string{}, "what is kept of pages is the same in any store"},
	"outbound":  {nil, []string{}, "the guard depends on nothing of the product"},
	"origin":    {nil, []string{"golang.org/x/net/idna"}, "pure functions depend on nothing of the product"},
	"rest":      {[]string{"hook", "card", "audit", "chat", "wire", "text", "origin", "files", "thread"}, nil, "adapters do not import each other"},
	"socket":    {[]string{"chat", "connection", "wire", "text", "poll"}, nil, "adapters do not import each other"},
	"sqlite": {[]string{"bot", "audit", "chat", "wire", "text", "stretch", "pagecache", "archive", "audience", "inbox", "poll", "thread",
		"settings", "emojiname", "wal"}, nil, "adapters do not import each other"},
	"dynamodb": {[]string{"bot", "dynamodb/connected", "dynamodb/limit", "dynamodb/event", "dynamodb/hook", "dynamodb/auditlog",
		"dynamodb/table", "audit", "chat", "connection", "stretch", "pagecache", "archive", "audience", "inbox", "poll", "thread", "settings",
		"emojiname"}, nil, "adapters do not import each other"},
	"password": {[]string{"chat", "text"}, nil, "adapters do not import each other"},
	"limit":    {[]string{"chat"}, []string{}, "adapters do not import each other"},
	"files":    {[]string{"chat", "picture"}, []string{}, "uploads work with any home of bodies"},
	"disk":     {[]string{"chat", "files"}, []string{"golang.org/x/sys"}, "adapters do not import each other"},
	"picture":  {nil, []string{"golang.org/x/image/webp"}, "pure functions depend on nothing of the product"},
	"mail":     {nil, []string{}, "it makes e-mails for any sender"},
	"digest":   {[]string{"chat", "mail", "settings"}, []string{}, "digests work with any store and any sender"},
	"smtp":     {[]string{"mail"}, []string{}, "adapters do not import each other"},
	"ses":      {[]string{"mail"}, []string{"github.com/aws/aws-sdk-go-v2"}, "adapters do not import each other"},
	"unfurl": {[]string{"chat", "text", "outbound", "picture", "pagecache"}, []string{"golang.org/x/net/html"},
		"adapters do not import each other"},
	"s3": {[]string{"chat", "files"}, []string{"github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"},
		"adapters do not import each other"},
	"backup": {[]string{"chat", "disk", "emoji", "files", "sqlite", "wal"}, []string{"golang.org/x/sys"},
		"a backup is made of the database and the bodies of one machine"},
	"client":    {[]string{"chat", "wire"}, nil, "integrators get the client without the server"},
	"ops/alarm": {[]string{"card"}, []string{}, "pure functions depend on nothing of the product but cards"},
	"web":       {nil, []string{}, "it only embeds files"},
	"server": {[]string{"audit", "chat", "wire", "text", "rest", "socket", "sqlite", "password", "limit", "web", "follow", "frequent", "attention",
		"origin", "mail", "smtp", "digest", "files", "disk", "emoji", "picture", "outbound", "unfurl", "pagecache",
		"backup", "ops/catalogue", "ops/metrics", "ops/alarm", "ops/history", "ops/probe", "stream", "vital", "wal"}, nil,
		"the server connects the adapters of one machine"},
	"dynamodb/auditlog": {[]string{"audit", "dynamodb/table"}, nil, "it knows nothing of a chat"},
	"dynamodb/table": {[]string{"chat"}, []string{"github.com/aws/aws-sdk-go-v2"},
		"it knows nothing of a chat but the errors that every store returns"},
	"dynamodb/event": {[]string{"audience", "chat"}, []string{}, "it is the form of one kind of item"},
	"dynamodb/connected": {[]string{"chat", "connection", "dynamodb/table"}, []string{"golang.org/x/sync"},
		"it knows nothing of a chat but connections"},
	"dynamodb/hook": {[]string{"chat", "dynamodb/table"}, []string{}, "it is the form of one kind of item"},
	"deploy":        {nil, []string{}, "it contains only tests of files"},
	"aws/apigateway": {[]string{"chat", "connection", "wire", "text"}, []string{"github.com/aws/aws-sdk-go-v2"},
		"adapters do not import each other"},
	"aws/lambda": {[]string{"chat", "wire", "follow", "origin", "aws/apigateway", "vital"},
		[]string{"github.com/aws/aws-lambda-go", "github.com/aws/aws-sdk-go-v2", "github.com/gobwas/ws"},
		"it turns AWS events into calls of other packages"},
	"aws/migrate":  {[]string{"chat", "files", "picture", "archive"}, []string{}, "moving a workspace works with any two stores"},
	"aws/template": {nil, []string{}, "it only embeds files"},
	"aws/stack":    {[]string{"chat", "origin", "aws/template", "web"}, nil, "its caller passes it what it needs of a store"},
	"aws/local":    {[]string{"aws/template"}, nil, "an emulator of AWS does not depend on the product"},
	"internal/storetest": {[]string{"audit", "bot", "card", "chat", "text", "pagecache", "archive", "audience", "inbox", "poll",
		"thread", "quiet", "internal/storetest/...", "settings", "emojiname"}, nil, "the contract suite works with any store"},
	"internal/filetest":  {[]string{"chat", "files"}, []string{}, "the contract suite works with any home of bodies"},
	"internal/placetest": {[]string{"backup"}, []string{}, "the contract suite works with any place"},
	"internal/followtest": {[]string{"chat", "follow", "frequent", "attention", "inbox", "internal/storetest/model", "settings"}, nil,
		"the contract suite works with any store"},
	"internal/hostile":    {nil, []string{"github.com/gorilla/websocket"}, "it simulates AWS and does not depend on the product"},
	"internal/mailserver": {nil, []string{}, "it simulates a mail server and does not depend on the product"},
	"internal/alarmed":    {[]string{"client", "wire", "internal/mailserver"}, []string{}, "it hears a server's alarms from outside"},
	"internal/reaching":   {[]string{"server", "outbound"}, []string{}, "it starts the server like its command"},
	"internal/ci":         {nil, []string{}, "any test may use it"},
	"internal/awstest": {[]string{"aws/local", "aws/template", "internal/ci"}, []string{"gopkg.in/yaml.v3"},
		"it starts emulators and does not depend on the code under test"},
	"internal/world": {[]string{"chat", "client", "server", "wire"}, []string{"zombiezen.com/go/sqlite"},
		"tests start the server like its command, and use it through the client like integrators"},
	"internal/devices": {[]string{"client", "wire"}, []string{"github.com/gorilla/websocket", "pgregory.net/rapid"},
		"the model test of the clients works with any server"},
	"internal/bench": {[]string{"chat", "wire", "server", "sqlite", "client"}, nil,
		"it measures the server from outside, and its store"},
	"internal/arch": {nil, []string{}, "it only reads files"},
	"cmd":           {[]string{"..."}, nil, "commands may import everything"},
}

// ruleOf is the rule of the longest folder that contains dir.
func ruleOf(dir string) (layer, bool) {
	for d := dir; d != "."; d = path.Dir(d) {
		if l, ok := layers[d]; ok {
			return l, true
		}
	}
	return layer{}, false
}

// TestImports fails if a package imports something that its layer may not, or has no package comment.
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
			t.Fatalf("%s: folder %q has no rule: add one to layers, with its reason", file, dir)
		}
		for _, spec := range f.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			if strings.HasPrefix(imported, module+"/internal/") && !strings.HasPrefix(dir, "internal/") {
				t.Errorf("%s imports %s: internal/ is for tests only", file, imported)
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
		t.Fatalf("only %d packages were found, which cannot be all", len(comments))
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

// TestNames fails for packages with a meaningless name.
func TestNames(t *testing.T) {
	empty := []string{"util", "utils", "common", "helpers", "models", "services", "types", "app"}
	walk(t, func(dir, file string) {
		if slices.Contains(empty, path.Base(dir)) {
			t.Errorf("%s: the package name %s does not say what the package does", file, path.Base(dir))
		}
	})
}

// TestRootHoldsNoGo keeps the root of the repository free of Go files.
func TestRootHoldsNoGo(t *testing.T) {
	found, err := filepath.Glob("../../*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		t.Errorf("%s: Go files belong in the folder of their package", filepath.Base(file))
	}
}

// walk calls f for every Go file except tests, with its folder and path relative to the root of the repository.
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
