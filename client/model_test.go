package client_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/devices"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
)

// TestModel is the model test of the clients (package devices) against the server for one machine, which is restarted in
// between. It records the histories of the devices for the tests of the web client.
func TestModel(t *testing.T) {
	devices.SetDefault(t, "rapid.steps", "120") // on average
	checks := "120"
	if testing.Short() {
		checks = "5"
	}
	devices.SetDefault(t, "rapid.checks", checks)
	template := filepath.Join(t.TempDir(), "data")
	people := furnish(t, template)
	histories, steps, did := 0, 0, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w := devices.New(t, rt, newMachine(t, rt, template), people)
		defer w.Close()
		steps += w.Run()
		histories++
		w.Record(histories)
		for what, n := range w.Did {
			did[what] += n
		}
	})
	t.Logf("%d histories of %d steps in all, with %v", histories, steps, did)
}

// furnish creates a data directory with the people and rooms that package devices needs.
func furnish(t *testing.T, dir string) (people []devices.Person) {
	t.Helper()
	t.Run("furnish", func(t *testing.T) { // the server stops at the end of the subtest
		w := world.OpenWith(t, world.Options{Dir: dir, NoRates: true, Empty: true})
		owner, jonas, mira, guest := devices.Handles()
		w.Add(owner, chat.Owner)
		w.Add(jonas, chat.Member)
		w.Add(mira, chat.Member)
		w.Add(guest, chat.Guest)
		w.Room(jonas, "private", "leads", mira)
		w.Room(jonas, "direct", "", owner)
		for _, h := range []string{owner, jonas, mira, guest} {
			people = append(people, devices.Person{Handle: h, ID: w.ID[h], Token: w.Token[h], Password: world.Password})
		}
	})
	return people
}

// machine is a server for one machine that the model test can stop and restart.
type machine struct {
	dir    string
	addr   string
	server *server.Server
}

func newMachine(t *testing.T, rt *rapid.T, template string) *machine {
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		rt.Fatal(err)
	}
	m := &machine{dir: filepath.Join(dir, "data"), addr: world.Address(t)}
	if err := os.CopyFS(m.dir, os.DirFS(template)); err != nil {
		rt.Fatal(err)
	}
	if err := m.Start(); err != nil {
		rt.Fatal(err)
	}
	return m
}

func (m *machine) Start() error {
	s, err := server.Start(context.Background(), server.Config{Addr: m.addr, Data: m.dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	m.server = s
	m.addr = strings.Replace(strings.TrimPrefix(s.URL(), "http://"), "localhost", "127.0.0.1", 1)
	return nil
}

func (m *machine) URL() string { return "http://" + m.addr }

func (m *machine) Stop() error { return m.server.Stop() }

func (m *machine) Close() error {
	return errors.Join(m.server.Stop(), os.RemoveAll(filepath.Dir(m.dir)))
}

func (m *machine) AddToken(handle string) (string, error) {
	admin, done, err := server.OpenAdmin(context.Background(), m.dir, false, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	token, err := admin.AddToken(context.Background(), chat.CommandLineToken{Handle: handle, Name: "test"})
	return token, errors.Join(err, done())
}
