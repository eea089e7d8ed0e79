package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/gorilla/websocket"
	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/internal/awstest"
	amazon "github.com/canteen-chat/canteen/internal/hostile"
	"github.com/canteen-chat/canteen/limit"
	hashing "github.com/canteen-chat/canteen/password"
	"github.com/canteen-chat/canteen/wire"
)

// cloud is a home on AWS: the real functions, behind a gateway that means them no good.
type cloud struct {
	gateway *amazon.Gateway
	rules   *chat.Canteen
	people  []person
}

// sky is what clouds are made of.
type sky struct {
	program  string
	emulator string
	made     int
}

func newSky(t *testing.T) *sky {
	t.Helper()
	emulator := awstest.Start(t, local.Ministack)
	program := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.Command("go", "build", "-trimpath", "-o", program, "../canteen-lambda")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return &sky{program: program, emulator: emulator}
}

// trouble is all of it, each as often as leaves something to happen in between.
func trouble() amazon.Trouble {
	return amazon.Trouble{
		PushLost: 60, PushGone: 15, PushLarge: 30, PushThrottled: 60, PushFails: 60, DisconnectLost: 500,
		KillEarly: 10, KillLate: 20, BatchTwice: 200, BatchLate: 200, CutAfter: 5 * time.Second,
	}
}

// cloud makes tables, four people, and the functions.
func (s *sky) cloud(t *testing.T, tr amazon.Trouble, limits string) *cloud {
	t.Helper()
	ctx := context.Background()
	s.made++
	prefix := fmt.Sprintf("w%d-", s.made)
	db := awsdynamodb.New(awsdynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(s.emulator), Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	store := dynamodb.Open(dynamodb.Options{Client: db, Prefix: prefix, Log: slog.New(slog.DiscardHandler)})
	if err := store.CreateTables(ctx); err != nil {
		t.Fatal(err)
	}
	c := &cloud{rules: chat.New(chat.Options{
		Store: store, Uses: store, Hasher: hashing.New(), Limiter: limit.None{}, Live: nobody{}, Tickets: store, Setup: store.SetupSecret, Clock: time.Now,
		Log: slog.New(slog.DiscardHandler),
	})}
	c.add(t, "ada", chat.Owner)
	c.add(t, "bob", chat.Member)
	c.add(t, "cy", chat.Member)
	c.add(t, "gus", chat.Guest)
	c.gateway = amazon.Start(t, amazon.Options{
		Program: s.program, Emulator: s.emulator, Tables: prefix, RateLimits: limits, Instances: 3, Seed: uint64(s.made), Trouble: tr, May: rights(t),
	})
	c.gateway.Calm(true)
	bob := client.New(c.url(), c.people[1].token)
	must[wire.MyRoom](t)(bob.AddRoom(ctx, wire.NewRoomBody{Kind: "private", Name: "leads", Members: []string{c.people[2].id}}))
	must[wire.MyRoom](t)(bob.AddRoom(ctx, wire.NewRoomBody{Kind: "direct", Members: []string{c.people[0].id}}))
	c.gateway.Settle()
	c.gateway.Calm(false)
	return c
}

type nobody struct{}

func (nobody) Deliver([]chat.Announcement) {}

func (c *cloud) add(t *testing.T, handle string, role chat.Role) {
	t.Helper()
	id, err := c.rules.AdminAddUser(context.Background(), chat.CommandLineUser{
		Email: handle + "@example.com", Name: handle, Handle: handle, Role: role, Password: "a quiet place to eat",
	})
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.addToken(handle)
	if err != nil {
		t.Fatal(err)
	}
	c.people = append(c.people, person{handle, id, token})
}

func (c *cloud) url() string { return c.gateway.URL() }

func (c *cloud) addToken(handle string) (string, error) {
	return c.rules.AdminAddToken(context.Background(), handle, "test")
}

func (c *cloud) stop() error {
	err := c.gateway.Check()
	c.gateway.Close()
	return err
}

const helloWithin = 2 * time.Second

// dial connects until hello comes, as clients do.
func (c *cloud) dial(w *world, d *device) *line {
	for try := range 20 {
		live, err := w.as(*w.person(d.who)).Dial(w.ctx)
		if s := client.Status(err); s >= 500 { // killed while it was made
			continue
		}
		if err != nil {
			w.rt.Fatalf("dial %d: %v", try, err)
		}
		l := &line{live: live, revs: map[string]int64{}, lost: map[string]bool{}, late: true, id: c.gateway.Latest()}
		for end := time.Now().Add(helloWithin); time.Now().Before(end); time.Sleep(time.Millisecond) {
			n, open := c.gateway.Sent(l.id)
			if n > 0 {
				return l
			}
			if !open {
				break
			}
		}
		_ = live.Close() // its hello was lost
	}
	w.rt.Fatalf("%s cannot connect: %s", d.who, c.gateway.Output("socket"))
	return nil
}

// drain reads what the gateway has sent, to the last event.
func (c *cloud) drain(w *world, rt *rapid.T, d *device, l *line) {
	for {
		n, open := c.gateway.Sent(l.id)
		if l.heard >= n && open {
			return
		}
		e, err := l.live.Next()
		if err != nil {
			if _, ok := errors.AsType[*websocket.CloseError](err); !ok && l.heard < n && open {
				rt.Fatalf("%s: heard %d of %d events, then %v", d.who, l.heard, n, err)
			}
			l.closed = true
			return
		}
		l.heard++
		switch e.Type {
		case "hello", "resync":
		case "bye":
			l.closed = true
			_ = l.live.Close()
			return
		default:
			w.entitled(rt, d, l, e)
			if !l.old {
				l.queue = append(l.queue, e)
			}
		}
	}
}

// TestModelInTheCloud is TestModel on the real functions of AWS behind the hostile gateway.
func TestModelInTheCloud(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	for name, value := range map[string]string{"rapid.checks": "4", "rapid.steps": "200", "rapid.shrinktime": "1s"} {
		was := flag.Lookup(name).Value.String()
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = flag.Set(name, was) })
	}
	s := newSky(t)
	histories, steps, happened := 0, 0, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		c := s.cloud(t, trouble(), "off")
		w := newWorld(t, rt, c, c.people)
		defer w.stop()
		rt.Repeat(w.actions())
		for _, d := range w.devices {
			w.settle(d)
		}
		histories++
		steps += w.steps
		for what, n := range c.gateway.Happened() {
			happened[what] += n
		}
	})
	t.Logf("%d histories of %d steps in all, with %v", histories, steps, happened)
	if len(happened) < 6 {
		t.Errorf("only %v happened: the test looks at a kind cloud", happened)
	}
}
