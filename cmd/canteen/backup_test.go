package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/ci"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// TestBackupAndRestore: backup, verify, restore and check, beside a running server and without one, as docs/operate.md has it.
func TestBackupAndRestore(t *testing.T) {
	w := world.OpenFast(t)
	w.Say("mira", w.General(), 1, "hello")
	dir := t.TempDir()
	for _, running := range []bool{true, false} {
		file, data := filepath.Join(dir, fmt.Sprint(running, ".tar")), filepath.Join(dir, fmt.Sprint(running))
		if !running {
			w.Stop()
		}
		for _, c := range []struct{ line, says string }{
			{"backup " + file + " --data " + w.Dir, file + " holds the workspace as of 2"},
			{"verify " + file, file + " is whole. It holds the workspace as of 2"},
			{"restore " + file + " --data " + data, "Everybody must sign in again."},
			{"check --addr 127.0.0.1:0 --data " + data, "are valid"},
		} {
			if code, text := said(t, strings.Fields(c.line)...); code != 0 || !strings.Contains(text, c.says) {
				t.Fatalf("canteen %s: exit %d, %s", c.line, code, text)
			}
		}
		if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
		private(t, data)
		again := world.OpenWith(t, world.Options{Dir: data, Empty: true})
		m := world.Must[wire.Page](t)(client.New(again.URL, w.Token["mira"]).Page(context.Background(), general(t, w, again), nil))
		if len(m.Messages) != 1 || m.Messages[0].Text != "hello" {
			t.Errorf("%+v", m.Messages)
		}
	}
}

// TestVerifyShipped: what serve --ship writes is checked while the server runs, and afterwards.
func TestVerifyShipped(t *testing.T) {
	place := filepath.Join(t.TempDir(), "shipped")
	w := world.OpenWith(t, world.Options{NoRates: true, Configure: func(c *server.Config) {
		c.Ship = func() (backup.Place, error) { return backup.OpenDirectory(place) }
	}})
	w.Say("mira", w.General(), 1, "hello")
	world.Eventually(t, "something is shipped", func() bool {
		found, err := filepath.Glob(filepath.Join(place, "*", "generation.json"))
		return err == nil && len(found) == 1
	})
	for range 2 {
		code, text := said(t, "verify", place)
		if code != 0 || !strings.Contains(text, place+" is whole. Each second from 2") || !strings.Contains(text, "Copies of the database: 1.") {
			t.Errorf("exit %d, %s", code, text)
		}
		w.Stop()
	}
	found, err := filepath.Glob(filepath.Join(place, "*", "000000001.segment"))
	made(t, err, os.Remove(found[0]))
	if code, text := said(t, "verify", place); code != 1 || !strings.Contains(text, place+": the copy of 2") ||
		!strings.Contains(text, "segment 1 of ") {
		t.Errorf("exit %d, %s", code, text)
	}
}

// general is the room general of a restored world.
func general(t *testing.T, was, now *world.World) string {
	t.Helper()
	rooms := world.Must[[]wire.MyRoom](t)(client.New(now.URL, was.Token["mira"]).Rooms(context.Background()))
	return rooms[slices.IndexFunc(rooms, func(r wire.MyRoom) bool { return r.Name == "general" })].ID
}

// TestBackupRefusals: what cannot be done is said in a sentence, and leaves no file and no directory.
func TestBackupRefusals(t *testing.T) {
	w := world.OpenFast(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "b.tar")
	if code, text := said(t, "backup", file, "--data", w.Dir); code != 0 {
		t.Fatal(text)
	}
	b, err := os.ReadFile(file) // #nosec G304 -- in a temporary directory
	made(t, err)
	b[len(b)/2] ^= 1
	made(t, os.WriteFile(filepath.Join(dir, "flipped.tar"), b, 0o600), os.WriteFile(filepath.Join(dir, "half.tar"), b[:len(b)/3], 0o600))
	made(t, os.WriteFile(filepath.Join(dir, "readme"), []byte("hello"), 0o600))
	before := listing(t, dir)
	for _, c := range []struct {
		line, says string
		code       int
	}{
		{"backup", "expected \"<file>\"", 2},
		{"backup " + file + " --data " + w.Dir, file + " exists already: name another file, or delete it first", 1},
		{"backup DIR/none/b.tar --data " + w.Dir, "cannot be written: open DIR/none/b.tar.", 1},
		{"backup DIR/new.tar --data DIR/none", "this directory holds no Canteen database, it does not exist: DIR/none", 1},
		{"backup DIR/new.tar --data DIR", "this directory holds no Canteen database but other files", 1},
		{"verify DIR/none", "no such file", 1},
		{"verify DIR", "DIR: nothing was shipped there", 1},
		{"verify DIR/readme", "DIR/readme: this backup is damaged or not complete: it does not begin like a backup", 1},
		{"verify DIR/flipped.tar", "DIR/flipped.tar: this backup is damaged or not complete", 1},
		{"verify DIR/half.tar", "this backup is damaged or not complete", 1},
		{"restore DIR/half.tar --data DIR/new", "this backup is damaged or not complete", 1},
		{"restore DIR/flipped.tar --data DIR/new", "Nothing was restored", 1},
		{"restore " + file + " --data " + w.Dir, "is not empty, it holds", 1},
		{"restore " + file + " --data DIR", "the directory DIR is not empty, it holds", 1},
	} {
		line, says := strings.ReplaceAll(c.line, "DIR", dir), strings.ReplaceAll(c.says, "DIR", dir)
		if code, text := said(t, strings.Fields(line)...); code != c.code || !strings.Contains(text, says) {
			t.Errorf("canteen %s: exit %d, want %d and %q:\n%s", line, code, c.code, says, text)
		}
	}
	if after := listing(t, dir); after != before {
		t.Errorf("the directory holds %q, held %q", after, before)
	}
}

// stuffed is standard output on a full disk.
type stuffed struct{}

func (stuffed) Write([]byte) (int, error) { return 0, unix.ENOSPC }

// TestBackupToStandardOutput: the file - is standard output, and standard input.
func TestBackupToStandardOutput(t *testing.T) {
	w := world.OpenFast(t)
	var out, log bytes.Buffer
	args := []string{"backup", "-", "--data", w.Dir}
	if code := run(t.Context(), args, streams{strings.NewReader(""), &out, &log}); code != 0 || log.Len() > 0 {
		t.Fatalf("exit %d, %s", code, &log)
	}
	data := filepath.Join(t.TempDir(), "data")
	for _, args := range [][]string{{"verify", "-"}, {"restore", "-", "--data", data}} {
		if code := run(t.Context(), args, streams{bytes.NewReader(out.Bytes()), io.Discard, &log}); code != 0 || log.Len() > 0 {
			t.Errorf("%v: exit %d, %s", args, code, &log)
		}
	}
	if code := run(t.Context(), args, streams{strings.NewReader(""), stuffed{}, &log}); code != 1 ||
		!strings.Contains(log.String(), "no space left") {
		t.Errorf("a full disk: exit %d, %s", code, &log)
	}
}

// TestBackupOntoFullDisk: a backup for which there is no room leaves no file.
func TestBackupOntoFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		ci.NotRun(t, "only root can mount a small disk")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", dir).CombinedOutput(); err != nil { // #nosec G204
		ci.NotRun(t, "this machine mounts no tmpfs: %v %s", err, out)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	w := world.OpenFast(t)
	code, text := said(t, "backup", filepath.Join(dir, "b.tar"), "--data", w.Dir)
	if code != 1 || !strings.Contains(text, "no space left on device") {
		t.Errorf("exit %d, %s", code, text)
	}
	if found := listing(t, dir); found != "" {
		t.Errorf("it left %q", found)
	}
}

// TestInterruptedBackup: Ctrl-C ends a backup, and leaves no file.
func TestInterruptedBackup(t *testing.T) {
	program, w, dir := world.Program(t), world.OpenFast(t), t.TempDir()
	large := make([]byte, 60<<20)
	world.Must[wire.File](t)(w.As("mira").UploadFile(t.Context(), "a.bin", "", bytes.NewReader(large), int64(len(large))))
	cmd := exec.Command(program, "backup", filepath.Join(dir, "b.tar"), "--data", w.Dir) // #nosec G204 -- what the test built
	var said bytes.Buffer
	cmd.Stderr = &said
	made(t, cmd.Start())
	world.Eventually(t, "it writes", func() bool { return listing(t, dir) != "" })
	made(t, cmd.Process.Signal(syscall.SIGINT))
	err := cmd.Wait()
	if e, ok := errors.AsType[*exec.ExitError](err); !ok || e.ExitCode() != 1 ||
		!strings.Contains(said.String(), "interrupted: no backup was made") {
		t.Errorf("%v: %s", err, &said)
	}
	if found := listing(t, dir); found != "" {
		t.Errorf("it left %q", found)
	}
}
