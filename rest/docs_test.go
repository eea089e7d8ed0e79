package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/ci"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/rest"
	"github.com/canteen-chat/canteen/wire"
)

// fence is a fenced block of a document. kind is its language.
type fence struct {
	line       int
	kind, text string
}

func fences(doc string) []fence {
	var out []fence
	open := -1
	for i, line := range strings.Split(doc, "\n") {
		switch kind, is := strings.CutPrefix(line, "```"); {
		case is && open < 0:
			out = append(out, fence{line: i + 1, kind: kind})
			open = i
		case is:
			open = -1
		case open >= 0:
			out[len(out)-1].text += line + "\n"
		}
	}
	return out
}

// TestAPIDocument runs the examples of docs/api.md in order, with bash and curl against a server, and compares their output with the
// block after each. A json block must be a subset of the output, in which "…" matches anything. A text block must be the whole
// output. The lines of an http block must appear in the output in that order. events and commands blocks must match the API
// description.
func TestAPIDocument(t *testing.T) {
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			ci.NotRun(t, "the examples of docs/api.md need %s: %v", tool, err)
		}
	}
	b, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	all := fences(documentServer(t).Replace(string(b)))
	script, shown := &strings.Builder{}, 0
	script.WriteString("set -u\n")
	for i, f := range all {
		if f.kind == "bash" {
			fmt.Fprintf(script, "printf '@%d\\n'\n%sprintf '\\n'\n", i, f.text)
		}
	}
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, "bash")
	cmd.Stdin, cmd.Stderr = strings.NewReader(script.String()), t.Output()
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(world.Program(t))+":"+os.Getenv("PATH"), "NO_PROXY=localhost")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("bash: %v", err)
	}
	for i, f := range all {
		var wrong error
		switch f.kind {
		case "bash":
			continue
		case "", "go": // TestBotOfTheDocs has the program
			continue
		case "json", "text", "http":
			wrong = compare(f, outputOf(string(out), i-1))
			shown++
		case "events", "commands":
			wrong = documented(f)
			shown++
		default:
			wrong = fmt.Errorf("a block of kind %q", f.kind)
		}
		if wrong != nil {
			t.Errorf("docs/api.md:%d: %v", f.line, wrong)
		}
	}
	if shown < 20 {
		t.Errorf("only %d blocks were compared: the document or this test has lost its examples", shown)
	}
}

// documentServer starts a server with Mira, who owns the workspace, and Ben. The replacer replaces the document's address, directory
// and ids by the server's.
func documentServer(t *testing.T) *strings.Replacer {
	t.Helper()
	w := world.OpenWith(t, world.Options{Empty: true})
	w.Add("mira", chat.Owner)
	w.Add("ben", chat.Member)
	general := world.Must[[]wire.MyRoom](t)(w.As("mira").Rooms(t.Context()))[0].ID
	return strings.NewReplacer(
		"http://localhost:8080", strings.Replace(w.URL, "127.0.0.1", "localhost", 1), "./data", w.Dir,
		"k3x5mq2aa4te", w.ID["mira"], "mc4tg2yw6dpo", w.ID["ben"], "b7qnvw3kz5ra", general,
	)
}

// outputOf returns the output of block i.
func outputOf(out string, i int) string {
	_, rest, found := strings.Cut("\n"+out, fmt.Sprintf("\n@%d\n", i))
	if !found {
		return ""
	}
	block, _, _ := strings.Cut(rest, "\n@")
	return block
}

func compare(f fence, output string) error {
	if f.kind == "json" {
		return compareJSON(f.text, output)
	}
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(output), "\r", ""), "\n")
	for _, want := range strings.Split(strings.TrimSpace(f.text), "\n") {
		i := slices.IndexFunc(lines, func(line string) bool {
			if strings.HasPrefix(want, "{") {
				return compareJSON(want, line) == nil
			}
			return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".+") + "$").MatchString(line)
		})
		if i < 0 || f.kind == "text" && i > 0 {
			return fmt.Errorf("%q is shown; the output is:\n%s", want, output)
		}
		lines = lines[i+1:]
	}
	if f.kind == "text" && len(lines) > 0 {
		return fmt.Errorf("the output has the lines %q, which are not shown", lines)
	}
	return nil
}

// compareJSON compares two sequences of JSON values: those that the document shows and those of the output.
func compareJSON(shown, output string) error {
	s, c := json.NewDecoder(strings.NewReader(shown)), json.NewDecoder(strings.NewReader(output))
	for {
		var want, got any
		ended := s.Decode(&want)
		if err := c.Decode(&got); ended == io.EOF && err == io.EOF { //nolint:errorlint // decoders return it bare
			return nil
		} else if ended != nil || err != nil {
			return fmt.Errorf("shown: %w, output: %w, in:\n%s", ended, err, output)
		}
		if err := subset("", want, got); err != nil {
			return fmt.Errorf("%w, in:\n%s", err, output)
		}
	}
}

// subset returns an error that says where got does not contain want. Lists must have the same length.
func subset(at string, want, got any) error {
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is shown as an object, and is %v", at, got)
		}
		for _, k := range slices.Sorted(maps.Keys(want)) {
			v, ok := g[k]
			if !ok {
				return fmt.Errorf("%s.%s is shown, and missing", at, k)
			}
			if err := subset(at+"."+k, want[k], v); err != nil {
				return err
			}
		}
		return nil
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(want) {
			return fmt.Errorf("%s is shown as %d values, and is %v", at, len(want), got)
		}
		for i := range want {
			if err := subset(fmt.Sprintf("%s[%d]", at, i), want[i], g[i]); err != nil {
				return err
			}
		}
		return nil
	case string:
		if g, ok := got.(string); ok && strings.Contains(want, "…") {
			before, after, _ := strings.Cut(want, "…")
			if strings.HasPrefix(g, before) && strings.HasSuffix(g, after) && len(g) > len(before)+len(after) {
				return nil
			}
		} else if want == "…" {
			return nil
		}
	}
	if want != got {
		return fmt.Errorf("%s is shown as %v, and is %v", at, want, got)
	}
	return nil
}

// documented checks that live events and commands have only types and fields that the API description contains.
func documented(f fence) error {
	b, err := rest.OpenAPI()
	if err != nil {
		return err
	}
	var description struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Enum []string `json:"enum"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(b, &description); err != nil {
		return err
	}
	for d := json.NewDecoder(bytes.NewReader([]byte(f.text))); d.More(); {
		var v map[string]any
		if err := d.Decode(&v); err != nil {
			return err
		}
		kind, _ := v["type"].(string)
		known := false
		for name, s := range description.Components.Schemas {
			if !slices.Contains(s.Properties["type"].Enum, kind) || (name == "Command") != (f.kind == "commands") {
				continue
			}
			known = true
			for k := range v {
				if _, ok := s.Properties[k]; !ok {
					return fmt.Errorf("%s has no field %s", kind, k)
				}
			}
		}
		if !known {
			return fmt.Errorf("unknown type %q", kind)
		}
	}
	return nil
}
