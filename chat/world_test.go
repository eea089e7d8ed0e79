package chat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/unfurl"
	"github.com/canteen-chat/canteen/vital"
)

const password = "a quiet place to eat"

// plain is a hasher whose hashes cost nothing. It counts how often a password is verified, and is busy when it is told to be.
type plain struct {
	verified *atomic.Int32
	busy     *atomic.Bool
	sender   *atomic.Value
}

func (h plain) Hash(_ context.Context, sender, p string) (string, error) {
	h.sender.Store(sender)
	return "hash of " + p, nil
}

func (h plain) Verify(_ context.Context, sender, hash, p string) (bool, error) {
	if h.busy.Load() {
		return false, chat.ErrUnavailable(errors.New("too many wait"))
	}
	h.verified.Add(1)
	h.sender.Store(sender)
	return hash == "hash of "+p, nil
}

func (plain) Weak(p string, _ ...string) string {
	if p == "password" {
		return "Choose a password that is harder to guess."
	}
	return ""
}

// house is the rules on the model store, with a clock that stands still. Olga is its first owner; the room is one that Jonas owns
// and Mira is in.
type house struct {
	t     testing.TB
	store *model.Store
	rules *chat.Canteen
	log   bytes.Buffer
	setup chat.SecretHash

	vitals []vital.Vital // that were reported

	full func() bool
	web  pages

	verified atomic.Int32 // passwords
	busy     atomic.Bool  // with other passwords
	sender   atomic.Value // of the latest password

	mu    sync.Mutex
	now   time.Time
	heard []chat.Announcement

	pictures model.Pictures // of custom emoji

	people map[string]chat.Actor // by handle, each by a session
	room   string
}

// Deliver implements chat.Live.
func (h *house) Deliver(as []chat.Announcement) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard = append(h.heard, as...)
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// pass lets time go by.
func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// empty is a house before its setup. A nil limiter lets everything pass.
func empty(t testing.TB, limiter chat.Limiter) *house {
	h := &house{t: t, now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), people: map[string]chat.Actor{}, setup: chat.HashSecret("setup")}
	if limiter == nil {
		limiter = limit.None{}
	}
	h.store = model.New(h.Deliver)
	h.rules = h.with(h.store, limiter)
	return h
}

// with is the rules on another store or other rates.
func (h *house) with(store chat.Store, limiter chat.Limiter) *chat.Canteen {
	return h.options(store, h.store, limiter)
}

// withAudit is the rules with another audit log.
func (h *house) withAudit(log audit.Store, limiter chat.Limiter) *chat.Canteen {
	return h.options(h.store, log, limiter)
}

func (h *house) options(store chat.Store, audited audit.Store, limiter chat.Limiter) *chat.Canteen {
	log := slog.New(slog.NewTextHandler(&h.log, nil))
	return chat.New(chat.Options{
		Store: store, Uses: h.store, Inbox: &attention.Inboxes{Store: h.store, Clock: h.clock},
		Digests: h.store, Feedback: h.store, Audit: audited, Emoji: h.store, Pictures: &h.pictures,
		Files:  h.store,
		Hasher: plain{&h.verified, &h.busy, &h.sender}, Limiter: limiter, Live: h,
		Tickets: &limit.Tickets{}, Clock: h.clock, Full: h.full,
		Vitals:   func(_ context.Context, vs []vital.Vital) { h.vitals = append(h.vitals, vs...) },
		Setup:    func(context.Context) (chat.SecretHash, error) { return h.setup, nil },
		Log:      log,
		Previews: unfurl.NewCache(unfurl.CacheOptions{Pages: &h.web, Store: h.store, Pictures: &h.web, Clock: h.clock, Log: log}),
	})
}

// open is a house with Olga (owner), Jonas, Mira and Sam (members), and Dora, who was deactivated, and no room but general.
func open(t testing.TB, limiter chat.Limiter) *house {
	h := empty(t, limiter)
	for _, p := range []struct {
		handle string
		role   chat.Role
	}{{"olga", chat.Owner}, {"jonas", chat.Member}, {"mira", chat.Member}, {"sam", chat.Member}, {"dora", chat.Member}} {
		h.add(p.handle, p.role)
	}
	yes := true
	h.must(h.rules.UpdateUser(t.Context(), h.people["olga"], h.people["dora"].User.ID, chat.UpdateUserInput{Deactivated: &yes}))
	return h
}

// add makes a user, who is signed in.
func (h *house) add(handle string, role chat.Role) chat.Actor {
	h.t.Helper()
	email := handle + "@example.com"
	if _, err := h.rules.AdminAddUser(h.t.Context(), chat.CommandLineUser{
		Email: email, Name: strings.ToUpper(handle[:1]) + handle[1:], Handle: handle, Role: role, Password: password,
	}); err != nil {
		h.t.Fatal(err)
	}
	h.people[handle] = h.signIn(handle)
	return h.people[handle]
}

func (h *house) signIn(handle string) chat.Actor {
	h.t.Helper()
	s, err := h.rules.SignIn(h.t.Context(), chat.Visitor("192.0.2.1"), chat.SignInInput{Email: handle + "@example.com", Password: password})
	if err != nil {
		h.t.Fatal(err)
	}
	return s.Actor
}

// token is the actor by a token of the scopes.
func (h *house) token(a chat.Actor, scopes ...chat.Scope) chat.Actor {
	h.t.Helper()
	_, secret, err := h.rules.AddToken(h.t.Context(), a, chat.NewTokenInput{Name: "test", Scopes: scopes})
	if err != nil {
		h.t.Fatal(err)
	}
	by, err := h.rules.ByToken(h.t.Context(), secret)
	if err != nil {
		h.t.Fatal(err)
	}
	return by
}

// must fails on the last value, when it is an error.
func (h *house) must(values ...any) {
	h.t.Helper()
	if err, ok := values[len(values)-1].(error); ok && err != nil {
		h.t.Fatal(err)
	}
}

// post posts as a user, and gives the seq.
func (h *house) post(by string, in chat.PostInput) int64 {
	h.t.Helper()
	m, _, err := h.rules.PostMessage(h.t.Context(), h.people[by], h.room, in)
	if err != nil {
		h.t.Fatal(err)
	}
	return m.Seq
}

// clientIDs of posts, by number.
func clientID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// take gives the kinds of events announced since the last time, in order.
func (h *house) take() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var kinds []string
	for _, a := range h.heard {
		kind := strings.TrimPrefix(fmt.Sprintf("%T", a.Event), "chat.")
		kinds = append(kinds, kind)
	}
	h.heard = nil
	return strings.Join(kinds, " ")
}

// outcome is what came of a command: "ok", or its code's short form.
func outcome(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, chat.ErrStale):
		return "stale"
	}
	codes := map[chat.Code]string{
		chat.Invalid: "400", chat.Unauthenticated: "401", chat.Forbidden: "403", chat.NotFound: "404", chat.Conflict: "409",
		chat.Gone: "410", chat.RateLimited: "429", chat.Unavailable: "503",
	}
	if s, ok := codes[chat.ErrorCode(err)]; ok {
		return s
	}
	return err.Error()
}

// audited are the audit lines since the last time.
func (h *house) audited() []string {
	lines := strings.Split(strings.TrimSpace(h.log.String()), "\n")
	h.log.Reset()
	return slices.DeleteFunc(lines, func(l string) bool { return !strings.Contains(l, "msg=audit") })
}

// counted is a store that counts which users and rooms it is asked for.
type counted struct {
	chat.Store
	users, rooms int
}

func (s *counted) User(ctx context.Context, id string) (chat.User, error) {
	s.users++
	return s.Store.User(ctx, id)
}

func (s *counted) Credentials(ctx context.Context, email string) (chat.User, string, error) {
	s.users++
	return s.Store.Credentials(ctx, email)
}

func (s *counted) CredentialsOf(ctx context.Context, id string) (chat.User, string, error) {
	s.users++
	return s.Store.CredentialsOf(ctx, id)
}

func (s *counted) RoomByName(ctx context.Context, name string) (string, error) {
	s.rooms++
	return s.Store.RoomByName(ctx, name)
}

func (s *counted) RoomAccess(ctx context.Context, room, user string) (chat.RoomAccess, error) {
	s.rooms++
	return s.Store.RoomAccess(ctx, room, user)
}
