package chat_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

const another = "another quiet place"

// choose uses a link.
func (h *house) choose(token string) (chat.SignedIn, error) {
	return h.rules.ResetPassword(context.Background(), chat.Visitor("192.0.2.1"), chat.NewPasswordInput{Token: token, Password: another})
}

// signsIn says with which code Mira signs in by a password.
func (h *house) signsIn(password string) string {
	in := chat.SignInInput{Email: "mira@example.com", Password: password}
	return outcome(second(h.rules.SignIn(context.Background(), chat.Visitor("192.0.2.1"), in)))
}

// TestReset: a link takes away the password and all access, and lets its user choose a new password, once.
func TestReset(t *testing.T) {
	h, ctx, visitor := open(t, nil), t.Context(), chat.Visitor("192.0.2.1")
	mira := h.people["mira"]
	_, token, err := h.rules.AddToken(ctx, mira, chat.NewTokenInput{Name: "ci"})
	h.must(err)
	secret, err := h.rules.AdminResetPassword(ctx, "mira")
	h.must(err)
	if _, err := h.rules.Still(ctx, mira); outcome(err) != "401" {
		t.Errorf("her session: %v", err)
	}
	if _, err := h.rules.ByToken(ctx, token); outcome(err) != "401" {
		t.Errorf("her token: %v", err)
	}
	_, hash, err := h.store.CredentialsOf(ctx, mira.User.ID)
	h.must(err)
	for what, p := range map[string]string{"the old password": password, "the link's secret": secret, "what is stored": hash} {
		if got := h.signsIn(p); got != "401" {
			t.Errorf("signing in by %s: %s", what, got)
		}
	}
	if strings.Contains(hash, secret) || strings.Contains(hash, secret[12:]) {
		t.Error("the secret is stored")
	}
	h.must(h.rules.CheckReset(ctx, visitor, secret))
	weak := chat.NewPasswordInput{Token: secret, Password: "password"}
	is(t, "a weak password", second(h.rules.ResetPassword(ctx, visitor, weak)), chat.Invalid, "password")
	in, err := h.choose(secret)
	h.must(err)
	if now, err := h.rules.BySession(ctx, in.Secret); err != nil || now.User.ID != mira.User.ID || in.Device == "" {
		t.Errorf("signed in as %+v, %v", now, err)
	}
	if old, now := h.signsIn(password), h.signsIn(another); old != "401" || now != "ok" {
		t.Errorf("the old password: %s, the new one: %s", old, now)
	}
	is(t, "the link again", second(h.choose(secret)), chat.NotFound, "token")
	for _, line := range []string{`what="password reset" address="command line" of=` + mira.User.ID + " of_handle=mira",
		`what="password chosen by a link" user=` + mira.User.ID} {
		if !strings.Contains(h.log.String(), line) {
			t.Errorf("no line %s in\n%s", line, h.log.String())
		}
	}
	if strings.Contains(h.log.String(), secret[12:]) {
		t.Error("the log has the secret")
	}
}

// TestDeadResets: a link that is too old, replaced, or for somebody who was deactivated gets the answer of an unknown one.
func TestDeadResets(t *testing.T) {
	h, ctx, visitor := open(t, nil), t.Context(), chat.Visitor("192.0.2.1")
	reset := func() string {
		secret, err := h.rules.AdminResetPassword(ctx, "mira")
		h.must(err)
		return secret
	}
	unknown := h.rules.CheckReset(ctx, visitor, "guess")
	dead := func(what, token string) {
		t.Helper()
		for _, err := range []error{h.rules.CheckReset(ctx, visitor, token), second(h.choose(token))} {
			if outcome(err) != "404" || err.Error() != unknown.Error() {
				t.Errorf("%s: %v, want %v", what, err, unknown)
			}
		}
	}
	mira := h.people["mira"].User.ID
	dead("another secret of a user who has a password", chat.NewSecretOf(mira))
	first := reset()
	dead("another secret", chat.NewSecretOf(mira))
	dead("nobody's", chat.NewSecretOf(chat.NewID()))
	second := reset()
	dead("replaced", first)
	h.pass(chat.ResetLife - time.Second)
	h.must(h.rules.CheckReset(ctx, visitor, second))
	h.pass(time.Second)
	dead("too old", second)
	third, yes := reset(), true
	h.must(h.rules.UpdateUser(ctx, h.people["olga"], mira, chat.UpdateUserInput{Deactivated: &yes}))
	dead("of somebody who was deactivated", third)
}

// TestWhoIsReset: people who have a password, or had one.
func TestWhoIsReset(t *testing.T) {
	h := open(t, nil)
	_, err := h.rules.AdminAddUser(t.Context(), chat.CommandLineUser{Name: "Builds", Handle: "builds", Role: chat.Member, Bot: true})
	h.must(err)
	for handle, code := range map[string]chat.Code{
		"mira": "", "olga": "", "builds": chat.Invalid, "dora": chat.Invalid, "nobody": chat.Invalid,
	} {
		field := "handle"
		if code == "" {
			field = ""
		}
		_, err := h.rules.AdminResetPassword(t.Context(), handle)
		is(t, handle, err, code, field)
	}
}

// meeting is a store whose first two readers of a password wait for each other.
type meeting struct {
	chat.Store
	readers atomic.Int32
	both    sync.WaitGroup
}

func (m *meeting) CredentialsOf(ctx context.Context, id string) (chat.User, string, error) {
	u, hash, err := m.Store.CredentialsOf(ctx, id)
	if m.readers.Add(1) <= 2 {
		m.both.Done()
		m.both.Wait()
	}
	return u, hash, err
}

// TestResetIsUsedOnce: of two who use a link at once, one gets in.
func TestResetIsUsedOnce(t *testing.T) {
	h := open(t, nil)
	secret, err := h.rules.AdminResetPassword(t.Context(), "mira")
	h.must(err)
	m := &meeting{Store: h.store}
	m.both.Add(2)
	h.rules = h.with(m, limit.None{})
	outcomes := make(chan string, 2)
	for range 2 {
		go func() { outcomes <- outcome(second(h.choose(secret))) }()
	}
	if got := []string{<-outcomes, <-outcomes}; !slices.Contains(got, "ok") || !slices.Contains(got, "404") {
		t.Errorf("%v", got)
	}
}

// TestResetsAreCounted: links that do not work count against the rate; those that work do not.
func TestResetsAreCounted(t *testing.T) {
	h, visitor := open(t, nil), chat.Visitor("192.0.2.1")
	h.rules = h.limited(limit.New(h.clock))
	secret, err := h.rules.AdminResetPassword(t.Context(), "mira")
	h.must(err)
	for range 150 {
		h.must(h.rules.CheckReset(t.Context(), visitor, secret))
	}
	for n := range 101 {
		if err := h.rules.CheckReset(t.Context(), visitor, "guess"); (outcome(err) == "429") != (n == 100) {
			t.Fatalf("guess %d: %v", n, err)
		}
	}
}
