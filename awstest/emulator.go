// Package awstest starts emulators of AWS for tests, on this machine alone.
//
// It may import the standard library.
package awstest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The emulators: two, since each is wrong about AWS somewhere.
const (
	Ministack = "ministack"
	Moto      = "moto_server"
)

const upWithin = time.Minute

// Start runs an emulator until the test ends and gives its URL. The test is skipped, loudly, where the emulator is not
// installed (scripts/aws/install does it); in CI it fails.
func Start(t testing.TB, name string) (endpoint string) {
	t.Helper()
	program, err := find(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%v", err)
		}
		t.Skipf("NOT TESTED: %v", err)
	}
	port := freePort(t)
	address := net.JoinHostPort("127.0.0.1", port)
	cmd := exec.Command(program) // #nosec G204 -- one of two
	cmd.Env = append(os.Environ(), "BIND_HOST=127.0.0.1", "GATEWAY_PORT="+port, "IOT_MTLS_ENABLED=0")
	if name == Moto {
		cmd.Args = append(cmd.Args, "-H", "127.0.0.1", "-p", port)
	}
	cmd.Dir = t.TempDir()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // with the functions it runs
		<-ended
	})
	if err := answers("http://"+address, ended); err != nil {
		t.Fatalf("%s does not answer: %v\n%s", name, err, log.String())
	}
	return "http://" + address
}

// find looks where make test installs, from the package that is tested upwards, then on the path.
func find(name string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		program := filepath.Join(dir, ".venv", "aws", "bin", name)
		if _, err := os.Stat(program); err == nil {
			return program, nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	program, err := exec.LookPath(name)
	if err != nil {
		return "", errors.New(name + " is not installed: scripts/aws/install does it")
	}
	return program, nil
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("an address of type %T", l.Addr())
	}
	return strconv.Itoa(a.Port)
}

func answers(url string, ended chan error) error {
	ctx, stop := context.WithTimeout(context.Background(), upWithin)
	defer stop()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(r)
		if err == nil {
			return resp.Body.Close()
		}
		select {
		case err := <-ended:
			ended <- err
			return errors.Join(errors.New("it ended"), err)
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}
