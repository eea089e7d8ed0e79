// Package deploy has the systemd unit and the container image for one machine. Its Go code consists of tests only.
package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/internal/ci"
)

const (
	root           = ".."
	dockerfilePath = "deploy/container/Dockerfile"
)

// TestMakeRun: make run builds the web client and the server, and nothing else: neither the package for AWS nor the browser tests.
func TestMakeRun(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		ci.NotRun(t, "make run needs make: %v", err)
	}
	make := exec.CommandContext(t.Context(), "make", "--dry-run", "--always-make", "--no-print-directory", "run")
	make.Dir = root
	out, err := make.Output()
	if err != nil {
		t.Fatal(err)
	}
	server := regexp.MustCompile(`^(go build -o bin/run/canteen ./cmd/canteen|exec bin/run/canteen serve --addr \S+ --data \S+)\n$`)
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "touch ") || strings.HasPrefix(line, "cd web && npm ") {
			continue
		}
		if !server.MatchString(line) {
			t.Errorf("make run runs %s", line)
		}
	}
}

// TestDockerfile checks the image without building it: copied files exist and are not ignored, secret files are ignored, and the
// versions of Go and Node are those of the project.
func TestDockerfile(t *testing.T) {
	dockerfile, ignored := read(t, dockerfilePath), strings.Split(read(t, dockerfilePath+".dockerignore"), "\n")
	copies := 0
	for _, m := range regexp.MustCompile(`(?m)^COPY ([^-\n].*) \S+$`).FindAllStringSubmatch(dockerfile, -1) {
		for source := range strings.FieldsSeq(m[1]) {
			copies++
			if _, err := os.Stat(filepath.Join(root, source)); err != nil {
				t.Errorf("COPY %s: %v", source, err)
			}
			for _, pattern := range ignored {
				if match(pattern, filepath.Clean(source)) {
					t.Errorf("COPY %s: Dockerfile.dockerignore ignores it by %q", source, pattern)
				}
			}
		}
	}
	if copies < 5 {
		t.Errorf("only %d copied files were found: the test does not understand the Dockerfile", copies)
	}
	for _, secret := range []string{"data", ".demo", ".git", ".test"} {
		if !anyMatch(ignored, secret) {
			t.Errorf("Dockerfile.dockerignore does not ignore %s", secret)
		}
	}
	for _, needed := range []string{"web/embed.go", "web/dist/placeholder.html", "aws/template/template.yaml",
		"aws/template/canteen-lambda.txt", "text/emoji.txt", "sqlite/migration/0001_chat.sql", "password/common.txt"} {
		if anyMatch(ignored, needed) {
			t.Errorf("Dockerfile.dockerignore ignores %s, which the build needs", needed)
		}
	}
	has(t, dockerfile, `FROM golang:(\d+\.\d+)`, read(t, "go.mod"), `(?m)^go (\d+\.\d+)`)
	has(t, dockerfile, `FROM node:(\d+)\.`, read(t, "web/package.json"), `"@types/node": "(\d+)\.`)
	readme := read(t, "README.md")
	has(t, readme, `need Go (\d+\.\d+)`, read(t, "go.mod"), `(?m)^go (\d+\.\d+)`)
	has(t, readme, `Node (\d+) with npm`, read(t, "web/package.json"), `"@types/node": "(\d+)\.`)
	for _, line := range []string{"CGO_ENABLED=0", "USER 65532:65532", "VOLUME /data", "EXPOSE 8080", `CMD ["canteen", "healthcheck"]`,
		"timetzdata"} {
		if !strings.Contains(dockerfile, line) {
			t.Errorf("the Dockerfile has no %s", line)
		}
	}
}

// TestUnit checks what systemd-analyze cannot know: systemd waits longer than the server needs to drain (10 s).
func TestUnit(t *testing.T) {
	unit := read(t, "deploy/systemd/canteen.service")
	has(t, unit, `(?m)^TimeoutStopSec=(\d+)`, "20", `(\d+)`) // twice the drain
	if strings.Contains(unit, "Type=notify") {
		t.Error("Type=notify: systemd would wait for notifications, which the server does not send")
	}
}

// TestMemory: systemd and the container engine bound the server's memory, and Go's own limit leaves a fifth or more of it for what Go does
// not count.
func TestMemory(t *testing.T) {
	unit, image, docs := read(t, "deploy/systemd/canteen.service"), read(t, dockerfilePath), read(t, "docs/operate.md")
	has(t, unit, `(?m)^MemoryMax=(\d+)G$`, docs, `docker run [^`+"`"+`]*--memory (\d+)g`)
	has(t, unit, `(?m)^Environment=GOMEMLIMIT=(\d+)MiB$`, image, `(?m)^ENV .*\bGOMEMLIMIT=(\d+)MiB`)
	most, limit := number(t, unit, `MemoryMax=(\d+)G`)<<10, number(t, unit, `GOMEMLIMIT=(\d+)MiB`)
	if limit > most*4/5 || limit < most/2 {
		t.Errorf("GOMEMLIMIT is %d MiB of %d", limit, most)
	}
}

// TestProxyExample: the proxies of the docs are on the server's machine and pass on what it needs.
func TestProxyExample(t *testing.T) {
	docs := read(t, "docs/operate.md")
	_, docs, _ = strings.Cut(docs, "## Behind a proxy")
	docs, _, _ = strings.Cut(docs, "\n## ")
	for _, needed := range []string{"--url https://chat.example.com --trusted-proxies 127.0.0.1", "reverse_proxy 127.0.0.1:8080",
		"proxy_pass http://127.0.0.1:8080", "proxy_set_header Host $http_host;", "proxy_set_header X-Forwarded-For $remote_addr;",
		"proxy_set_header Upgrade $http_upgrade;", "proxy_set_header Connection $connection_upgrade;", "proxy_http_version 1.1;"} {
		if !strings.Contains(docs, needed) {
			t.Errorf("the example of a proxy has no %s", needed)
		}
	}
	if most := number(t, docs, `client_max_body_size (\d+)m;`) << 20; most < files.PartSize {
		t.Errorf("the example of nginx takes %d bytes, and a part of a file has %d", most, files.PartSize)
	}
}

func number(t *testing.T, text, re string) int {
	t.Helper()
	m := regexp.MustCompile(re).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no %s", re)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// has fails unless the groups of both expressions match the same value in their texts.
func has(t *testing.T, a, reA, b, reB string) {
	t.Helper()
	x, y := regexp.MustCompile(reA).FindStringSubmatch(a), regexp.MustCompile(reB).FindStringSubmatch(b)
	if x == nil || y == nil || x[1] != y[1] {
		t.Errorf("%s is %q, %s is %q", reA, x, reB, y)
	}
}

func anyMatch(patterns []string, name string) bool {
	for _, p := range patterns {
		if match(p, name) {
			return true
		}
	}
	return false
}

// match says whether a pattern of Dockerfile.dockerignore ignores a path or one of its folders.
func match(pattern, name string) bool {
	if pattern == "" || strings.HasPrefix(pattern, "#") {
		return false
	}
	pattern, deep := strings.CutPrefix(pattern, "**/")
	for p := name; p != "." && p != "/"; p = filepath.Dir(p) {
		of := p
		if deep {
			of = filepath.Base(p)
		}
		if ok, err := filepath.Match(pattern, of); ok && err == nil {
			return true
		}
	}
	return false
}

// TestDelivery checks the pipelines of GitHub and GitLab. Both run the tests, deploy a pull request to its own stack and main to
// production, store no AWS keys, and print no setup link to a log.
func TestDelivery(t *testing.T) {
	for _, name := range []string{".github/workflows/ci.yml", ".gitlab-ci.yml"} {
		ci := read(t, name)
		var parsed map[string]any
		if err := yaml.Unmarshal([]byte(ci), &parsed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, needed := range []string{"bash .ci/run", "aws deploy --stack canteen ", "--yes --no-setup-link", "aws destroy --stack",
			"--delete-data --yes --if-exists", "preview", "production"} {
			if !strings.Contains(ci, needed) {
				t.Errorf("%s has no %s", name, needed)
			}
		}
		if m := regexp.MustCompile(`(?i)AKIA|secret_access_key|secrets\.`).FindString(ci); m != "" {
			t.Errorf("%s contains a key: %s", name, m)
		}
		if all, quiet := strings.Count(ci, "canteen aws deploy --stack"), strings.Count(ci, "--yes --no-setup-link"); all != 2 ||
			quiet != all {
			t.Errorf("%s has %d deployments, want 2; %d of them print no setup link to the log", name, all, quiet)
		}
	}
	gitlab, docker := read(t, ".gitlab-ci.yml"), read(t, dockerfilePath)
	has(t, gitlab, `image: golang:(\S+)`, docker, `FROM golang:(\S+) `)
	has(t, gitlab, `nodejs\.org/dist/v([\d.]+)/`, docker, `FROM node:([\d.]+)-`)
}
