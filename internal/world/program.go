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

// programVariable is an environment variable: the path of a built canteen. Whoever runs tests by hand may set it to save building.
const programVariable = "CANTEEN_TEST_PROGRAM"

// Program is the path of the program canteen. It builds the program for the test, unless CANTEEN_TEST_PROGRAM names one.
func Program(t testing.TB) string {
	t.Helper()
	if path := os.Getenv(programVariable); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "canteen")
	build := exec.Command("go", "build", "-o", path, "github.com/canteen-chat/canteen/cmd/canteen") // #nosec G204 -- a fixed command
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// Process is a server in its own process.
type Process struct {
	URL string
	cmd *exec.Cmd
}

// Serve starts a server on a data directory, without rate limits, and waits until it has printed its URL.
func Serve(t testing.TB, program, dir, addr string, flags ...string) Process {
	t.Helper()
	args := append([]string{"serve", "--data", dir, "--addr", addr, "--rate-limits=off"}, flags...)
	cmd := exec.Command(program, args...) // #nosec G204 -- what the test built
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
		if strings.Contains(log.String(), Password) {
			t.Error("a server's log holds a password")
		}
		if t.Failed() {
			t.Logf("a server's log ends with:\n%s", log.Bytes()[max(0, log.Len()-2000):])
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("serve printed no URL: %v", err)
	}
	url := regexp.MustCompile(`http://\S+`).FindString(line)
	return Process{strings.Replace(url, "localhost", "127.0.0.1", 1), cmd}
}

// Addr is the address that the server listens on.
func (p Process) Addr() string { return strings.TrimPrefix(p.URL, "http://") }

// Kill ends the process with SIGKILL: it cannot run a handler.
func (p Process) Kill(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // the error says that the process was killed
}

// FirstRun sets up a workspace in a data directory with the program, with Mira as its owner, and gives her token.
func FirstRun(t testing.TB, program, dir string) string {
	t.Helper()
	command(t, program, Password+"\n", "user", "add", "--data", dir, "--email", "mira@example.com", "--name", "Mira", "--handle", "mira",
		"--role", "owner", "--password-stdin")
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
