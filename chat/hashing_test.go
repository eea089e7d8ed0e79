package chat_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

// TestTokensBeyondTheRateHashNothing: the right password, sent over and over, costs a hash only while tokens can be made.
func TestTokensBeyondTheRateHashNothing(t *testing.T) {
	h := open(t, nil)
	rules := h.with(h.store, limit.New(h.clock))
	h.verified.Store(0)
	made := 0
	for range 50 {
		if _, _, err := rules.AddToken(t.Context(), h.people["mira"], chat.NewTokenInput{Name: "ci", Password: password}); err == nil {
			made++
		} else if outcome(err) != "429" {
			t.Fatal(err)
		}
	}
	if n := int(h.verified.Load()); n != made || made != 20 {
		t.Errorf("%d tokens were made, the password was verified %d times", made, n)
	}
}

// TestBusyHashersCostNoGuess: a password that nobody had time to verify counts against no rate of failures.
func TestBusyHashersCostNoGuess(t *testing.T) {
	h := open(t, nil)
	rules, ctx, mira := h.with(h.store, limit.New(h.clock)), t.Context(), h.people["mira"]
	for _, c := range []struct {
		what string
		do   func() error
	}{
		{"signing in", func() error {
			return second(rules.SignIn(ctx, chat.Visitor("192.0.2.1"), chat.SignInInput{Email: "sam@example.com", Password: password}))
		}},
		{"making a token", func() error {
			return third(rules.AddToken(ctx, mira, chat.NewTokenInput{Name: "ci", Password: password}))
		}},
		{"changing the password", func() error { return second(rules.ChangePassword(ctx, mira, password, "another quiet place")) }},
	} {
		h.busy.Store(true)
		for range 12 {
			if err := c.do(); outcome(err) != "503" {
				t.Fatalf("%s while the hashers are busy: %v", c.what, err)
			}
		}
		h.busy.Store(false)
		if err := c.do(); err != nil {
			t.Errorf("%s after that: %v", c.what, err)
		}
	}
}

// TestSendersOfPasswords: whoever is known takes turns at hashing as themselves, whatever others do from the same address. Strangers take
// them as their address.
func TestSendersOfPasswords(t *testing.T) {
	h, ctx := open(t, nil), t.Context()
	mira, olga := h.people["mira"], h.people["olga"]
	here := &browser{h: h, address: "192.0.2.1"}
	signIn := func(handle string) error {
		if _, got := here.signIn(handle, password); got != "ok" {
			return errors.New(got)
		}
		return nil
	}
	_, invite, err := h.rules.AddInvite(ctx, olga, chat.InviteInput{})
	h.must(err)
	reset, err := h.rules.AdminResetPassword(ctx, "jonas")
	h.must(err)
	for _, c := range []struct {
		what, sender string
		do           func() error
	}{
		{"signing in", here.address, func() error { return signIn("mira") }},
		{"signing in again", mira.User.ID, func() error { return signIn("mira") }},
		{"as another", here.address, func() error { return signIn("sam") }},
		{"signing up", here.address, func() error { return second(h.rules.SignUp(ctx, here.visitor(), newcomer(invite))) }},
		{"choosing a password by a link", h.people["jonas"].User.ID, func() error { return second(h.choose(reset)) }},
		{"making a token", mira.User.ID, func() error {
			return third(h.rules.AddToken(ctx, mira, chat.NewTokenInput{Name: "ci", Password: password}))
		}},
		{"changing the password", mira.User.ID, func() error { return second(h.rules.ChangePassword(ctx, mira, password, another)) }},
	} {
		if err := c.do(); err != nil || h.sender.Load() != c.sender {
			t.Errorf("%s: %v, as %v; want %s", c.what, err, h.sender.Load(), c.sender)
		}
	}
}

// stingy is a limiter that gives nothing back.
type stingy struct{ limit.None }

func (stingy) Give(context.Context, chat.Rate, string) error { return errors.New("no") }

// TestWhatIsDoneDoesNotFail: a rate that cannot be given back fails nothing that was done, but leaves a line in the log.
func TestWhatIsDoneDoesNotFail(t *testing.T) {
	h := open(t, nil)
	rules, ctx, mira := h.with(h.store, stingy{}), t.Context(), h.people["mira"]
	handle := "mira.novak"
	for what, do := range map[string]func() error{
		"signing in": func() error {
			return second(rules.SignIn(ctx, chat.Visitor("192.0.2.1"), chat.SignInInput{Email: "sam@example.com", Password: password}))
		},
		"making a token": func() error {
			return third(rules.AddToken(ctx, mira, chat.NewTokenInput{Name: "ci", Password: password}))
		},
		"a new handle": func() error { return third(rules.UpdateMe(ctx, mira, chat.UpdateMeInput{Handle: &handle})) },
		"a new password": func() error {
			return second(rules.ChangePassword(ctx, h.people["jonas"], password, "a quiet place to sit"))
		},
	} {
		h.log.Reset()
		if err := do(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if !strings.Contains(h.log.String(), "a rate was not given back") {
			t.Errorf("%s: %q", what, h.log.String())
		}
	}
}
