// Package world has the fixtures for tests of the whole product: a real server on a free port, with users who use it through package
// client. Everything that a test does not mention has a simple default.
//
// The users are always the same: Ada owns the workspace; Mira, Jonas and Sam are members; Kim is a guest. Sam and Kim are in no
// private room unless a test adds them.
//
// It may import chat, wire, client, server and the driver of SQLite.
package world

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// Password is the password of all users.
const Password = "a quiet place to eat"

// World is a running server with users, each with a token.
type World struct {
	Dir   string            // data directory
	URL   string            // with an IP address, so that no name is resolved
	ID    map[string]string // user ids by handle
	Token map[string]string // tokens by handle

	Stop func() // stops the server; the end of the test does it too

	t       testing.TB
	server  *server.Server
	seen    *seen
	mu      sync.Mutex
	clients map[string]*client.Client // by token
}

// Options change the defaults of a world.
type Options struct {
	Dir     string       // data directory; empty: a temporary one
	NoRates bool         // without rate limits
	Empty   bool         // the workspace is not set up
	Proxied bool         // requests come through a proxy on this machine, whose X-Forwarded-For is trusted
	Log     *slog.Logger // nil: no log

	Configure func(*server.Config) // changes the rest of the configuration; nil: nothing
}

// Open starts a server with the usual users and rate limits until the end of the test.
func Open(t testing.TB) *World {
	t.Helper()
	return OpenWith(t, Options{})
}

// OpenFast starts a server with the usual users and without rate limits. Its data is in memory if the machine has /dev/shm.
func OpenFast(t testing.TB) *World {
	t.Helper()
	return OpenWith(t, Options{Dir: memory(t), NoRates: true})
}

// OpenWith starts a server with options.
func OpenWith(t testing.TB, o Options) *World {
	t.Helper()
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "data")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	log, seen := watch(t, o.Log)
	cfg := server.Config{Addr: "127.0.0.1:0", Data: o.Dir, RateLimits: !o.NoRates}
	if o.Proxied {
		cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}
	if o.Configure != nil {
		o.Configure(&cfg)
	}
	s, err := server.Start(context.Background(), cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	stop := sync.OnceFunc(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	w := &World{
		Stop: stop,
		Dir:  o.Dir, URL: strings.Replace(s.URL(), "localhost", "127.0.0.1", 1), ID: map[string]string{}, Token: map[string]string{},
		t: t, server: s, seen: seen, clients: map[string]*client.Client{},
	}
	if o.Empty {
		return w
	}
	w.Add("ada", chat.Owner)
	for _, handle := range []string{"mira", "jonas", "sam"} {
		w.Add(handle, chat.Member)
	}
	w.Add("kim", chat.Guest)
	return w
}

// memory is a temporary directory, in memory if possible, so that commands do not wait for the disk.
func memory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "canteen")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// SetupLink is the setup link of an empty world.
func (w *World) SetupLink() string {
	w.t.Helper()
	link, due, err := w.server.SetupLink(context.Background())
	if err != nil || !due {
		w.t.Fatalf("the workspace is set up already, or: %v", err)
	}
	return link
}

// Add creates a user with a token. The name is the handle with a capital letter.
func (w *World) Add(handle string, role chat.Role) {
	w.t.Helper()
	w.admin(func(ctx context.Context, a server.Admin) (err error) {
		w.ID[handle], err = a.AddUser(ctx, chat.CommandLineUser{
			Email: handle + "@example.com", Name: strings.ToUpper(handle[:1]) + handle[1:], Handle: handle, Role: role, Password: Password,
		})
		return err
	})
	w.AddToken(handle)
}

// AddBot creates a bot with a token, and makes it a member of a room by.
func (w *World) AddBot(handle, by, room string) {
	w.t.Helper()
	w.admin(func(ctx context.Context, a server.Admin) (err error) {
		w.ID[handle], err = a.AddUser(ctx, chat.CommandLineUser{
			Name: strings.ToUpper(handle[:1]) + handle[1:], Handle: handle, Role: chat.Member, Bot: true,
		})
		return err
	})
	w.AddToken(handle)
	if _, err := w.As(by).PutMember(context.Background(), room, w.ID[handle], ""); err != nil {
		w.t.Fatal(err)
	}
}

// AddToken creates another token for a user. As uses it from then on.
func (w *World) AddToken(handle string) {
	w.t.Helper()
	w.admin(func(ctx context.Context, a server.Admin) error {
		token, err := a.AddToken(ctx, chat.CommandLineToken{Handle: handle, Name: "test"})
		w.mu.Lock()
		defer w.mu.Unlock()
		w.Token[handle] = token
		w.seen.secret(token)
		return err
	})
}

// admin runs an administration command, as the command line does.
func (w *World) admin(do func(context.Context, server.Admin) error) {
	w.t.Helper()
	ctx := context.Background()
	a, done, err := server.OpenAdmin(ctx, w.Dir, false, slog.New(slog.DiscardHandler))
	if err == nil {
		err = errors.Join(do(ctx, a), done())
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// As is a client with the user's latest token.
func (w *World) As(handle string) *client.Client {
	w.mu.Lock()
	defer w.mu.Unlock()
	token := w.Token[handle]
	if w.clients[token] == nil {
		w.clients[token] = client.New(w.URL, token)
	}
	return w.clients[token]
}

// SignIn is a client with a new session of the user.
func (w *World) SignIn(handle string) *client.Client {
	w.t.Helper()
	c := client.New(w.URL, "")
	if _, err := c.SignIn(context.Background(), handle+"@example.com", Password); err != nil {
		w.t.Fatalf("sign in as %s: %v", handle, err)
	}
	return c
}

var requestID = regexp.MustCompile(`"request_id":"[^"]*"`) //nolint:gochecknoglobals // compiled once

// Raw sends a request with a user's token (none if handle is ""). It gives the status, and the body without its request id.
func (w *World) Raw(handle, method, path, body string) (int, string) {
	w.t.Helper()
	header := http.Header{}
	if handle != "" {
		header.Set("Authorization", "Bearer "+w.Token[handle])
	}
	resp := w.Send(method, path, body, header)
	return resp.StatusCode, requestID.ReplaceAllString(resp.Body, "")
}

// Response is an answer whose body has been read.
type Response struct {
	StatusCode int
	Header     http.Header
	Cookies    []*http.Cookie
	Body       string
}

// Send sends a request with these headers. If there is a body and no Content-Type, it adds that of JSON.
func (w *World) Send(method, path, body string, header http.Header) Response {
	w.t.Helper()
	req, err := http.NewRequest(method, w.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if header != nil {
		req.Header = header.Clone()
	}
	if body != "" && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return Response{resp.StatusCode, resp.Header, resp.Cookies(), string(b)}
}

// General is the id of the room general, which all members are in.
func (w *World) General() string {
	w.t.Helper()
	for _, r := range Must[[]wire.MyRoom](w.t)(w.As("ada").Rooms(context.Background())) {
		if r.Name == "general" {
			return r.ID
		}
	}
	w.t.Fatal("there is no room general")
	return ""
}

// Room creates a room as a user, with others as members, and gives its id. The name of a direct room must be "".
func (w *World) Room(by, kind, name string, others ...string) string {
	w.t.Helper()
	ids := make([]string, len(others))
	for i, o := range others {
		ids[i] = w.ID[o]
	}
	r := Must[wire.MyRoom](w.t)(w.As(by).AddRoom(context.Background(), wire.NewRoomBody{Kind: kind, Name: name, Members: ids}))
	return r.ID
}

// Post posts "hello" as a user, with UUID(n) as its idempotency key.
func (w *World) Post(who, room string, n int) wire.Message {
	w.t.Helper()
	return w.Say(who, room, n, "hello")
}

// Say posts a text as a user, with UUID(n) as its idempotency key.
func (w *World) Say(who, room string, n int, text string) wire.Message {
	w.t.Helper()
	w.seen.secret(text)
	return Must[wire.Message](w.t)(w.As(who).Post(context.Background(), room, wire.PostMessage{ClientID: UUID(n), Text: text}))
}

// Patch changes a user as another user.
func (w *World) Patch(by, user string, change wire.UpdateUser) error {
	return w.As(by).Do(context.Background(), http.MethodPatch, "/users/"+w.ID[user], change, nil)
}

// Deactivate deactivates a user, as Ada.
func (w *World) Deactivate(user string) {
	w.t.Helper()
	if err := w.Patch("ada", user, wire.UpdateUser{Deactivated: new(true)}); err != nil {
		w.t.Fatal(err)
	}
}
