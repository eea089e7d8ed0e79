package world

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// programVariable names a built canteen in the environment; make test sets it, so that tests do not link their own.
const programVariable = "CANTEEN_TEST_PROGRAM"

// Program is the path of the command canteen, built for the test unless the environment names one.
func Program(t testing.TB) string {
	t.Helper()
	if path := os.Getenv(programVariable); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "canteen")
	if out, err := exec.Command("go", "build", "-o", path, "github.com/canteen-chat/canteen/cmd/canteen").CombinedOutput(); err != nil { // #nosec G204 -- a fixed command
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// Process is a server in a process of its own.
type Process struct {
	URL string
	cmd *exec.Cmd
}

// Serve runs the command on a directory, without rates, and waits until it says where it serves.
func Serve(t testing.TB, program, dir, addr string) Process {
	t.Helper()
	cmd := exec.Command(program, "serve", "--data", dir, "--addr", addr, "--rate-limits=off") // #nosec G204 -- what the test built
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("a server's log ends with:\n%s", log.Bytes()[max(0, log.Len()-2000):])
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("serve said nothing: %v", err)
	}
	url := regexp.MustCompile(`http://\S+`).FindString(line)
	return Process{strings.Replace(url, "localhost", "127.0.0.1", 1), cmd}
}

// Addr is where it listens.
func (p Process) Addr() string { return strings.TrimPrefix(p.URL, "http://") }

// Kill ends it at once: no handler of its own runs.
func (p Process) Kill(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // says that it was killed
}

// FirstRun makes Mira's workspace in a directory by the command and gives her token.
func FirstRun(t testing.TB, program, dir string) string {
	t.Helper()
	command(t, program, Password+"\n", "user", "add", "--data", dir, "--email", "mira@example.com", "--name", "Mira", "--handle", "mira", "--role", "owner", "--password-stdin")
	return command(t, program, "", "token", "add", "--data", dir, "--user", "mira", "--name", "test")
}

func command(t testing.TB, program, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...) // #nosec G204 -- what the test built
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("%v: %s", args, e.Stderr)
		}
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
