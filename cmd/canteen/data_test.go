package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/internal/ci"
	"github.com/canteen-chat/canteen/internal/world"
)

// printed is standard output, which stops the command when it prints the setup link: a server that has started ends.
type printed struct {
	bytes.Buffer
	stop func()
}

func (p *printed) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("/setup#")) {
		p.stop()
	}
	return p.Buffer.Write(b)
}

// said runs a command line and gives its exit code and everything that it printed.
func said(t *testing.T, args ...string) (int, string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, log := &printed{stop: func() {}}, &bytes.Buffer{}
	if args[0] == "serve" {
		out.stop = stop
	}
	code := run(ctx, args, streams{strings.NewReader(world.Password + "\n"), out, log})
	return code, out.String() + log.String()
}

func owner(data string) []string {
	return []string{"user", "add", "--data", data, "--email", "mira@example.com", "--name", "Mira", "--handle", "mira", "--role", "owner",
		"--password-stdin"}
}

// TestDataDirectory: only serve, and adding the first owner, create a data directory, and never among other files.
func TestDataDirectory(t *testing.T) {
	commands := map[string]func(dir string) []string{
		"check": func(dir string) []string { return []string{"check", "--data", dir, "--addr", "127.0.0.1:0"} },
		"serve": func(dir string) []string { return []string{"serve", "--data", dir, "--addr", "127.0.0.1:0"} },
		"token add": func(dir string) []string {
			return []string{"token", "add", "--data", dir, "--user", "mira", "--name", "ci"}
		},
		"user add owner": owner,
		"user add member": func(dir string) []string {
			return append(owner(dir), "--role", "member")
		},
	}
	places := map[string]func(dir string){
		"missing": func(dir string) { made(t, os.Remove(dir)) },
		"empty":   func(string) {},
		"mounted": func(dir string) { made(t, os.Mkdir(filepath.Join(dir, "lost+found"), 0o700)) },
		"of other files": func(dir string) {
			made(t, os.WriteFile(filepath.Join(dir, "diary.txt"), []byte("mine"), 0o600), os.Chmod(dir, 0o755))
		},
	}
	for what, args := range commands {
		for where, place := range places {
			dir := filepath.Join(t.TempDir(), "data")
			made(t, os.Mkdir(dir, 0o700))
			place(dir)
			before := listing(t, dir)
			code, text := said(t, args(dir)...)
			creates := (what == "serve" || what == "user add owner") && where != "of other files"
			if creates != (code == 0) || !creates && (code != 1 || !strings.Contains(text, "no Canteen database") || !strings.Contains(text, dir)) {
				t.Errorf("%s in a directory %s: exit %d, %s", what, where, code, text)
			}
			if after := listing(t, dir); !creates && after != before {
				t.Errorf("%s in a directory %s: it holds %q, held %q", what, where, after, before)
			}
		}
	}
}

// TestCheckExits: check answers wrong settings with the same exit code as serve.
func TestCheckExits(t *testing.T) {
	for _, wrong := range [][]string{
		{"--url", "chat.example.com"}, {"--addr", "8080"}, {"--domain", "localhost"}, {"--trusted-proxies", "x"},
	} {
		for _, command := range []string{"serve", "check"} {
			if code, text := said(t, append([]string{command, "--data", filepath.Join(t.TempDir(), "no")}, wrong...)...); code != 2 {
				t.Errorf("%s %v: exit %d, %s", command, wrong, code, text)
			}
		}
	}
}

// TestCheckSeesTakenPort: check fails if another program has the port, but not if it is the server of this data directory.
func TestCheckSeesTakenPort(t *testing.T) {
	w := world.OpenFast(t)
	own := strings.TrimPrefix(w.URL, "http://")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	stopped := filepath.Join(t.TempDir(), "data")
	if code, text := said(t, owner(stopped)...); code != 0 {
		t.Fatal(text)
	}
	for _, c := range []struct {
		data, addr string
		code       int
	}{
		{w.Dir, own, 0}, {w.Dir, l.Addr().String(), 1}, {stopped, own, 1}, {stopped, l.Addr().String(), 1}, {stopped, "127.0.0.1:0", 0},
	} {
		code, text := said(t, "check", "--data", c.data, "--addr", c.addr)
		if code != c.code || code != 0 && !strings.Contains(text, "address already in use") {
			t.Errorf("check of %s at %s: exit %d, %s", c.data, c.addr, code, text)
		}
	}
}

// TestPermissions: whatever the umask, nobody else can read what the program writes. What others can read is mended, and said.
func TestPermissions(t *testing.T) {
	program := world.Program(t)
	dir := filepath.Join(t.TempDir(), "data")
	was := syscall.Umask(0)
	world.FirstRun(t, program, dir)
	syscall.Umask(was)
	private(t, dir)

	made(t, os.Mkdir(filepath.Join(dir, "acme"), 0o755), os.WriteFile(filepath.Join(dir, "acme", "key"), nil, 0o644))
	made(t, os.Chmod(dir, 0o755), os.Chmod(filepath.Join(dir, "canteen.db"), 0o644), os.Chmod(filepath.Join(dir, "lock"), 0o640))
	code, text := said(t, "check", "--data", dir, "--addr", "127.0.0.1:0")
	if code != 0 || strings.Count(text, "others could read") != 5 || !strings.Contains(text, "canteen.db mode=0644") {
		t.Errorf("check: exit %d, %s", code, text)
	}
	private(t, dir)
	if _, text := said(t, "check", "--data", dir, "--addr", "127.0.0.1:0"); strings.Contains(text, "others could read") {
		t.Errorf("check again: %s", text)
	}
}

// TestPermissionsOfOthers: a data directory that others can read and whose owner is somebody else is refused.
func TestPermissionsOfOthers(t *testing.T) {
	if os.Getuid() != 0 {
		ci.NotRun(t, "only root can give a directory away")
	}
	program := world.Program(t)
	made(t, os.Chmod(filepath.Dir(program), 0o755), os.Chmod(filepath.Dir(filepath.Dir(program)), 0o755)) // #nosec G302
	dir := t.TempDir()
	made(t, os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o777)) // #nosec G302
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	cmd := exec.CommandContext(ctx, program, "serve", "--data", dir, "--addr", "127.0.0.1:0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65533, Gid: 65533}}
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "others can read") || !strings.Contains(string(out), "chmod go-rwx") {
		t.Errorf("%v: %s", err, out)
	}
	if after := listing(t, dir); after != "" {
		t.Errorf("the directory holds %q", after)
	}
}

// TestConfirmationsAreTyped: the environment confirms nothing.
func TestConfirmationsAreTyped(t *testing.T) {
	for _, command := range []string{"deploy", "destroy", "migrate", "restore"} {
		_, text := said(t, "aws", command, "--help")
		for _, name := range []string{"CANTEEN_YES", "CANTEEN_DELETE_DATA", "CANTEEN_FORMER_TABLES", "CANTEEN_DOWNGRADE"} {
			if strings.Contains(text, name) {
				t.Errorf("canteen aws %s takes %s", command, name)
			}
		}
		if !strings.Contains(text, "--yes") || !strings.Contains(text, "$CANTEEN_STACK") {
			t.Errorf("the help of aws %s: %s", command, text)
		}
	}
}

// TestMigrateUsage: one of --from and --to is needed, and not both.
func TestMigrateUsage(t *testing.T) {
	if _, text := said(t, "aws", "migrate", "--help"); strings.Contains(strings.SplitN(text, "\n", 2)[0], "--from") {
		t.Errorf("the usage shows both as needed: %s", text)
	}
	for _, args := range [][]string{{}, {"--from", "a", "--to", "b"}} {
		code, text := said(t, append([]string{"aws", "migrate", "--stack", "acme"}, args...)...)
		if code != 2 || !strings.Contains(text, "--from") || !strings.Contains(text, "--to") {
			t.Errorf("%v: exit %d, %s", args, code, text)
		}
	}
}

func made(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// listing is what a directory holds, with modes; "" if it is missing or empty.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err == nil {
			fmt.Fprintln(&b, path, info.Mode())
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return b.String()
}

// private fails for each file or directory that others can read.
func private(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
