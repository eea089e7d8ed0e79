package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/canteen-chat/canteen/internal/ci"
	"github.com/canteen-chat/canteen/internal/world"
)

// TestHelp: the program alone, and a group of commands alone, print their help.
func TestHelp(t *testing.T) {
	for line, says := range map[string]string{
		"": "Usage: canteen <command>", "user": "Usage: canteen user <command>", "aws": "Usage: canteen aws <command>",
		"serve --help": "Usage: canteen serve",
	} {
		var out, log bytes.Buffer
		code := run(t.Context(), strings.Fields(line), streams{strings.NewReader(""), &out, &log})
		if code != 0 || !strings.HasPrefix(out.String(), says) || log.Len() > 0 {
			t.Errorf("canteen %s: exit %d, %s%s", line, code, &out, &log)
		}
	}
}

// TestWrongUse: what is wrong is said in a sentence that names the command, flag or setting and what is right.
func TestWrongUse(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		made(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	made(t, err)
	defer taken.Close()
	data := filepath.Join(dir, "data")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"sevre"}, 2, `canteen has no command "sevre"; ` +
			`its commands: serve, user, token, aws, backup, verify, restore, audit, check, mail, log-level, healthcheck, version`},
		{[]string{"user", "remove"}, 2, `canteen user has no command "remove"`},
		{[]string{"version", "extra"}, 2, `Run "canteen version --help" for help`},
		{[]string{"serve", "--adr", "x"}, 2, `unknown flag --adr, did you mean "--addr"?` + "\n" + `Run "canteen serve --help" for help`},
		{[]string{"serve", "--log-format", "xml"}, 2, `--log-format must be one of "text","json" but got "xml"`},
		{[]string{"serve", "--addr", "127.0.0.1:99999", "--data", data}, 2, "the port must be a number from 0 (any free port) to 65535"},
		{[]string{"serve", "--addr", "8080", "--data", data}, 2, "must be host:port, such as 127.0.0.1:8080"},
		{[]string{"token", "add", "--user", "mira", "--name", "ci", "--days", "ten"}, 2, `--days: must be a whole number, but is "ten"`},
		{[]string{"serve", "--config", file("name", `{"adr": "x"}`)}, 2, `there is no setting "adr"; the settings are addr, data, url,`},
		{[]string{"serve", "--config", file("line", "{\n\"addr\": \"x\",\n}")}, 2, "line 3 is not JSON"},
		{[]string{"serve", "--config", file("list", `["addr"]`)}, 2, "the file must hold a JSON object"},
		{[]string{"serve", "--config", file("null", `null`)}, 2, "the file must hold a JSON object"},
		{[]string{"serve", "--config", file("number", `{"addr": 8080}`)}, 2, `"addr" in ` + filepath.Join(dir, "number") + " must be a string"},
		{[]string{"serve", "--config", file("yes", `{"insecure_http": "yes"}`)}, 2, `must be true or false`},
		{[]string{"serve", "--config", file("mixed", `{"trusted_proxies": ["::1", 1]}`)}, 2, `must be a list of strings`},
		{[]string{"serve", "--mail", "mail.example.com", "--mail-from", "chat@example.com", "--data", data}, 2,
			"--mail: must be smtp://HOST:PORT"},
		{[]string{"check", "--mail", "smtp://127.0.0.1:1", "--mail-from", "chat@example.com", "--data", data}, 1, "canteen: "},
		{[]string{"mail", "test", "--to", "mira@example.com", "--data", data}, 1, "there is no mail server: name one with --mail"},
		{[]string{"mail", "test", "--to", "mira@example.com", "--mail", "smtp://127.0.0.1:1", "--mail-from", "chat@example.com"}, 1,
			"connect to the mail server 127.0.0.1:1"},
		{[]string{"serve", "--mail-password-file", filepath.Join(dir, "none"), "--data", data}, 2, "--mail-password-file: open"},
		{[]string{"serve", "--config", filepath.Join(dir, "none")}, 2, "--config " + filepath.Join(dir, "none") + ": the file cannot be read"},
		{[]string{"serve", "--data", filepath.Join(dir, "name", "x")}, 1, "--data: the directory " + filepath.Join(dir, "name", "x") +
			" cannot be created: not a directory; name one that this user can write to"},
		{[]string{"serve", "--data", data, "--addr", taken.Addr().String()}, 1, "--addr " + taken.Addr().String() +
			": another program uses this port, perhaps another Canteen: stop it, or name another port"},
		{[]string{"serve", "--data", data, "--addr", "192.0.2.1:0"}, 1, "this machine does not have this address"},
	} {
		code, text := said(t, c.args...)
		if code != c.code || !strings.Contains(text, c.says) {
			t.Errorf("canteen %s: exit %d, want %d and %q:\n%s", strings.Join(c.args, " "), code, c.code, c.says, text)
		}
	}
}

// TestConfigurationFile: a setting of the file holds unless the environment or the command line says otherwise.
func TestConfigurationFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "canteen.json")
	made(t, os.WriteFile(path, []byte(`{"data": "of-file", "trusted_proxies": ["::1", "10.0.0.0/8"], "insecure_http": true}`), 0o600))
	t.Setenv("CANTEEN_CONFIG", path)
	parsed := func(args ...string) settings {
		t.Helper()
		var c commands
		parser, err := kong.New(&c, kong.DefaultEnvars("CANTEEN"))
		made(t, err)
		_, err = parser.Parse(append([]string{"serve"}, args...))
		made(t, err)
		return c.Serve.settings
	}
	c := parsed()
	if c.Data != "of-file" || len(c.TrustedProxies) != 2 || c.TrustedProxies[1].String() != "10.0.0.0/8" || !c.InsecureHTTP {
		t.Errorf("%+v", c)
	}
	if c := parsed("--data", "of-line"); c.Data != "of-line" || !c.InsecureHTTP {
		t.Errorf("%+v", c)
	}
	t.Setenv("CANTEEN_DATA", "of-environment")
	if c := parsed(); c.Data != "of-environment" {
		t.Errorf("%+v", c)
	}
}

// TestSettingsAreDocumented: the table of docs/operate.md has each setting with its flag, its variable and its name in the file.
func TestSettingsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/operate.md")
	made(t, err)
	var documented []string
	for _, m := range regexp.MustCompile("(?m)^\\| `--([a-z-]+)` \\| `(\\w+)` \\| `(\\w+)` \\|").FindAllStringSubmatch(string(doc), -1) {
		if name := fileName(m[1]); m[2] != "CANTEEN_"+strings.ToUpper(name) || m[3] != name {
			t.Errorf("docs/operate.md: --%s is %s and %s", m[1], m[2], m[3])
		}
		documented = append(documented, m[3])
	}
	parser, err := kong.New(new(commands))
	made(t, err)
	if names := fileNames(parser.Model); !slices.Equal(documented, names) {
		t.Errorf("docs/operate.md has the settings %v, the program %v", documented, names)
	}
}

// TestServeSpeaks: serve says what to open and how to stop it, and when it has stopped. Its log is apart.
func TestServeSpeaks(t *testing.T) {
	program, dir := world.Program(t), filepath.Join(t.TempDir(), "data")
	serve := func(set bool, args []string, signals ...syscall.Signal) {
		t.Helper()
		cmd := exec.Command(program, append([]string{"serve", "--data", dir, "--log-format", "json"}, args...)...) // #nosec G204
		out, log := &started{heard: make(chan struct{})}, &bytes.Buffer{}
		cmd.Stdout, cmd.Stderr = out, log
		made(t, cmd.Start())
		select {
		case <-out.heard:
		case <-time.After(20 * time.Second):
			t.Error("it does not start")
		}
		for _, s := range signals {
			made(t, cmd.Process.Signal(s))
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", args, err)
		}
		form := `^Canteen serves (http://localhost:\d+)\nOpen this address in your browser. Ctrl-C stops the server.\n`
		if !set {
			form = `^Canteen serves (http://localhost:\d+)\nSet up the workspace: http://localhost:\d+/setup#\w+\n` +
				`Open this link in your browser. Ctrl-C stops the server.\n`
		}
		switch args[1] {
		case "0.0.0.0:0":
			form += "Only browsers on this machine can use it: for others, say with --url which address they open.\n"
		case "[::1]:0":
			form = strings.Replace(form, `(http://localhost:\d+)`, `https://chat.example.com and listens on \[::1\]:\d+`, 1)
		}
		if form += `Canteen has stopped.\n$`; !regexp.MustCompile(form).Match(out.text.Bytes()) {
			t.Errorf("%v says\n%s", args, &out.text)
		}
		for line := range strings.Lines(log.String()) {
			if !strings.HasPrefix(line, "{") {
				t.Errorf("%v: the log has %q", args, line)
			}
		}
	}
	serve(false, []string{"--addr", "127.0.0.1:0"}, syscall.SIGINT)
	world.FirstRun(t, program, dir)
	serve(true, []string{"--addr", "0.0.0.0:0"}, syscall.SIGTERM)
	serve(true, []string{"--addr", "[::1]:0", "--url", "https://chat.example.com"}, syscall.SIGINT)
	serve(true, []string{"--addr", "[::1]:0", "--domain", "chat.example.com"}, syscall.SIGINT)
}

// started is standard output that says when the server has started.
type started struct {
	text  bytes.Buffer
	heard chan struct{}
}

func (s *started) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("Ctrl-C")) {
		close(s.heard)
	}
	return s.text.Write(b)
}

// TestDataOfAnother: a data directory that this user cannot write to is named, with what can be done.
func TestDataOfAnother(t *testing.T) {
	if os.Getuid() != 0 {
		ci.NotRun(t, "only root can run a program as another user")
	}
	program, dir := world.Program(t), t.TempDir()
	for _, open := range []string{filepath.Dir(program), filepath.Dir(filepath.Dir(program)), filepath.Dir(dir), dir} {
		made(t, os.Chmod(open, 0o755)) // #nosec G302 -- for the other user
	}
	made(t, os.Mkdir(filepath.Join(dir, "read-only"), 0o500), os.Chown(filepath.Join(dir, "read-only"), 65533, 65533))
	for data, says := range map[string]string{
		filepath.Join(dir, "new"):       "cannot be created: permission denied; name one that this user can write to",
		filepath.Join(dir, "read-only"): "this user cannot write to the directory " + filepath.Join(dir, "read-only"),
	} {
		cmd := exec.CommandContext(t.Context(), program, "serve", "--data", data, "--addr", "127.0.0.1:0") // #nosec G204
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65533, Gid: 65533}}
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "--data: ") || !strings.Contains(string(out), says) {
			t.Errorf("%s: %v: %s", data, err, out)
		}
	}
}
