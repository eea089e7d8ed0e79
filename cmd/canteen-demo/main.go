// Command canteen-demo creates a demo workspace, a company of 30 people with three weeks of conversations that end now, and serves
// it. The demo is for trying Canteen, and for screenshots. The program opens the store of a new data directory and gives it the
// commands of those three weeks, each with its time. Then it starts the real server on it.
//
// It is a separate program so that the shipped program contains neither the demo's text nor its passwords.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/server"
)

const (
	everyonesPassword = "a quiet place to eat"
	host              = "acme.example"
	marker            = "demo" // a file that marks the data directory of a complete demo

	present = 14 // number of people who are online while the demo is served
)

type options struct {
	data, addr    string
	people, rooms int // the company is made at least so large
}

func main() {
	syscall.Umask(0o077) // nobody else reads the data
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run parses and executes one command line; tests call it in their own process. Exit codes: 0 done, 1 failed, 2 wrong use.
func run(ctx context.Context, args []string, out, log io.Writer) int {
	var o options
	flags := flag.NewFlagSet("canteen-demo", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.StringVar(&o.data, "data", ".demo", "data `directory` of the demo, created if missing")
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "address to listen on, `host:port`")
	flags.IntVar(&o.people, "people", 0, "make a company of so many people, to measure with; most say little")
	flags.IntVar(&o.rooms, "rooms", 0, "put Mira into so many rooms; needs --people")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil || flags.NArg() > 0 {
		return 2
	}
	if err := demo(ctx, o, out, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))); err != nil {
		if _, werr := fmt.Fprintln(log, "canteen-demo:", err); werr != nil {
			return 1
		}
		return 1
	}
	return 0
}

// demo creates the workspace if it is missing, and serves it until the context ends.
func demo(ctx context.Context, o options, out io.Writer, log *slog.Logger) error {
	s, err := loadScript()
	if err != nil {
		return err
	}
	s.grow(o.people, o.rooms)
	if err := prepare(ctx, s, o, out, log); err != nil {
		return err
	}
	srv, err := server.Start(ctx, server.Config{
		Addr: o.addr, Data: o.data, RateLimits: true, Previews: true, Probe: true, Vitals: true,
	}, log)
	if err != nil {
		return err
	}
	err = announce(s, srv.URL(), o.data, out)
	online, leave := context.WithCancel(ctx)
	var people sync.WaitGroup
	if err == nil {
		attend(online, &people, s, srv.URL(), log)
		select {
		case <-ctx.Done():
		case err = <-srv.Failed():
		}
	}
	leave()
	people.Wait()
	if err = errors.Join(err, srv.Stop()); err == nil {
		_, err = fmt.Fprintln(out, "Canteen has stopped.")
	}
	return err
}

// prepare creates the demo in o.data unless it is there already. It fills a temporary directory and renames it at the end, so
// that o.data never holds half a demo. A directory with other content is an error and is not changed.
func prepare(ctx context.Context, s *script, o options, out io.Writer, log *slog.Logger) error {
	if _, err := os.Stat(filepath.Join(o.data, marker)); err == nil {
		return nil
	}
	if found, err := os.ReadDir(o.data); err == nil && len(found) > 0 {
		return fmt.Errorf("%s is not empty and not a demo: name an empty or new directory with --data", o.data)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("data directory: %w", err)
	}
	begun := time.Now()
	if _, err := fmt.Fprintf(out, "Making Acme, a company of %d people…\n", len(s.people)-1); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(o.data), 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	made, err := os.MkdirTemp(filepath.Dir(o.data), filepath.Base(o.data)+".making-") // on the same file system, mode 0700
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	count, err := fill(ctx, s, made, begun, log)
	if err == nil {
		err = os.WriteFile(filepath.Join(made, marker), []byte("Created by canteen-demo: this directory may be deleted.\n"), 0o600)
	}
	if err == nil {
		if err = os.Rename(made, o.data); err == nil { // replaces an empty directory
			_, err = fmt.Fprintf(out, "%v, in %.1f s.\n\n", count, time.Since(begun).Seconds())
			return err
		}
	}
	if ctx.Err() != nil {
		err = errors.New("stopped before the workspace was complete")
	}
	return errors.Join(err, os.RemoveAll(made))
}

func announce(s *script, at, data string, out io.Writer) error {
	mira := s.people[0]
	_, err := fmt.Fprintf(out, `Canteen serves Acme at %s

    e-mail     %s
    password   %s

This is %s, the owner. Everybody has the same password: %s is an admin, %s a guest.
The data is in %s: delete it to start again, with conversations that end then. Ctrl-C stops the server.
`, at, mira.email(), everyonesPassword, mira.name, s.first("admin").email(), s.first("guest").email(), data)
	return err
}

func (p person) email() string { return p.handle + "@" + host }

func (s *script) first(role string) person {
	for _, p := range s.people {
		if p.role == role {
			return p
		}
	}
	return person{}
}

// attend connects some of the people, so that they are shown as online. They sign in one after the other: the server checks few
// passwords at once.
func attend(ctx context.Context, people *sync.WaitGroup, s *script, at string, log *slog.Logger) {
	u, err := url.Parse(at)
	if err != nil {
		log.Warn("the demo's people are not connected", "error", err)
		return
	}
	ended := func(p person, err error) {
		if ctx.Err() == nil {
			log.Warn("a connection of the demo ended", "user", p.handle, "error", err)
		}
	}
	people.Go(func() {
		for _, p := range s.people[1 : 1+present] {
			c := client.New("http://127.0.0.1:"+u.Port(), "") // localhost may resolve to an address that the server does not listen on
			me, err := c.SignIn(ctx, p.email(), everyonesPassword)
			if err != nil {
				ended(p, err)
				continue
			}
			people.Go(func() {
				ended(p, c.Follow(ctx, client.NewState(me.ID), func(client.Event) error { return nil }))
			})
		}
	})
}
