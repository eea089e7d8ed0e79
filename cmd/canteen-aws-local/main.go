// Command canteen-aws-local runs Canteen's AWS stack on this machine. It starts an emulator of AWS, deploys the real template
// into it with the real command, and serves the workspace like CloudFront. When interrupted, it stops everything it started.
//
// Exit codes: 0 done, 1 failed, 2 wrong use.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/canteen-chat/canteen/aws/local"
)

type settings struct {
	Addr       string `default:"localhost:8081" help:"Address to serve on; port 0 takes any free port."`
	Port       int    `default:"0" help:"Port of the emulator on 127.0.0.1; 0 takes any free port."`
	Stack      string `default:"canteen" help:"Name of the stack."`
	Canteen    string `default:"bin/canteen" type:"existingfile" help:"The canteen program, which deploys."`
	Package    string `default:"bin/canteen-lambda-here.zip" type:"existingfile" help:"Package of the functions, built for this machine."`
	Emulator   string `help:"Path of ministack. Default: the one in .venv/aws." placeholder:"FILE"`
	State      string `default:".aws-local" help:"Folder for logs. The files url and endpoint appear in it once everything is ready."`
	Empty      bool   `help:"Empty the running workspace of the same --state, and print a new setup link."`
	RateLimits string `enum:"on,off" default:"on" help:"on, or off for tests."`
}

func main() {
	var s settings
	kong.Parse(&s, kong.Name("canteen-aws-local"), kong.Description("Run Canteen's AWS stack in an emulator on this machine."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := s.do(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "canteen-aws-local:", err)
		os.Exit(1)
	}
}

func (s settings) do(ctx context.Context) error {
	if s.Empty {
		return s.empty(ctx)
	}
	return s.run(ctx)
}

// empty deletes all data of the running workspace and prints a new setup link.
func (s settings) empty(ctx context.Context) error {
	endpoint, err := os.ReadFile(filepath.Join(s.State, "endpoint"))
	if err != nil {
		return fmt.Errorf("no running workspace in %s: %w", s.State, err)
	}
	if err := use(strings.TrimSpace(string(endpoint))); err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	if err := local.Empty(ctx, cfg, s.Stack+"-"); err != nil {
		return err
	}
	args := []string{"aws", "status", "--stack", s.Stack, "--setup-link"}
	cmd := exec.CommandContext(ctx, s.Canteen, args...) // #nosec G204 -- the caller names the program
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// use sets the AWS environment of this process and its children to the emulator.
func use(endpoint string) error {
	for k, v := range local.Environment(endpoint) {
		if err := os.Setenv(k, v); err != nil {
			return err
		}
	}
	return nil
}

func (s settings) run(ctx context.Context) (err error) {
	if err := os.MkdirAll(s.State, 0o700); err != nil {
		return err
	}
	for _, name := range []string{"url", "endpoint"} { // left by an earlier run
		if err := os.Remove(filepath.Join(s.State, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if s.Emulator == "" {
		if s.Emulator, err = local.Find(".", local.Ministack); err != nil {
			return err
		}
	}
	emulator, err := local.Start(ctx, s.Emulator, s.Port, filepath.Join(s.State, "ministack.log"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, emulator.Stop()) }()
	if err := use(emulator.URL); err != nil {
		return err
	}
	front, url, err := s.front(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, front.Close()) }()
	if err := s.deploy(ctx, url); err != nil {
		return err
	}
	for name, text := range map[string]string{"endpoint": emulator.URL, "url": url} {
		if err := os.WriteFile(filepath.Join(s.State, name), []byte(text+"\n"), 0o600); err != nil {
			return err
		}
	}
	fmt.Printf("Canteen serves %s (AWS at %s, logs in %s). Ctrl-C stops it and deletes all data.\n", url, emulator.URL, s.State)
	<-ctx.Done()
	return nil
}

// front listens before the deployment, because the stack needs the public URL.
func (s settings) front(ctx context.Context) (*http.Server, string, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, "", err
	}
	f, err := local.NewFront(cfg, s.Stack)
	if err != nil {
		return nil, "", err
	}
	l, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return nil, "", fmt.Errorf("listen on --addr: %w", err)
	}
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return nil, "", errors.Join(err, l.Close())
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return nil, "", errors.Join(err, l.Close())
	}
	server := &http.Server{Handler: f, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "canteen-aws-local:", err)
		}
	}()
	return server, "http://" + net.JoinHostPort(host, port), nil
}

// deploy runs canteen aws deploy, with the extra flags that only an emulator needs.
func (s settings) deploy(ctx context.Context, url string) error {
	log, err := os.Create(filepath.Join(s.State, "deploy.log")) // #nosec G304 -- the caller names the folder
	if err != nil {
		return err
	}
	defer log.Close()
	architecture := map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]
	args := []string{
		"aws", "deploy", "--stack", s.Stack, "--yes", "--poll", "200ms", "--public-url", url, "--package", s.Package,
		"--architecture", architecture, "--metric-math", "no", "--canary", "no", "--rate-limits", s.RateLimits,
	}
	cmd := exec.CommandContext(ctx, s.Canteen, args...) // #nosec G204 -- the caller names the program
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stdout, cmd.Stderr = io.MultiWriter(os.Stdout, log), os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("canteen aws deploy: %w", err)
	}
	return nil
}
