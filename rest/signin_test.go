package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// blockingHasher is a hasher whose password checks block until they are released.
type blockingHasher struct {
	plainHasher
	began   chan struct{} // one for each check
	release chan struct{} // closed
}

func (h *blockingHasher) Verify(ctx context.Context, sender, hash, p string) (bool, error) {
	h.began <- struct{}{}
	<-h.release
	return h.plainHasher.Verify(ctx, sender, hash, p)
}

// guesses sends n guesses at once, each with an address and an e-mail address. It blocks the password checks until all other guesses are
// answered. It returns the number of password checks, and all answers.
func (h *blockingHasher) guesses(f *testServer, n int, guess func(i int) (from, email string)) (checked int, answers []answer) {
	h.began, h.release = make(chan struct{}, n), make(chan struct{})
	answered := make(chan answer, n)
	for i := range n {
		from, email := guess(i)
		body := form(f.t, email, "a guess")
		go func() { answered <- f.ask(from, "", http.MethodPost, "/session", body) }()
	}
	for checked+len(answers) < n {
		select {
		case <-h.began:
			checked++
		case a := <-answered:
			answers = append(answers, a)
		}
	}
	close(h.release)
	for len(answers) < n {
		answers = append(answers, <-answered)
	}
	return checked, answers
}

// TestParallelGuesses (AU-02): of guesses sent at once, from one address or many, only as many as the burst of the rate reach the
// password check. The others get 429 with Retry-After.
func TestParallelGuesses(t *testing.T) {
	spellings := []string{"mira@example.com", "MIRA@example.com", " mira@Example.com ", "Mira@EXAMPLE.com"}
	for _, c := range []struct {
		name    string
		n       int
		guess   func(i int) (from, email string)
		checked int
		retry   string // seconds
	}{
		{"one account from one address", 100, func(int) (string, string) { return "198.51.100.1", "mira@example.com" }, 10, "90"},
		{"one account from a hundred addresses", 100, func(i int) (string, string) {
			return fmt.Sprintf("198.51.100.%d", i), "mira@example.com"
		}, 10, "90"},
		{"one account in four spellings", 100, func(i int) (string, string) {
			return fmt.Sprintf("198.51.100.%d", i), spellings[i%len(spellings)]
		}, 10, "90"},
		{"an account that does not exist", 100, func(int) (string, string) { return "198.51.100.1", "nobody@example.com" }, 10, "90"},
		{"many accounts from one address", 150, func(i int) (string, string) {
			return "198.51.100.1", fmt.Sprintf("user%d@example.com", i)
		}, 100, "9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &blockingHasher{}
			f := newTestServer(t, h)
			checked, answers := h.guesses(f, c.n, c.guess)
			if checked != c.checked {
				t.Errorf("%d guesses reached the password check, want %d", checked, c.checked)
			}
			refused := 0
			for _, a := range answers {
				switch {
				case a.cookie != nil:
					t.Errorf("a guess set a cookie: %d %s", a.status, a.body)
				case a.status == http.StatusTooManyRequests:
					if refused++; a.header.Get("Retry-After") != c.retry || !strings.Contains(a.body, `"code":"rate_limited"`) {
						t.Errorf("Retry-After %q, want %s: %s", a.header.Get("Retry-After"), c.retry, a.body)
					}
				case a.status != http.StatusUnauthorized || a.header.Get("Retry-After") != "":
					t.Errorf("%d, Retry-After %q: %s", a.status, a.header.Get("Retry-After"), a.body)
				}
			}
			if refused != c.n-c.checked {
				t.Errorf("%d were refused, want %d", refused, c.n-c.checked)
			}
		})
	}
}

// TestAfterTheGuesses (AU-02, AU-04): guessing blocks only sign-ins with a password, and only as long as Retry-After says. Refused guesses
// do not prolong it. Sessions stay valid, and right passwords do not count against the rate.
func TestAfterTheGuesses(t *testing.T) {
	h := &blockingHasher{began: make(chan struct{}, 100), release: make(chan struct{})}
	close(h.release) // password checks do not block yet
	f := newTestServer(t, h)
	sign := func(password string) int {
		t.Helper()
		return f.ask(clientIP, "", http.MethodPost, "/session", form(t, "mira@example.com", password)).status
	}
	for range 30 {
		if status := sign(world.Password); status != http.StatusCreated {
			t.Fatalf("a right password: %d", status)
		}
	}
	ownSecret := f.signIn("mira", "")
	h.guesses(f, 100, func(i int) (string, string) { return fmt.Sprintf("198.51.100.%d", i), "mira@example.com" })
	if status, who := f.me(ownSecret); status != http.StatusOK || who != "mira" {
		t.Errorf("a session from before: %d", status)
	}
	f.signIn("sam", "")
	for _, step := range []struct {
		after    time.Duration
		password string
		want     int
	}{
		{0, world.Password, http.StatusTooManyRequests},
		{89 * time.Second, world.Password, http.StatusTooManyRequests},
		{time.Second, "a guess", http.StatusUnauthorized},
		{0, world.Password, http.StatusTooManyRequests},
		{90 * time.Second, world.Password, http.StatusCreated},
		{0, world.Password, http.StatusCreated}, // the sign-in before gave its token back to the rate
		{0, "a guess", http.StatusUnauthorized},
		{0, world.Password, http.StatusTooManyRequests},
	} {
		f.clock.Advance(step.after)
		if status := sign(step.password); status != step.want {
			t.Errorf("%s later, %q: %d, want %d", step.after, step.password, status, step.want)
		}
	}
}

// TestSessionFixation (AU-06): a sign-in always gives the browser a new session secret, and makes the secret invalid that the browser had
// before, whoever planted it.
func TestSessionFixation(t *testing.T) {
	f := newTestServer(t, plainHasher{})
	planted := chat.NewSecretOf("aaaaaaaaaaaa") // of the right form
	for _, c := range []struct {
		name   string
		former func() string
	}{
		{"no cookie", func() string { return "" }},
		{"an invented secret", func() string { return planted }},
		{"an invented secret, again", func() string { return planted }},
		{"an attacker's live session", func() string { return f.signIn("sam", "") }},
		{"one's own live session", func() string { return f.signIn("mira", "") }},
		{"one's own session that ended", func() string {
			s := f.signIn("mira", "")
			if a := f.ask(clientIP, s, http.MethodDelete, "/session", ""); a.status != http.StatusNoContent {
				t.Fatalf("sign out: %d %s", a.status, a.body)
			}
			return s
		}},
	} {
		former := c.former()
		bystander, other := f.signIn("mira", ""), f.signIn("sam", "")
		fresh := f.signIn("mira", former)
		if fresh == former || fresh == planted || len(fresh) < 32 {
			t.Errorf("%s: signed in with the secret %q, which was used before", c.name, fresh)
		}
		if status, who := f.me(fresh); status != http.StatusOK || who != "mira" {
			t.Errorf("%s: the new session: %d %s", c.name, status, who)
		}
		if former != "" {
			if status, who := f.me(former); status != http.StatusUnauthorized {
				t.Errorf("%s: the cookie from before is %s's: %d", c.name, who, status)
			}
		}
		for _, s := range []string{bystander, other} { // of other browsers
			if status, _ := f.me(s); status != http.StatusOK {
				t.Errorf("%s: a session of another browser ended: %d", c.name, status)
			}
		}
	}
}

// TestWorkspaceSaysWhoIsSignedIn: a page learns at its start whether there is a session, and asks for nothing that is refused.
func TestWorkspaceSaysWhoIsSignedIn(t *testing.T) {
	f := newTestServer(t, plainHasher{})
	secret := f.signIn("mira", "")
	says := func(what, secret string, want bool) {
		t.Helper()
		var w wire.Workspace
		a := f.ask(clientIP, secret, http.MethodGet, "/workspace", "")
		if err := json.Unmarshal([]byte(a.body), &w); a.status != http.StatusOK || err != nil || w.SignedIn != want {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
		if a.cookie != nil {
			t.Errorf("%s: the cookie is set to %q", what, a.secret())
		}
	}
	says("without a cookie", "", false)
	says("with the cookie of a session", secret, true)
	says("with another cookie", "nobody has this", false)
	f.ask(clientIP, secret, http.MethodDelete, "/session", "")
	says("after signing out", secret, false)
	secret = f.signIn("mira", "")
	f.clock.Advance(chat.SessionIdle)
	says("when the session has run out", secret, false)
}

// TestSessionCookieChangesOnlyWhereItMust (AU-06): only the answer of a sign-in, of a new password and of ending the other sessions sets
// a secret, and the former one is dead. A refused request ends no session, and an ended session stays ended.
func TestSessionCookieChangesOnlyWhereItMust(t *testing.T) {
	f := newTestServer(t, plainHasher{})
	ownSecret := f.signIn("mira", "")
	for _, c := range []struct {
		name, secret, method, path, body string
		status                           int
	}{
		{"a visitor looks", "", http.MethodGet, "/workspace", "", 200},
		{"an invented cookie looks", "planted", http.MethodGet, "/workspace", "", 200},
		{"an invented cookie asks", "planted", http.MethodGet, "/me", "", 401},
		{"a secret in the query", "", http.MethodGet, "/me?session=" + ownSecret, "", 401},
		{"a wrong password", ownSecret, http.MethodPost, "/session", form(t, "mira@example.com", "a guess"), 401},
		{"another's wrong password", ownSecret, http.MethodPost, "/session", form(t, "sam@example.com", "a guess"), 401},
		{"a form without password", ownSecret, http.MethodPost, "/session", `{"email":"mira@example.com"}`, 400},
		{"an unknown invite", ownSecret, http.MethodPost, "/signup",
			`{"invite":"x","name":"Kim","handle":"kim","email":"kim@example.com","password":"` + world.Password + `"}`, 404},
		{"signed in", ownSecret, http.MethodGet, "/me", "", 200},
		{"a wrong present password", ownSecret, http.MethodPost, "/me/password", `{"current":"a guess","new":"another quiet place"}`, 400},
	} {
		if a := f.ask(clientIP, c.secret, c.method, c.path, c.body); a.status != c.status || a.cookie != nil {
			t.Errorf("%s: %d, cookie %v, want %d and none: %s", c.name, a.status, a.cookie, c.status, a.body)
		}
	}
	was := sessionsOf(f, ownSecret)
	for _, c := range []struct{ name, method, path, body string }{
		{"ending the others", http.MethodDelete, "/sessions", ""},
		{"a new password", http.MethodPost, "/me/password", `{"current":"` + world.Password + `","new":"another quiet place"}`},
	} {
		elsewhere := f.signIn("mira", "")
		a := f.ask(clientIP, ownSecret, c.method, c.path, c.body)
		if a.status != http.StatusNoContent || a.cookie == nil || a.secret() == ownSecret {
			t.Fatalf("%s: %d, cookie %v", c.name, a.status, a.cookie)
		}
		for what, secret := range map[string]string{"the former secret": ownSecret, "the session elsewhere": elsewhere} {
			if status, _ := f.me(secret); status != http.StatusUnauthorized {
				t.Errorf("%s: %s: %d", c.name, what, status)
			}
		}
		ownSecret = a.secret()
		now := sessionsOf(f, ownSecret)
		if len(now) != 1 || !slices.ContainsFunc(was, func(s wire.Session) bool { return s.ID == now[0].ID && s.Current }) {
			t.Errorf("%s: the session is another: %+v", c.name, now)
		}
	}
	a := f.ask(clientIP, ownSecret, http.MethodDelete, "/session", "")
	if a.status != http.StatusNoContent || a.cookie == nil || a.secret() != "" || a.cookie.MaxAge >= 0 {
		t.Errorf("signed out: %d, cookie %v", a.status, a.cookie)
	}
	for range 2 {
		if status, _ := f.me(ownSecret); status != http.StatusUnauthorized {
			t.Errorf("a session that was signed out: %d", status)
		}
	}
}

// TestSessionsOfAUserAreBounded (AU-14): when a user has more than 50 sessions, the oldest ends at once, even if it was just in use. Its
// socket and its tickets end with it.
func TestSessionsOfAUserAreBounded(t *testing.T) {
	f := newTestServer(t, plainHasher{})
	ctx := context.Background()
	others := f.signIn("sam", "")
	oldest := client.New(f.url, "")
	world.Must[wire.Me](t)(oldest.SignIn(ctx, "mira@example.com", world.Password))
	live := world.Must[*client.Live](t)(oldest.Dial(ctx))
	t.Cleanup(func() { _ = live.Close() })
	ticket := func() string {
		var made wire.Ticket
		if err := oldest.Do(ctx, http.MethodPost, "/ws-ticket", nil, &made); err != nil {
			t.Fatal(err)
		}
		return made.Ticket
	}
	var secrets []string
	sign := func() {
		f.clock.Advance(time.Millisecond) // sessions are ordered by when they were made
		secrets = append(secrets, f.signIn("mira", ""))
	}
	for range chat.MaxSessions - 1 {
		sign()
		world.Must[wire.Me](t)(oldest.Me(ctx))
	}
	if got := len(sessionsOf(f, secrets[0])); got != chat.MaxSessions {
		t.Fatalf("%d sessions, want %d: the oldest ended too early", got, chat.MaxSessions)
	}
	unused := ticket()
	sign()
	if _, err := oldest.Me(ctx); client.Status(err) != http.StatusUnauthorized {
		t.Errorf("the oldest of 51 sessions: %v", err)
	}
	if _, err := oldest.Dial(ctx); client.Status(err) != http.StatusUnauthorized {
		t.Errorf("a new socket of the oldest: %v", err)
	}
	_, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(f.url, "http")+"/ws?ticket="+unused, nil)
	if !errors.Is(err, websocket.ErrBadHandshake) || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a ticket of the oldest opens a socket: %v", err)
	}
	for err = nil; err == nil; {
		_, err = live.Next()
	}
	if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || closed.Code != wire.CloseEnded {
		t.Errorf("the socket of the oldest: %v", err)
	}
	for range chat.MaxSessions / 2 {
		sign()
	}
	over := len(secrets) - chat.MaxSessions
	for i, s := range secrets {
		if status, _ := f.me(s); (status == http.StatusOK) != (i >= over) {
			t.Errorf("session %d of %d, with room for %d: %d", i, len(secrets), chat.MaxSessions, status)
		}
	}
	if got := len(sessionsOf(f, secrets[over])); got != chat.MaxSessions {
		t.Errorf("%d sessions, want %d", got, chat.MaxSessions)
	}
	if status, _ := f.me(others); status != http.StatusOK {
		t.Errorf("another's session: %d", status)
	}
}

func sessionsOf(f *testServer, secret string) []wire.Session {
	f.t.Helper()
	var s wire.Sessions
	if a := f.ask(clientIP, secret, http.MethodGet, "/sessions", ""); a.status != http.StatusOK ||
		json.Unmarshal([]byte(a.body), &s) != nil {
		f.t.Fatalf("sessions: %d %s", a.status, a.body)
	}
	return s.Sessions
}

// TestDeviceCookie (AU-04): signing in sets a cookie that no script and no other site can use. It signs nobody in. With it, the right
// password signs in although strangers have used up the attempts of the account and of the address.
func TestDeviceCookie(t *testing.T) {
	f := newTestServer(t, plainHasher{})
	sign := func(device string) (status int, cookies map[string]*http.Cookie) {
		body := strings.NewReader(form(t, "mira@example.com", world.Password))
		req, err := http.NewRequest(http.MethodPost, f.url+"/api/v1/session", body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"Content-Type": {"application/json"}, "X-Forwarded-For": {clientIP}}
		if device != "" {
			req.AddCookie(&http.Cookie{Name: "canteen-device", Value: device})
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		cookies = map[string]*http.Cookie{}
		for _, c := range resp.Cookies() {
			cookies[c.Name] = c
		}
		return resp.StatusCode, cookies
	}
	_, cookies := sign("")
	device := cookies["canteen-device"]
	if device == nil || !device.HttpOnly || device.SameSite != http.SameSiteStrictMode || device.Path != "/" || device.Domain != "" ||
		device.MaxAge != 400*24*60*60 {
		t.Fatalf("the device cookie: %v", device)
	}
	if status, _ := f.me(device.Value); status != http.StatusUnauthorized {
		t.Errorf("the device cookie as a session: %d", status)
	}
	for i := range 120 {
		f.ask(clientIP, "", http.MethodPost, "/session", form(t, "mira@example.com", "a guess"))
		f.ask(clientIP, "", http.MethodPost, "/session", form(t, fmt.Sprintf("nobody%d@example.com", i), "a guess"))
	}
	if status, cookies := sign(""); status != http.StatusTooManyRequests || len(cookies) != 0 {
		t.Errorf("an unknown browser: %d, %v", status, cookies)
	}
	if status, cookies := sign(device.Value); status != http.StatusCreated || cookies["canteen-device"].Value != device.Value {
		t.Errorf("the known browser: %d, %v", status, cookies)
	}
}
