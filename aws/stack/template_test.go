package stack

import (
	"strings"
	"testing"

	assembly "github.com/canteen-chat/canteen/aws/template"
)

// TestTemplateOfAnImport: it has tables alone, so it names no parameters and no other resources.
func TestTemplateOfAnImport(t *testing.T) {
	body, err := assembly.Template()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := parseTemplate(body)
	if err != nil {
		t.Fatal(err)
	}
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
