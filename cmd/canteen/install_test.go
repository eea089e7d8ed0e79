package main

import (
	"bufio"
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestInstallToRestore does what docs/operate.md says under "From install to a tested restore", with the commands that stand there, as its
// reader would. Absolute paths are below a temporary directory, the ports are free ones, and the test starts the program as the systemd
// unit says.
func TestInstallToRestore(t *testing.T) {
	began := time.Now()
	m := newMachine(t)
	m.shell(m.block("## As a systemd service", func(line string) bool {
		return !strings.Contains(line, "systemctl") && !strings.HasPrefix(line, "journalctl")
	}))
	service := m.service()
	m.shell("canteen healthcheck --addr 127.0.0.1:8080")
	mira := client.New(m.url("8080"), "")
	_, err := mira.Setup(t.Context(), wire.Setup{Token: service.secret(), Workspace: "Acme", Name: "Mira", Handle: "mira",
		Email: "mira@example.com", Password: world.Password})
	made(t, err)
	room := world.Must[[]wire.MyRoom](t)(mira.Rooms(t.Context()))[0].ID
	var drawn, before, after bytes.Buffer
	made(t, png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 640, 480))))
	f := world.Must[wire.File](t)(mira.UploadFile(t.Context(), "soup.png", "image/png", bytes.NewReader(drawn.Bytes()), int64(drawn.Len())))
	world.Must[wire.Message](t)(mira.Post(t.Context(), room, wire.PostMessage{ClientID: world.UUID(1), Text: "soup", Files: []string{f.ID}}))
	made(t, mira.Download(t.Context(), f.ID, &before))

	isServe := func(line string) bool { return strings.HasPrefix(line, "canteen serve") }
	steps := time.Now()
	m.shell(m.block("## From install to a tested restore", func(line string) bool { return !isServe(line) }))
	second := m.start(m.block("## From install to a tested restore", isServe))
	m.shell("canteen healthcheck --addr 127.0.0.1:8090")
	again := client.New(m.url("8090"), "")
	_, err = again.SignIn(t.Context(), "mira@example.com", world.Password)
	made(t, err)
	page := world.Must[wire.Page](t)(again.Page(t.Context(), room, nil))
	if len(page.Messages) != 1 || page.Messages[0].Text != "soup" || len(page.Messages[0].Files) != 1 {
		t.Fatalf("%+v", page.Messages)
	}
	made(t, again.Download(t.Context(), page.Messages[0].Files[0].ID, &after))
	if !bytes.Equal(before.Bytes(), after.Bytes()) || after.Len() == 0 {
		t.Errorf("the picture has %d bytes, had %d", after.Len(), before.Len())
	}
	second.stop()
	m.shell("rm -r /var/lib/canteen-restored")
	service.stop()
	t.Logf("the program was busy for %s, from backup to the restored picture for %s", time.Since(began).Round(time.Millisecond),
		time.Since(steps).Round(time.Millisecond))
}

// machine is a directory that stands for /, with the source in /src.
type machine struct {
	t       *testing.T
	root    string
	doc     string
	replace *strings.Replacer
	env     []string
	ports   map[string]string // that the document names, and free addresses in their place
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	doc, err := os.ReadFile("../../docs/operate.md")
	made(t, err)
	m := &machine{t: t, root: t.TempDir(), doc: string(doc), ports: map[string]string{"8080": world.Address(t), "8090": world.Address(t)}}
	for _, dir := range []string{"usr/local/bin", "etc/systemd/system", "var/lib", "src/bin"} {
		made(t, os.MkdirAll(filepath.Join(m.root, dir), 0o700))
	}
	program, err := filepath.Abs(world.Program(t))
	made(t, err)
	deploy, err := filepath.Abs("../../deploy")
	made(t, err)
	made(t, os.Symlink(program, filepath.Join(m.root, "src/bin/canteen")), os.Symlink(deploy, filepath.Join(m.root, "src/deploy")))
	m.replace = strings.NewReplacer(" /usr/", " "+m.root+"/usr/", " /etc/", " "+m.root+"/etc/", " /var/", " "+m.root+"/var/",
		"=/usr/", "="+m.root+"/usr/", "${STATE_DIRECTORY}", m.root+"/var/lib/canteen", "https://chat.example.com", m.url("8080"),
		"127.0.0.1:8080", m.ports["8080"], "127.0.0.1:8090", m.ports["8090"])
	m.env = append(os.Environ(), "PATH="+filepath.Join(m.root, "usr/local/bin")+":"+os.Getenv("PATH"))
	return m
}

func (m *machine) url(port string) string {
	return "http://localhost:" + strings.TrimPrefix(m.ports[port], "127.0.0.1:")
}

// block gives the lines to keep of the first code block of a section.
func (m *machine) block(section string, keep func(line string) bool) string {
	m.t.Helper()
	_, rest, ok := strings.Cut(m.doc, "\n"+section+"\n")
	found := fence.FindStringSubmatch(rest)
	if !ok || found == nil {
		m.t.Fatalf("the document has no commands under %q", section)
	}
	var out []string
	for line := range strings.Lines(found[1]) {
		if line = strings.TrimSpace(line); keep(line) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func (m *machine) command(script string) *exec.Cmd {
	cmd := exec.Command("sh", "-ec", m.replace.Replace(script)) // #nosec G204 -- what the document says
	cmd.Dir, cmd.Env = filepath.Join(m.root, "src"), m.env
	return cmd
}

// shell runs commands. Each must succeed.
func (m *machine) shell(script string) {
	m.t.Helper()
	if out, err := m.command(script).CombinedOutput(); err != nil || script == "" {
		m.t.Fatalf("%s\n%v: %s", script, err, out)
	}
}

// serving is a server that runs.
type serving struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *bufio.Reader
}

// start starts a command that serves, and waits for its first line.
func (m *machine) start(script string) *serving {
	m.t.Helper()
	cmd := m.command("exec " + script)
	out, err := cmd.StdoutPipe()
	made(m.t, err, cmd.Start())
	m.t.Cleanup(func() { _ = cmd.Process.Kill() })
	s := &serving{m.t, cmd, bufio.NewReader(out)}
	_, err = s.lines.ReadString('\n')
	made(m.t, err)
	return s
}

// service does what systemd does with the unit that was installed: it makes the data directory, reads the settings, and runs ExecStart.
func (m *machine) service() *serving {
	m.t.Helper()
	unit, err := os.ReadFile(filepath.Join(m.root, "etc/systemd/system/canteen.service"))
	made(m.t, err)
	settings, err := os.ReadFile(filepath.Join(m.root, "etc/canteen.env"))
	made(m.t, err, os.Mkdir(filepath.Join(m.root, "var/lib/canteen"), 0o700))
	was := m.env
	m.env = append(m.env, strings.TrimSpace(string(settings)), "CANTEEN_ADDR="+m.ports["8080"])
	s := m.start(regexp.MustCompile(`(?m)^ExecStart=(.*)$`).FindStringSubmatch(string(unit))[1])
	m.env = was
	return s
}

// secret is that of the setup link that the server prints.
func (s *serving) secret() string {
	s.t.Helper()
	for {
		line, err := s.lines.ReadString('\n')
		made(s.t, err)
		if _, secret, ok := strings.Cut(line, "/setup#"); ok {
			return strings.TrimSpace(secret)
		}
	}
}

// stop presses Ctrl-C.
func (s *serving) stop() {
	s.t.Helper()
	made(s.t, s.cmd.Process.Signal(syscall.SIGINT))
	go func() { _, _ = s.lines.WriteTo(bytes.NewBuffer(nil)) }()
	made(s.t, s.cmd.Wait())
}
