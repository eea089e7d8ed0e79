package local

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestRewrite runs the template's function in Node and Rewrite in Go on the same paths.
func TestRewrite(t *testing.T) {
	b, err := os.ReadFile("../template/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources struct {
			PagePaths struct {
				Properties struct {
					FunctionCode string `yaml:"FunctionCode"`
				} `yaml:"Properties"`
			} `yaml:"PagePaths"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(b, &template); err != nil {
		t.Fatal(err)
	}
	paths := []string{
		"/", "/setup", "/rooms/b7qnvw3kz5ra", "/assets/index-1.js", "/assets/", "/assets", "/icon.svg", "/a/icon.svg", "/.", "/a.B",
		"/x.y.z", "//a.b", "/é.js",
	}
	list, err := json.Marshal(paths)
	if err != nil {
		t.Fatal(err)
	}
	script := template.Resources.PagePaths.Properties.FunctionCode + "\nconsole.log(JSON.stringify(" + string(list) +
		".map(uri => handler({request: {uri}}).uri)))"
	out, err := exec.Command("node", "-e", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	var cloudfront []string
	if err := json.Unmarshal(out, &cloudfront); err != nil {
		t.Fatal(err)
	}
	for i, p := range paths {
		if got := Rewrite(p); got != cloudfront[i] {
			t.Errorf("%q becomes %q here, %q at CloudFront", p, got, cloudfront[i])
		}
	}
}

// TestPatterns: which behaviour a path matches.
func TestPatterns(t *testing.T) {
	for path, want := range map[string]string{
		"/api/v1/rooms": "/api/*", "/api/": "/api/*", "/api": "", "/ws": "/ws", "/ws/": "", "/healthz": "/healthz", "/": "", "/wsx": "",
		"/readyz": "/readyz", "/hooks/a/b": "/hooks/*",
	} {
		got := ""
		for _, pattern := range []string{"/api/*", "/healthz", "/hooks/*", "/readyz", "/ws"} {
			if matches(pattern, path) {
				got = pattern
			}
		}
		if got != want {
			t.Errorf("%s meets %q, want %q", path, got, want)
		}
	}
	if got := fmt.Sprint(viewerAddress("203.0.113.9:443"), " ", viewerAddress("[2001:db8::1]:443")); got != "203.0.113.9:443 2001:db8::1:443" {
		t.Errorf("viewers are %s", got)
	}
}
