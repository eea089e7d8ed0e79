package main

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/internal/world"
)

// TestUserPassword: the link alone is on standard output, with the URL of the server, running or not. The audit line is in the log of
// the process that did it.
func TestUserPassword(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if code, text := said(t, owner(dir)...); code != 0 {
		t.Fatal(text)
	}
	running := world.OpenFast(t)
	for _, c := range []struct{ args, code, out, err string }{
		{"mira --data " + dir, "0", `^http://localhost:8080/reset#\w{44}\n$`, `msg=audit what="password reset" address="command line" of=\w+ of_handle=mira`},
		{"@mira --url https://chat.example.com/ --data " + dir, "0", `^https://chat.example.com/reset#\w{44}\n$`, "Send this link to @mira"},
		{"mira --data " + running.Dir, "0", `^http://localhost:\d+/reset#\w{44}\n$`, "have ended"},
		{"nobody --data " + dir, "1", `^$`, `^canteen: handle: Nobody has the handle "nobody".\n$`},
		{"nobody --data " + running.Dir, "1", `^$`, `^canteen: handle: Nobody has the handle "nobody".\n$`},
		{"mira --url chat --data " + dir, "2", `^$`, `--url "chat": `},
		{"--data " + dir, "2", `^$`, `expected "<handle>"`},
	} {
		var out, log bytes.Buffer
		code := run(t.Context(), append([]string{"user", "password"}, strings.Fields(c.args)...), streams{strings.NewReader(""), &out, &log})
		if c.code != string(rune('0'+code)) || !regexp.MustCompile(c.out).MatchString(out.String()) ||
			!regexp.MustCompile(c.err).MatchString(log.String()) {
			t.Errorf("user password %s: exit %d, %s\n%s", c.args, code, &out, &log)
		}
	}
}
