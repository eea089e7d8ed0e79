package rest_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/origin"
	"github.com/canteen-chat/canteen/rest"
	"github.com/canteen-chat/canteen/socket"
	"github.com/canteen-chat/canteen/sqlite"
	"github.com/canteen-chat/canteen/wire"
)

// testServer is a server on a free port, wired as in package server, except that the test moves its clock and provides its password
// hasher. Rate limits are on. The test sets a client's address with X-Forwarded-For. Ada owns the workspace; Mira and Sam are members.
type testServer struct {
	t     *testing.T
	url   string
	clock *world.Clock
}

func newTestServer(t *testing.T, hasher chat.Hasher) *testServer {
	t.Helper()
	ctx, log, clock := context.Background(), slog.New(slog.DiscardHandler), world.NewClock()
	hub := socket.New(socket.Options{Clock: clock.Now, Log: log, Limits: true})
	store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "canteen.db"), sqlite.Options{Feed: hub.Deliver, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	rules := chat.New(chat.Options{
		Store: store, Uses: store, Inbox: &attention.Inboxes{Store: store, Clock: clock.Now},
		Digests: store, Feedback: store, Audit: store, Emoji: store, Pictures: &model.Pictures{},
		Hasher: hasher, Limiter: limit.New(clock.Now), Live: hub, Tickets: &limit.Tickets{}, Clock: clock.Now,
		Log:   log,
		Setup: func(context.Context) (chat.SecretHash, error) { return chat.HashSecret("setup"), nil },
	})
	server := httptest.NewUnstartedServer(nil)
	f := &testServer{t, "http://" + server.Listener.Addr().String(), clock}
	public, err := origin.Parse(f.url)
	if err != nil {
		t.Fatal(err)
	}
	access := rest.NewAccess(rules, public, rest.NewProxies([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, log))
	server.Config.Handler, err = rest.New(rules, rest.Options{
		Access: access, Web: http.NotFoundHandler(), Log: log,
		Socket: hub.Handler(rules, socket.Doors{Who: access.Connects, Fail: rest.Fail}),
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(func() {
		hub.Drain(ctx)
		server.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, handle := range []string{"ada", "mira", "sam"} {
		u := chat.CommandLineUser{Email: handle + "@example.com", Name: handle, Handle: handle, Role: chat.Member, Password: world.Password}
		if handle == "ada" {
			u.Role = chat.Owner
		}
		if _, err := rules.AdminAddUser(ctx, u); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// answer is an answer of the server. cookie is the session cookie, or nil if the answer sets none.
type answer struct {
	status int
	header http.Header
	body   string
	cookie *http.Cookie
}

func (a answer) secret() string {
	if a.cookie == nil {
		return ""
	}
	return a.cookie.Value
}

// ask sends a request below /api/v1 from an address, as a browser with a secret in the session cookie ("": no cookie). It may be
// called from any goroutine.
func (f *testServer) ask(from, secret, method, path, body string) answer {
	req, err := http.NewRequest(method, f.url+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		f.t.Error(err)
		return answer{}
	}
	req.Header.Set("X-Forwarded-For", from)
	req.Header.Set("Origin", f.url)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if secret != "" {
		req.AddCookie(&http.Cookie{Name: "canteen", Value: secret})
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		f.t.Error(err)
		return answer{}
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Error(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(b)}
	for _, c := range resp.Cookies() {
		if c.Name == "canteen" {
			a.cookie = c
		}
	}
	return a
}

// clientIP is a client address for tests in which it does not matter.
const clientIP = "192.0.2.1"

// signIn signs in with the right password, from a browser whose session cookie is former. It returns the new secret.
func (f *testServer) signIn(handle, former string) string {
	f.t.Helper()
	a := f.ask(clientIP, former, http.MethodPost, "/session", form(f.t, handle+"@example.com", world.Password))
	if a.status != http.StatusCreated || a.secret() == "" {
		f.t.Fatalf("sign in as %s: %d %s", handle, a.status, a.body)
	}
	return a.secret()
}

// me returns the status of GET /me and the handle in its answer.
func (f *testServer) me(secret string) (int, string) {
	f.t.Helper()
	a := f.ask(clientIP, secret, http.MethodGet, "/me", "")
	var me wire.Me
	if a.status == http.StatusOK && json.Unmarshal([]byte(a.body), &me) != nil {
		f.t.Fatalf("GET /me: %s", a.body)
	}
	return a.status, me.Handle
}

func form(t *testing.T, email, password string) string {
	t.Helper()
	b, err := json.Marshal(wire.SignIn{Email: email, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// plainHasher is a hasher that takes no time.
type plainHasher struct{}

func (plainHasher) Hash(_ context.Context, _, p string) (string, error) { return "hash of " + p, nil }
func (plainHasher) Verify(_ context.Context, _, hash, p string) (bool, error) {
	return hash == "hash of "+p, nil
}
func (plainHasher) Weak(string, ...string) string { return "" }
