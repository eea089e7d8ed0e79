package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestDocumentedCommands: every command in the documents exists. Lines of code blocks that begin with canteen, bin/canteen or make are
// parsed as a whole. In the text, commands may be abridged: their subcommands and flags must exist.
func TestDocumentedCommands(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	decisions, err := filepath.Glob("../../docs/adr/*.md")
	if err != nil {
		t.Fatal(err)
	}
	targets := makeTargets(t)
	seen := map[string]int{}
	for _, file := range slices.Concat(files, decisions, []string{"../../README.md", "../../CHANGELOG.md"}) {
		b, err := os.ReadFile(file) // #nosec G304 -- a document of the repository
		if err != nil {
			t.Fatal(err)
		}
		blocks, spans := commandsIn(string(b))
		for _, c := range blocks {
			seen[c.program]++
			if err := c.check(targets, true); err != nil {
				t.Errorf("%s: %s %s: %v", file, c.program, strings.Join(c.args, " "), err)
			}
		}
		for _, c := range spans {
			seen["in text"]++
			if err := c.check(targets, false); err != nil {
				t.Errorf("%s: `%s %s`: %v", file, c.program, strings.Join(c.args, " "), err)
			}
		}
	}
	if seen["canteen"] < 5 || seen["make"] < 5 || seen["in text"] < 40 {
		t.Errorf("only these commands were found: %v", seen)
	}
	for _, wrong := range []string{
		"```\ncanteen aws undo --stack x\n```", "```\n$ bin/canteen aws deploy --stack x --fast # now\n```", "```\nmake nothing\n```",
		"```\ncanteen aws migrate --from DIR\n```", "Run `canteen aws undo`.", "Run `canteen aws deploy --fast`.", "Run `make nothing`.",
		"```\ncanteen aws deploy \\\n  --fast\n```",
	} {
		blocks, spans := commandsIn(wrong)
		if all := slices.Concat(blocks, spans); len(all) != 1 || all[0].check(targets, len(blocks) == 1) == nil {
			t.Errorf("%q passes: %v", wrong, all)
		}
	}
}

// documented is a command in a document.
type documented struct {
	program string // canteen or make
	args    []string
}

var (
	fence   = regexp.MustCompile("(?ms)^ *```[^\\n]*\\n(.*?)^ *```")
	span    = regexp.MustCompile("`(?:bin/)?(canteen|make) ([^`]+)`")
	command = regexp.MustCompile(`^ *(?:\$ |sudo )?(?:[A-Z_]+=\S+ )*(?:/\S+/|bin/)?(canteen|make) ([^#|;&>]+)`)
)

// commandsIn finds the commands in code blocks, and those in the text.
func commandsIn(doc string) (blocks, spans []documented) {
	for _, b := range fence.FindAllStringSubmatch(doc, -1) {
		for line := range strings.Lines(strings.ReplaceAll(b[1], "\\\n", " ")) {
			if m := command.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
				blocks = append(blocks, documented{m[1], words(m[2])})
			}
		}
	}
	for _, m := range span.FindAllStringSubmatch(fence.ReplaceAllString(doc, ""), -1) {
		spans = append(spans, documented{m[1], words(m[2])})
	}
	return blocks, spans
}

// words splits a command line. Quotes hold spaces together.
func words(line string) []string {
	var out []string
	for _, w := range regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`).FindAllString(line, -1) {
		out = append(out, strings.Trim(w, `"'`))
	}
	return out
}

func (c documented) check(targets []string, whole bool) error {
	if c.program == "make" {
		for _, a := range c.args {
			if !strings.Contains(a, "=") && !strings.HasPrefix(a, "-") && !slices.Contains(targets, a) {
				return errNo("target", a)
			}
		}
		return nil
	}
	parser, err := kong.New(&commands{}, kong.Name("canteen"), kong.Writers(io.Discard, io.Discard), kong.DefaultEnvars("CANTEEN"),
		kong.BindTo(context.Background(), (*context.Context)(nil)), kong.Exit(func(int) {}))
	if err != nil {
		return err
	}
	if whole {
		_, err := parser.Parse(c.args)
		return err
	}
	node := parser.Model.Node
	for _, a := range c.args {
		name, _, _ := strings.Cut(a, "=")
		switch {
		case strings.HasPrefix(name, "--"):
			if !hasFlag(node, strings.TrimPrefix(name, "--")) {
				return errNo("flag", name)
			}
		case len(node.Children) > 0:
			i := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == name })
			if i < 0 {
				return errNo("command", name)
			}
			node = node.Children[i]
		}
	}
	return nil
}

func hasFlag(n *kong.Node, name string) bool {
	for ; n != nil; n = n.Parent {
		if slices.ContainsFunc(n.Flags, func(f *kong.Flag) bool { return f.Name == name }) {
			return true
		}
	}
	return false
}

func errNo(what, name string) error { return fmt.Errorf("there is no %s %s", what, name) }

func makeTargets(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z][a-z/ -]*):(?:[^=]|$)`).FindAllStringSubmatch(string(b), -1) {
		out = append(out, strings.Fields(m[1])...)
	}
	return out
}
