package stack

import (
	"strconv"
	"strings"
	"testing"

	assembly "github.com/canteen-chat/canteen/aws/template"
)

// realTemplate returns the template that is deployed.
func realTemplate(t *testing.T) *template {
	t.Helper()
	body, err := assembly.Template()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := parseTemplate(body)
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

// renamed returns the template with the tables of a set.
func renamed(t *testing.T, from *template, set string) *template {
	t.Helper()
	next, err := from.ofSet(set)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// TestGeneration: the stack's output says what the template does.
func TestGeneration(t *testing.T) {
	whole := realTemplate(t)
	if got := value(at(whole.root, "Outputs", "Generation", "Value")); got != strconv.Itoa(whole.generation) {
		t.Errorf("the output says %s, the template %d", got, whole.generation)
	}
}

// TestTemplateOfAnImport: it has tables alone, so it names no parameters and no other resources.
func TestTemplateOfAnImport(t *testing.T) {
	whole := realTemplate(t)
	text, err := whole.subset([]string{"Rooms", "Messages"})
	if err != nil {
		t.Fatal(err)
	}
	part, err := parseTemplate(text)
	if err != nil || len(part.resources) != 2 || part.generation != whole.generation {
		t.Fatalf("%+v, %v", part, err)
	}
	for _, p := range whole.parameters {
		if strings.Contains(string(text), p) && p != "Version" { // AWSTemplateFormatVersion contains it
			t.Errorf("it names the parameter %s, which it does not have", p)
		}
	}
	for _, r := range whole.resources {
		if r.name != "Rooms" && r.name != "Messages" && strings.Contains(string(text), "DependsOn: "+r.name) {
			t.Errorf("it depends on %s, which it does not have", r.name)
		}
	}
}
