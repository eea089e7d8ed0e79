package apigateway

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/wire"
)

// memoryStore is a connection.Store in memory.
type memoryStore struct {
	mu    sync.Mutex
	conns map[string]connection.Connection
	hide  func(connection.Connection) bool // connections that are not visible yet
	fail  error                            // error of reads of many connections
}

func errMissing() error { return chat.Errorf(chat.NotFound, "There is nothing here.") }

func (m *memoryStore) AddConnection(_ context.Context, c connection.Connection) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conns[c.ID] = c
	return nil
}

func (m *memoryStore) Connection(_ context.Context, id string, now time.Time) (connection.Connection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.conns[id]
	if !ok || !now.Before(c.ExpiresAt) || m.hide != nil && m.hide(c) {
		return connection.Connection{}, errMissing()
	}
	return c, nil
}

func (m *memoryStore) UpdateConnection(
	_ context.Context, _, id string, change func(*connection.Connection),
) (connection.Connection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.conns[id]
	if !ok {
		return c, errMissing()
	}
	change(&c)
	m.conns[id] = c
	return c, nil
}

func (m *memoryStore) RemoveConnection(_ context.Context, _, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.conns, id)
	return nil
}

func (m *memoryStore) all(now time.Time, is func(connection.Connection) bool) (out []connection.Connection, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.conns {
		if now.Before(c.ExpiresAt) && is(c) {
			out = append(out, c)
		}
	}
	return out, m.fail
}

func (m *memoryStore) ConnectionsOf(_ context.Context, users []string, now time.Time) ([]connection.Connection, error) {
	return m.all(now, func(c connection.Connection) bool { return slices.Contains(users, c.User) })
}

func (m *memoryStore) ConnectionsIn(_ context.Context, room string, now time.Time) ([]connection.Connection, error) {
	return m.all(now, func(c connection.Connection) bool { return c.Room == room })
}

// frameRecorder is a Poster that records what each connection got.
type frameRecorder struct {
	mu      sync.Mutex
	frames  map[string][]string
	closed  map[string]bool
	answer  func(id string, nth int, frame []byte) error // nil: accepts the frame
	posts   map[string]int
	pending atomic.Int64
	most    atomic.Int64
}

func (l *frameRecorder) Post(ctx context.Context, id string, frame []byte) error {
	if n := l.pending.Add(1); n > l.most.Load() {
		l.most.Store(n)
	}
	defer l.pending.Add(-1)
	l.mu.Lock()
	l.posts[id]++
	nth := l.posts[id]
	l.mu.Unlock()
	if l.answer != nil {
		if err := l.answer(id, nth, frame); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed[id] {
		return StatusError(statusGone)
	}
	l.frames[id] = append(l.frames[id], string(frame))
	return ctx.Err()
}

func (l *frameRecorder) Delete(_ context.Context, id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed[id] = true
	return nil
}

// heard returns what a connection got since the last call.
func (l *frameRecorder) heard(id string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	fs := l.frames[id]
	l.frames[id] = nil
	return fs
}

// clock stands still until it is moved.
type clock struct{ now atomic.Int64 }

func (c *clock) time() time.Time         { return time.UnixMilli(c.now.Load()) }
func (c *clock) advance(d time.Duration) { c.now.Add(d.Milliseconds()) }

// fixture is a workspace with its gateway: ada (owner), bob and eve, each with a token.
type fixture struct {
	t       *testing.T
	clock   *clock
	conns   *memoryStore
	lines   *frameRecorder
	gateway *Gateway
	sockets *Sockets
	rules   *chat.Canteen
	said    []chat.Announcement
	actor   map[string]chat.Actor
	general string
	made    int
}

type plainHasher struct{}

func (plainHasher) Hash(_ context.Context, _, p string) (string, error) { return p, nil }
func (plainHasher) Verify(_ context.Context, _, h, p string) (bool, error) {
	return h == p && h != "", nil
}
func (plainHasher) Weak(string, ...string) string      { return "" }
func noSetup(context.Context) (chat.SecretHash, error) { return chat.SecretHash{}, nil }
func open(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: &clock{}, conns: &memoryStore{conns: map[string]connection.Connection{}}, actor: map[string]chat.Actor{}}
	f.clock.now.Store(time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC).UnixMilli())
	f.lines = &frameRecorder{frames: map[string][]string{}, closed: map[string]bool{}, posts: map[string]int{}}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	limits := limit.New(f.clock.time)
	f.gateway = New(Options{
		Poster: f.lines, Connections: f.conns, Limiter: limits, Clock: f.clock.time, Log: log, Pace: 50 * time.Millisecond,
		Patience: 100 * time.Millisecond,
	})
	store := model.New(func(as []chat.Announcement) { f.said = append(f.said, as...) })
	f.rules = chat.New(chat.Options{
		Store: store, Uses: store, Inbox: &attention.Inboxes{Store: store, Clock: f.clock.time},
		Digests: store, Feedback: store, Audit: store, Emoji: store, Pictures: &model.Pictures{},
		Hasher: plainHasher{}, Limiter: limit.None{}, Live: f.gateway, Tickets: &limit.Tickets{},
		Clock: f.clock.time, Log: log, Setup: noSetup,
	})
	f.sockets = f.gateway.Sockets(f.rules, func(r *http.Request) (chat.Actor, error) {
		a, ok := f.actor[r.Header.Get("Authorization")]
		if !ok {
			return a, chat.Errorf(chat.Unauthenticated, "Sign in first.")
		}
		return a, nil
	})
	f.add("ada", chat.Owner)
	f.add("bob", chat.Member)
	f.add("eve", chat.Member)
	rooms, err := f.rules.Rooms(t.Context(), f.actor["ada"])
	if err != nil {
		t.Fatal(err)
	}
	f.general = rooms.Rooms[0].ID
	f.said = nil
	return f
}

func (f *fixture) add(who string, role chat.Role) {
	f.t.Helper()
	ctx := f.t.Context()
	if _, err := f.rules.AdminAddUser(ctx, chat.CommandLineUser{
		Email: who + "@example.com", Name: who, Handle: who, Role: role, Password: "a quiet place to eat", Workspace: "Canteen",
	}); err != nil {
		f.t.Fatal(err)
	}
	secret, err := f.rules.AdminAddToken(ctx, chat.CommandLineToken{Handle: who, Name: "test"})
	if err != nil {
		f.t.Fatal(err)
	}
	if f.actor[who], err = f.rules.ByToken(ctx, secret); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) id(who string) string { return f.actor[who].User.ID }

// connect makes a connection that has sent nothing yet.
func (f *fixture) connect(who string) string {
	f.t.Helper()
	f.made++
	id := fmt.Sprintf("%s-%d=", who, f.made)
	r, err := http.NewRequest(http.MethodGet, "/ws", nil)
	if err != nil {
		f.t.Fatal(err)
	}
	r.Header.Set("Authorization", who)
	if err := f.sockets.Connect(f.t.Context(), id, r); err != nil {
		f.t.Fatal(err)
	}
	return id
}

// live makes a connection that has opened a room.
func (f *fixture) live(who, room string) string {
	f.t.Helper()
	id := f.connect(who)
	f.say(id, openOf(room))
	if got := f.lines.heard(id); len(got) != 1 || !strings.Contains(got[0], `"type":"hello"`) {
		f.t.Fatalf("%s heard %q", who, got)
	}
	return id
}

func openOf(room string) string {
	if room == "" {
		return `{"type":"open","room":null}`
	}
	return `{"type":"open","room":"` + room + `"}`
}

func (f *fixture) say(id, frame string) {
	f.t.Helper()
	if ok, err := f.sockets.Frame(f.t.Context(), id, []byte(frame), false); err != nil || !ok {
		f.t.Fatalf("%s: %v %v, then %q", frame, ok, err, f.lines.heard(id))
	}
}

// fanOut delivers the announcements since the last call.
func (f *fixture) fanOut() Told {
	f.t.Helper()
	result, err := f.gateway.FanOut(f.t.Context(), f.commits())
	if err != nil {
		f.t.Fatal(err)
	}
	return result
}

func (f *fixture) commits() []Commit {
	var cs []Commit
	for _, a := range f.said {
		cs = append(cs, Commit{At: f.clock.time(), Said: []chat.Announcement{a}})
	}
	f.said = nil
	return cs
}

func (f *fixture) post(who, text string) {
	f.t.Helper()
	f.made++
	_, _, err := f.rules.PostMessage(f.t.Context(), f.actor[who], f.general, chat.PostInput{
		ClientID: fmt.Sprintf("00000000-0000-4000-8000-%012d", f.made), Text: text,
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// types returns the types of all events in frames, in order.
func types(t *testing.T, frames []string) (out []string) {
	t.Helper()
	for _, f := range frames {
		events := []json.RawMessage{json.RawMessage(f)}
		if strings.HasPrefix(f, "[") {
			if err := json.Unmarshal([]byte(f), &events); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range events {
			var head struct{ Type string }
			if err := json.Unmarshal(e, &head); err != nil {
				t.Fatal(err)
			}
			out = append(out, head.Type)
		}
	}
	return out
}

// bye returns the code of a bye among the frames.
func bye(t *testing.T, frames []string) int {
	t.Helper()
	if len(frames) == 0 {
		return 0
	}
	var b wire.Bye
	if err := json.Unmarshal([]byte(frames[len(frames)-1]), &b); err != nil || b.Type != "bye" {
		return 0
	}
	return b.Code
}
