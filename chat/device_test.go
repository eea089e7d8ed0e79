package chat_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

// browser is a browser that keeps its device cookie.
type browser struct {
	h       *house
	address string
	cookie  string
}

func (b *browser) visitor() chat.Actor { return chat.Actor{Address: b.address, Device: b.cookie} }

func (b *browser) signIn(handle, password string) (chat.Actor, string) {
	s, err := b.h.rules.SignIn(b.h.t.Context(), b.visitor(), chat.SignInInput{Email: handle + "@example.com", Password: password})
	if err == nil {
		b.cookie = s.Device
	}
	s.Actor.Device = b.cookie
	return s.Actor, outcome(err)
}

// flood exhausts the sign-ins of Mira's account and of an address, as strangers would.
func flood(h *house, address string) {
	h.t.Helper()
	for i := range 200 {
		stranger := browser{h: h, address: address}
		if _, got := stranger.signIn("mira", "a guess"); i > 150 && got != "429" {
			h.t.Fatalf("guess %d at Mira's password: %s", i, got)
		}
		stranger.signIn(fmt.Sprintf("nobody%d", i), "a guess")
	}
	for range 1000 { // all requests of the address
		if _, err := h.rules.WorkspaceInfo(h.t.Context(), chat.Visitor(address), ""); outcome(err) == "429" {
			return
		}
	}
	h.t.Fatal("the address is not exhausted")
}

// limited is an open house with rates.
func limited(t *testing.T) *house {
	h := open(t, nil)
	h.rules = h.with(h.store, limit.New(h.clock))
	return h
}

// TestKnownBrowser (AU-04): strangers who guess at somebody's password, even from the same address, never keep out the browsers in which
// that person signed in before. All others wait.
func TestKnownBrowser(t *testing.T) {
	h := limited(t)
	const address = "192.0.2.1" // of a proxy that was not named, behind which all are
	known, shared := &browser{h: h, address: address}, &browser{h: h, address: address}
	known.signIn("mira", password)
	shared.signIn("mira", password)
	shared.signIn("jonas", password)
	sams := &browser{h: h, address: address}
	sams.signIn("sam", password)
	flood(h, address)

	forged := known.cookie[:len(known.cookie)-2] + "aa"
	for what, b := range map[string]*browser{
		"a new browser": {h: h, address: "203.0.113.1"}, "Sam's browser": {h: h, address: "203.0.113.2", cookie: sams.cookie},
		"a forged cookie": {h: h, address: "203.0.113.3", cookie: forged}, "no cookie at all": {h: h, address: "203.0.113.4", cookie: "..x"},
	} {
		if _, got := b.signIn("mira", password); got != "429" {
			t.Errorf("%s signs in as Mira: %s", what, got)
		}
	}
	for range 3 {
		for _, b := range []*browser{known, shared} {
			if _, err := h.rules.WorkspaceInfo(t.Context(), b.visitor(), ""); err != nil {
				t.Errorf("the page of a known browser: %v", err)
			}
			if _, got := b.signIn("mira", password); got != "ok" {
				t.Errorf("a known browser: %s", got)
			}
		}
	}
	if _, got := shared.signIn("jonas", password); got != "ok" {
		t.Errorf("the other person of a shared browser: %s", got)
	}
}

// TestKnownBrowserGuesses: a known browser has ten attempts in a quarter of an hour too, and its failures do not count for others. It does
// not count as known for other accounts.
func TestKnownBrowserGuesses(t *testing.T) {
	h := limited(t)
	stolen := &browser{h: h, address: "192.0.2.1"}
	stolen.signIn("mira", password)
	evaluated := 0
	for i := range 50 {
		stolen.address = fmt.Sprintf("192.0.2.%d", i)
		if _, got := stolen.signIn("mira", "a guess"); got == "401" {
			evaluated++
		}
	}
	if evaluated != 10 {
		t.Errorf("%d guesses of a known browser were evaluated", evaluated)
	}
	if _, got := (&browser{h: h, address: "203.0.113.1"}).signIn("mira", password); got != "ok" {
		t.Errorf("another browser: %s", got)
	}
	evaluated = 0
	for range 150 {
		sprays := &browser{h: h, address: "198.51.100.1"}
		sprays.signIn("sam", password) // each sign-in makes another device
		if _, got := sprays.signIn("jonas", "a guess"); got == "401" {
			evaluated++
		}
	}
	if evaluated != 10 {
		t.Errorf("%d guesses at Jonas's password were evaluated", evaluated)
	}
}

// TestDeviceCookie: a changed password ends the cookies of other browsers; this browser gets a new one. A cookie names at most four
// accounts, the latest first.
func TestDeviceCookie(t *testing.T) {
	h := limited(t)
	here, elsewhere := &browser{h: h, address: "192.0.2.1"}, &browser{h: h, address: "192.0.2.2"}
	elsewhere.signIn("mira", password)
	here.signIn("jonas", password)
	mira, _ := here.signIn("mira", password)
	if before := here.cookie; strings.Count(before, ".") != 1 {
		t.Errorf("the cookie of two accounts: %q", before)
	} else if here.signIn("mira", password); here.cookie != before {
		t.Errorf("signing in again: %q, was %q", here.cookie, before)
	}
	many := &browser{h: h, address: "192.0.2.3"}
	for i := range 6 {
		handle := fmt.Sprintf("person%d", i)
		h.add(handle, chat.Member)
		many.signIn(handle, password)
	}
	if n := strings.Count(many.cookie, ".") + 1; n != 4 || len(many.cookie) > 400 {
		t.Errorf("the cookie of six accounts names %d: %q", n, many.cookie)
	}
	changed, err := h.rules.ChangePassword(t.Context(), mira, password, "another quiet place")
	h.must(err)
	here.cookie = changed.Device
	flood(h, "192.0.2.1")
	if _, got := here.signIn("mira", "another quiet place"); got != "ok" {
		t.Errorf("the browser in which the password was changed: %s", got)
	}
	if _, got := here.signIn("jonas", password); got != "ok" {
		t.Errorf("the other account of that browser: %s", got)
	}
	if _, got := elsewhere.signIn("mira", "another quiet place"); got != "429" {
		t.Errorf("a browser known under the former password: %s", got)
	}
}

// TestForgedDevices: each account that a cookie names costs one read, four at most, whether there is such an account or not, and whether
// the cookie is genuine or not.
func TestForgedDevices(t *testing.T) {
	h := open(t, nil)
	mira := &browser{h: h, address: "192.0.2.1"}
	mira.signIn("mira", password)
	genuine := mira.cookie
	letters := genuine[12:]
	for what, c := range map[string]struct {
		cookie string
		reads  int
	}{
		"none":                       {"", 0},
		"no device":                  {strings.Repeat("x.", 100), 0},
		"genuine":                    {genuine, 1},
		"of somebody else's letters": {h.people["jonas"].User.ID + letters, 1},
		"of nobody":                  {"aaaaaaaaaaaa" + letters, 1},
		"of many":                    {strings.Repeat("aaaaaaaaaaaa"+letters+"."+genuine+".", 50), 4},
	} {
		store := &counted{Store: h.store}
		h.rules = h.with(store, limit.None{})
		b := &browser{h: h, address: "192.0.2.1", cookie: c.cookie}
		if _, err := h.rules.WorkspaceInfo(t.Context(), b.visitor(), ""); err != nil || store.users != c.reads {
			t.Errorf("a visit with a cookie %s: %d reads, want %d (%v)", what, store.users, c.reads, err)
		}
		for _, handle := range []string{"mira", "nobody"} {
			store.users = 0
			if _, got := b.signIn(handle, "a guess"); got != "401" || store.users != c.reads+1 {
				t.Errorf("%s signs in with a cookie %s: %s, %d reads, want %d", handle, what, got, store.users, c.reads+1)
			}
		}
	}
}
