package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// environment is the complete environment of a function.
func environment(role string) map[string]string {
	return map[string]string{
		"CANTEEN_ROLE": role, "CANTEEN_TABLES": "canteen-", "CANTEEN_URL": "https://chat.example.com", "CANTEEN_ORIGIN_SECRET": "secret",
		"CANTEEN_SOCKETS_API": "abc", "CANTEEN_FILES_BUCKET": "canteen-files-1",
		"CANTEEN_STACK": "canteen", "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKID",
		"AWS_SECRET_ACCESS_KEY": "key", "AWS_SESSION_TOKEN": "session",
	}
}

func TestConfiguration(t *testing.T) {
	needs := map[string][]string{
		"rest": {"CANTEEN_TABLES", "CANTEEN_URL", "CANTEEN_ORIGIN_SECRET", "CANTEEN_STACK", "CANTEEN_FILES_BUCKET", "AWS_REGION",
			"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"},
		"socket": {"CANTEEN_TABLES", "CANTEEN_URL", "CANTEEN_ORIGIN_SECRET", "CANTEEN_STACK", "CANTEEN_SOCKETS_API"},
		"fanout": {"CANTEEN_TABLES", "CANTEEN_STACK", "CANTEEN_SOCKETS_API"},
		"jobs":   {"CANTEEN_TABLES", "CANTEEN_URL", "CANTEEN_ORIGIN_SECRET", "CANTEEN_STACK", "CANTEEN_FILES_BUCKET"},
	}
	for role, names := range needs {
		env := environment(role)
		get := func(name string) string { return env[name] }
		if h, err := serve(get, io.Discard, slog.New(slog.DiscardHandler)); err != nil || h == nil {
			t.Errorf("%s: %v", role, err)
		}
		for name := range environment(role) {
			env = environment(role)
			delete(env, name)
			_, err := serve(get, io.Discard, slog.New(slog.DiscardHandler))
			if slices.Contains(names, name) && (err == nil || !strings.Contains(err.Error(), name)) {
				t.Errorf("%s without %s: %v", role, name, err)
			}
		}
	}
	for url, right := range map[string]string{
		"HTTPS://Chat.Example.com:443/": "", "https://München.example": "", "chat.example.com": "write https://chat.example.com",
	} {
		env := environment("rest")
		env["CANTEEN_URL"] = url
		_, err := serve(func(name string) string { return env[name] }, io.Discard, slog.New(slog.DiscardHandler))
		if (err == nil) != (right == "") || err != nil && !strings.Contains(err.Error(), right) {
			t.Errorf("%s: %v, want %s", url, err, right)
		}
	}
	env := environment("cook")
	if _, err := serve(func(name string) string { return env[name] }, io.Discard, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("an unknown role serves")
	}
}

func TestWhereConnectionsAre(t *testing.T) {
	for _, c := range []struct {
		change         map[string]string
		endpoint, host string
	}{
		{nil, "https://abc.execute-api.eu-central-1.amazonaws.com/ws", ""},
		{
			map[string]string{"CANTEEN_URL_SUFFIX": "amazonaws.com.cn", "AWS_REGION": "cn-north-1"},
			"https://abc.execute-api.cn-north-1.amazonaws.com.cn/ws", "",
		},
		{map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"}, "http://127.0.0.1:4566/ws", "abc.execute-api.localhost:4566"},
	} {
		env := environment("socket")
		for name, v := range c.change {
			env[name] = v
		}
		cfg, err := read(func(name string) string { return env[name] })
		if err != nil {
			t.Fatal(err)
		}
		if endpoint, host, err := cfg.connections(); err != nil || endpoint != c.endpoint || host != c.host {
			t.Errorf("%v: %s %s %v", c.change, endpoint, host, err)
		}
	}
}

// program builds the binary with the flags of a deployment.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

const initWithin = 100 * time.Millisecond

// TestInit measures the CPU of the init phase of a cold start: from the start of the process to its first request for an event. The
// time by the clock depends on what else the machine does.
// The AWS endpoint does not exist, so the test also fails if the init phase needs the network.
func TestInit(t *testing.T) {
	path := program(t)
	for _, role := range []string{"rest", "socket", "fanout", "jobs"} {
		best := time.Hour
		for range 7 {
			asked := make(chan struct{}, 1)
			runtime := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/2018-06-01/runtime/invocation/next" {
					asked <- struct{}{}
				}
				<-r.Context().Done()
			}))
			var out bytes.Buffer
			cmd := exec.Command(path)
			cmd.Stdout, cmd.Stderr = &out, &out
			cmd.Env = []string{
				"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(runtime.URL, "http://"), "AWS_ENDPOINT_URL=http://127.0.0.1:1",
			}
			for name, v := range environment(role) {
				cmd.Env = append(cmd.Env, name+"="+v)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			select {
			case <-asked:
			case <-time.After(20 * time.Second):
				t.Fatalf("%s has not requested an event: %s", role, out.String())
			}
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("%s: after SIGTERM: %v %s", role, err, out.String())
			}
			best = min(best, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
			runtime.CloseClientConnections()
			runtime.Close()
		}
		t.Logf("%s: %v", role, best)
		if best > initWithin {
			t.Errorf("%s: init takes %v of CPU, %v is the limit", role, best, initWithin)
		}
	}
}

func TestMissingConfigurationEndsTheProcess(t *testing.T) {
	cmd := exec.Command(program(t))
	cmd.Env = []string{"CANTEEN_ROLE=rest"}
	out, err := cmd.CombinedOutput()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 1 || !bytes.Contains(out, []byte("CANTEEN_TABLES is not set")) ||
		!bytes.Contains(out, []byte("AWS_REGION is not set")) {
		t.Errorf("%v %s", err, out)
	}
}
