package lambda_test

import (
	"context"
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
	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/internal/awstest"
	"github.com/canteen-chat/canteen/internal/devices"
	amazon "github.com/canteen-chat/canteen/internal/hostile"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/limit"
	hashing "github.com/canteen-chat/canteen/password"
	"github.com/canteen-chat/canteen/wire"
)

// cloud is the deployment on AWS: the real functions behind a gateway that injects failures.
type cloud struct {
	gateway *amazon.Gateway
	store   *dynamodb.Store
	rules   *chat.Canteen
	people  []devices.Person
}

// cloudFactory holds what all clouds share.
type cloudFactory struct {
	program  string
	emulator string
	names    string // prefix of its table names
	mapping  amazon.Mapping
	made     int
	each     int // processes of each function
}

func newSky(t *testing.T) *cloudFactory {
	t.Helper()
	emulator := awstest.Start(t, local.Ministack)
	program := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.Command("go", "build", "-trimpath", "-o", program, "github.com/canteen-chat/canteen/cmd/canteen-lambda")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	start, factor := awstest.Mapping(t)
	return &cloudFactory{
		program: program, emulator: emulator, names: awstest.Unique(), each: 3,
		mapping: amazon.Mapping{StartingPosition: start, ParallelizationFactor: factor},
	}
}

// trouble injects all kinds of failures, rarely enough that work gets done in between.
func trouble() amazon.Trouble {
	return amazon.Trouble{
		PushLost: 60, FirstPushLost: 200, PushGone: 15, PushLarge: 30, PushThrottled: 60, PushFails: 60, DisconnectLost: 500,
		KillEarly: 10, KillLate: 20, BatchTwice: 200, BatchLate: 200, CutAfter: 5 * time.Second,
		StartLate: time.Second,
	}
}

// cloud creates tables, four people, and the functions.
func (s *cloudFactory) cloud(t *testing.T, tr amazon.Trouble, limits string) *cloud {
	t.Helper()
	ctx := context.Background()
	s.made++
	prefix := fmt.Sprintf("%sw%d-", s.names, s.made)
	db := awsdynamodb.New(awsdynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(s.emulator),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	store := dynamodb.Open(dynamodb.Options{Client: db, Prefix: prefix, Log: slog.New(slog.DiscardHandler)})
	if err := store.CreateTables(ctx); err != nil {
		t.Fatal(err)
	}
	c := &cloud{store: store, rules: chat.New(chat.Options{
		Store: store, Uses: store, Inbox: &attention.Inboxes{Store: store, Clock: time.Now}, Digests: store,
		Feedback: store, Emoji: store,
		Hasher: hashing.New(), Limiter: limit.None{}, Live: nobody{}, Tickets: store,
		Setup: store.SetupSecret, Clock: time.Now,
		Log: slog.New(slog.DiscardHandler),
	})}
	c.add(t, "ada", chat.Owner)
	c.add(t, "jonas", chat.Member)
	c.add(t, "mira", chat.Member)
	c.add(t, "kim", chat.Guest)
	c.gateway = amazon.Start(t, amazon.Options{
		Program: s.program, Emulator: s.emulator, Tables: prefix, RateLimits: limits, Instances: s.each, Seed: uint64(s.made),
		Trouble: tr, May: awstest.Rights(t), Mapping: s.mapping,
	})
	c.gateway.Calm(true)
	jonas := client.New(c.URL(), c.people[1].Token)
	world.Must[wire.MyRoom](t)(jonas.AddRoom(ctx, wire.NewRoomBody{Kind: "private", Name: "leads", Members: []string{c.people[2].ID}}))
	world.Must[wire.MyRoom](t)(jonas.AddRoom(ctx, wire.NewRoomBody{Kind: "direct", Members: []string{c.people[0].ID}}))
	c.gateway.Calm(false)
	return c
}

type nobody struct{}

func (nobody) Deliver([]chat.Announcement) {}

func (c *cloud) add(t *testing.T, handle string, role chat.Role) {
	t.Helper()
	id, err := c.rules.AdminAddUser(context.Background(), chat.CommandLineUser{
		Email: handle + "@example.com", Name: handle, Handle: handle, Role: role, Password: world.Password,
	})
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.AddToken(handle)
	if err != nil {
		t.Fatal(err)
	}
	c.people = append(c.people, devices.Person{Handle: handle, ID: id, Token: token, Password: world.Password})
}

// URL, AddToken, Gateway and Close implement devices.Cloud.
func (c *cloud) URL() string { return c.gateway.URL() }

func (c *cloud) Gateway() devices.Gateway { return c.gateway }

func (c *cloud) AddToken(handle string) (string, error) {
	return c.rules.AdminAddToken(context.Background(), chat.CommandLineToken{Handle: handle, Name: "test"})
}

func (c *cloud) Close() error {
	err := c.gateway.Check()
	c.gateway.Close()
	return err
}

// TestModelInTheCloud runs TestModel on the real functions of AWS behind the hostile gateway. In some histories the records of a
// room are split by item, as the template prevents: then pushes change their order, and clients must still agree.
func TestModelInTheCloud(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	devices.SetDefault(t, "rapid.checks", "4")
	devices.SetDefault(t, "rapid.steps", "200")
	devices.SetDefault(t, "rapid.shrinktime", "1s")
	s := newSky(t)
	histories, split, steps, happened, did := 0, 0, 0, map[string]int{}, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		if s.mapping.ParallelizationFactor = 1; rapid.Bool().Draw(rt, "split by item") {
			s.mapping.ParallelizationFactor = 4
			split++
		}
		c := s.cloud(t, trouble(), "off")
		w := devices.New(t, rt, c, c.people)
		defer w.Close()
		steps += w.Run()
		histories++
		for what, n := range c.gateway.Happened() {
			happened[what] += n
		}
		for what, n := range w.Did {
			did[what] += n
		}
	})
	t.Logf("%d histories of %d steps in all, %d with records split by item, with %v and %v", histories, steps, split, happened, did)
	if len(happened) < 6 {
		t.Errorf("only %v happened: the test looks at a kind cloud", happened)
	}
}
