package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
)

var kills = flag.Int("kills", 25, "how often TestKilledServerLosesNothing kills the server")

// program builds the command once and gives its path.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "canteen")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

type process struct {
	*exec.Cmd
	url string
}

// start runs serve and waits until it says where.
func start(t *testing.T, path, dir, addr string) process {
	t.Helper()
	cmd := exec.Command(path, "serve", "--data", dir, "--addr", addr, "--rate-limits=off")
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
			t.Logf("a server's log:\n%s", tail(log.Bytes(), 2000))
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("serve said nothing: %v", err)
	}
	url := regexp.MustCompile(`http://\S+`).FindString(line)
	return process{cmd, strings.Replace(url, "localhost", "127.0.0.1", 1)}
}

func tail(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

func (p process) kill(t *testing.T) {
	t.Helper()
	if err := p.Process.Kill(); err != nil { // SIGKILL: no handler runs
		t.Fatal(err)
	}
	_ = p.Wait() // says that it was killed
}

func command(t *testing.T, path, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command(path, args...)
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

// firstRun makes a workspace in dir and gives the owner's token.
func firstRun(t *testing.T, path, dir string) string {
	t.Helper()
	command(t, path, "a quiet place to eat\n", "user", "add", "--data", dir, "--email", "mira@example.com", "--name", "Mira", "--handle", "mira", "--role", "owner", "--password-stdin")
	return command(t, path, "", "token", "add", "--data", dir, "--user", "mira", "--name", "test")
}

const writers = 50

// TestKilledServerLosesNothing kills the server again and again while 50 clients write.
func TestKilledServerLosesNothing(t *testing.T) {
	rounds := *kills
	if testing.Short() {
		rounds = min(rounds, 3)
	}
	path, dir := program(t), t.TempDir()
	token := firstRun(t, path, dir)
	p := start(t, path, dir, "127.0.0.1:0")
	owner := client.New(p.url, token)
	l := newLedger(t, p.url, owner, writers)
	for round := range rounds {
		wait := l.work()
		time.Sleep(time.Duration(60+17*(round%7)) * time.Millisecond) // long enough to be in the middle, at differing points
		p.kill(t)
		wait()
		p = start(t, path, dir, strings.TrimPrefix(p.url, "http://"))
		l.check(owner, false)
	}
	l.check(owner, true)
	if l.changes < int64(rounds*writers) {
		t.Errorf("%s acknowledged: too few to prove anything", l.acknowledged())
	}
	t.Logf("%d kills: %s acknowledged; rev %d after %d changes", rounds, l.acknowledged(), l.head, l.changes)
}
