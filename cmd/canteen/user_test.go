package main

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/password"
)

// TestAWSUserPassword: a password in the tables of a stack, here a store in memory, is reset without a server, and audited.
func TestAWSUserPassword(t *testing.T) {
	tables, log := model.New(nil), bytes.Buffer{}
	rules := chat.New(chat.Options{
		Store: tables, Hasher: password.New(), Limiter: limit.None{}, Clock: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	world.Must[string](t)(rules.AdminAddUser(t.Context(), chat.CommandLineUser{
		Email: "mira@example.com", Name: "Mira", Handle: "mira", Role: chat.Owner, Password: world.Password,
	}))
	secret := world.Must[string](t)(resetIn(t.Context(), tables, slog.New(slog.NewTextHandler(&log, nil)), "@mira"))
	if err := rules.CheckReset(t.Context(), chat.Visitor("192.0.2.1"), secret); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), `what="password reset"`) {
		t.Errorf("the log: %s", &log)
	}
}

// TestUserPassword: the link alone is on standard output, with the URL of the server, running or not. The audit line is in the log of
// the process that did it.
func TestUserPassword(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if code, text := said(t, owner(dir)...); code != 0 {
		t.Fatal(text)
	}
	running := world.OpenFast(t)
	for _, c := range []struct{ args, code, out, err string }{
		{"mira --data " + dir, "0", `^http://localhost:8080/reset#\w{44}\n$`,
			`msg=audit what="password reset" address="command line" of=\w+ of_handle=mira`},
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
