package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	startWithin = 60 * time.Second // Python imports a hundred services on a busy machine
	stopWithin  = 5 * time.Second
)

// The emulators: ministack emulates all services of the stack, moto is a second one for DynamoDB. Each deviates from AWS
// somewhere.
const (
	Ministack = "ministack"
	Moto      = "moto_server"
)

// ErrNoEmulator means that an emulator is not installed.
var ErrNoEmulator = errors.New("the emulators of AWS are not installed: scripts/venv aws installs them into .venv/aws")

// Emulator is a running emulator. Stopping it loses its data.
type Emulator struct {
	URL  string
	cmd  *exec.Cmd
	done chan error
}

// Find returns the program of an emulator: in .venv/aws of dir or of a folder above it.
func Find(dir, name string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		path := filepath.Join(dir, ".venv", "aws", "bin", name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", ErrNoEmulator
		}
		dir = parent
	}
}

// Start runs the emulator at path and waits until it answers. It listens at port of 127.0.0.1; 0 chooses a free one. Its log
// goes to a file.
func Start(ctx context.Context, path string, port int, log string) (*Emulator, error) {
	if port == 0 {
		var err error
		if port, err = freePort(); err != nil {
			return nil, err
		}
	}
	out, err := os.Create(log) // #nosec G304 -- the caller's own file
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd := exec.Command(path) // #nosec G204 -- what Find found
	e := &Emulator{URL: fmt.Sprintf("http://127.0.0.1:%d", port), cmd: cmd, done: make(chan error, 1)}
	if filepath.Base(path) == Moto {
		e.cmd.Args = append(e.cmd.Args, "-H", "127.0.0.1", "-p", strconv.Itoa(port))
	}
	e.cmd.Stdout, e.cmd.Stderr, e.cmd.Dir = out, out, filepath.Dir(log)
	// AWS_ENDPOINT_URL is for the functions that the emulator starts.
	e.cmd.Env = append(os.Environ(), "BIND_HOST=127.0.0.1", fmt.Sprintf("GATEWAY_PORT=%d", port), "IOT_MTLS_ENABLED=0",
		"AWS_ENDPOINT_URL="+e.URL)
	// A process group of its own lets Stop end the functions too, and keeps Ctrl-C from the emulator.
	e.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := e.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	go func() { e.done <- e.cmd.Wait() }()
	for end := time.Now().Add(startWithin); ; {
		select {
		case err := <-e.done:
			e.done <- err
			return nil, fmt.Errorf("the emulator ended at once (%w); see %s", err, log)
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), e.Stop())
		case <-time.After(100 * time.Millisecond):
		}
		if e.isReady(ctx) {
			return e, nil
		}
		if time.Now().After(end) {
			return nil, errors.Join(fmt.Errorf("the emulator does not answer after %s; see %s", startWithin, log), e.Stop())
		}
	}
}

func (e *Emulator) isReady(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.URL+"/", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return resp.Body.Close() == nil // any status will do
}

// Stop ends the emulator and all processes that it started.
func (e *Emulator) Stop() error {
	group := -e.cmd.Process.Pid
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := syscall.Kill(group, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the emulator: %w", err)
		}
		select {
		case <-e.done:
			if err := syscall.Kill(group, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) { // remaining functions
				return fmt.Errorf("stop the processes of the emulator: %w", err)
			}
			return nil
		case <-time.After(stopWithin):
		}
	}
	return errors.New("the emulator does not end")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.Join(errors.New("no TCP address"), l.Close())
	}
	return addr.Port, l.Close()
}

// Environment returns the environment of programs that use the emulator.
func Environment(endpoint string) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	}
}
