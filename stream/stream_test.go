package stream

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// rules store a text of a message once a second, and remember what they stored.
type rules struct {
	mu     sync.Mutex
	now    time.Time
	at     map[int64]time.Time // when the text of a message was stored
	stored []string
	over   map[int64]bool // messages that are done
	fails  error          // of what is stored
	ended  error          // of a token
	slow   chan struct{}  // a text "slow" waits for it
}

func newRules() *rules {
	return &rules{now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), at: map[int64]time.Time{}, over: map[int64]bool{}}
}

func (r *rules) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rules) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

func (r *rules) Still(_ context.Context, a chat.Actor) (chat.Actor, error) { return a, r.ended }

func (r *rules) StreamMessage(
	_ context.Context, _ chat.Actor, _ string, seq int64, in chat.EditInput,
) (m chat.Message, later bool, err error) {
	if in.Text == "slow" {
		<-r.slow
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.at[seq]
	m = chat.Message{Seq: seq, Parts: chat.Parts{StreamingAt: &at}}
	switch {
	case r.over[seq]:
		return m, false, chat.Errorf(chat.Conflict, "It is done.")
	case !*in.Done && r.now.Sub(at) < chat.StreamEvery:
		return m, true, nil
	case r.fails != nil:
		return m, false, r.fails
	}
	r.at[seq], r.over[seq] = r.now, *in.Done
	r.stored = append(r.stored, in.Text)
	return m, false, nil
}

// all are the texts stored since the last time.
func (r *rules) all() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() { r.stored = nil }()
	return strings.Join(r.stored, " ")
}

// idle does not store by itself: tests call store.
func idle(r *rules) *Streams {
	s := Start(r, r.clock, slog.New(slog.DiscardHandler))
	s.Stop()
	return s
}

func send(t *testing.T, s *Streams, user string, seq int64, text string, done bool) {
	t.Helper()
	if _, _, err := s.StreamMessage(t.Context(), actor(user), "r", seq, chat.EditInput{Text: text, Done: &done}); err != nil {
		t.Fatal(err)
	}
}

func actor(user string) chat.Actor { return chat.Actor{User: chat.User{ID: user}} }

// empty says whether nothing is kept.
func (s *Streams) empty() bool { return s.held == 0 && len(s.by) == 0 && len(s.messages) == 0 }

// TestTheNewestTextIsStored when the second is over, and no other.
func TestTheNewestTextIsStored(t *testing.T) {
	r := newRules()
	s := idle(r)
	for _, text := range []string{"a", "b", "c"} {
		send(t, s, "bot", 1, text, false)
	}
	r.pass(999 * time.Millisecond)
	if left := s.store(t.Context()); !left || r.all() != "a" {
		t.Error("stored too early")
	}
	r.pass(time.Millisecond)
	if left := s.store(t.Context()); left || r.all() != "c" || !s.empty() {
		t.Errorf("the newest text is not stored: %+v", s.messages)
	}
}

// TestAStoredTextReplacesWhatIsPutAside: also the last one, and one that comes after the second, before the one put aside is stored.
func TestAStoredTextReplacesWhatIsPutAside(t *testing.T) {
	for _, done := range []bool{false, true} {
		r := newRules()
		s := idle(r)
		send(t, s, "bot", 1, "a", false)
		send(t, s, "bot", 1, "b", false)
		if !done {
			r.pass(time.Second)
		}
		send(t, s, "bot", 1, "c", done)
		r.pass(time.Minute)
		if left := s.store(t.Context()); left || r.all() != "a c" || !s.empty() {
			t.Errorf("done %v: what was put aside is kept", done)
		}
	}
}

// TestNoTextOvertakesANewerOne: one that is on its way for long is not followed by another one before it is stored.
func TestNoTextOvertakesANewerOne(t *testing.T) {
	r := newRules()
	r.slow = make(chan struct{})
	s := idle(r)
	var all sync.WaitGroup
	all.Go(func() { send(t, s, "bot", 1, "slow", true) })
	for { // until it has its turn
		s.mu.Lock()
		n := len(s.messages)
		s.mu.Unlock()
		if n == 1 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	all.Go(func() {
		if _, _, err := s.StreamMessage(t.Context(), actor("bot"), "r", 1, chat.EditInput{Text: "late", Done: new(false)}); err == nil {
			t.Error("a text was stored after the last one")
		}
	})
	send(t, s, "other", 1, "x", false) // whoever may not write it waits for nobody
	time.Sleep(10 * time.Millisecond)
	close(r.slow)
	all.Wait()
	if got := r.all(); got != "x slow" || !s.empty() {
		t.Errorf("stored %s", got)
	}
}

// TestWhoeverMayNoLongerWritesNothing: a token that was revoked, or a message that is done.
func TestWhoeverMayNoLongerWritesNothing(t *testing.T) {
	for name, change := range map[string]func(*rules){
		"the token": func(r *rules) { r.ended = chat.Errorf(chat.Unauthenticated, "Sign in first.") },
		"the right": func(r *rules) { r.fails = chat.ErrNotFound() },
		"the end":   func(r *rules) { r.over[1] = true },
	} {
		r := newRules()
		s := idle(r)
		send(t, s, "bot", 1, "a", false)
		send(t, s, "bot", 1, "b", false)
		change(r)
		r.pass(time.Second)
		if left := s.store(t.Context()); left || r.all() != "a" || !s.empty() {
			t.Errorf("%s: it is stored, or kept", name)
		}
	}
}

// TestWhatFailsIsTriedAgain, for some seconds.
func TestWhatFailsIsTriedAgain(t *testing.T) {
	r := newRules()
	s := idle(r)
	send(t, s, "bot", 1, "a", false)
	send(t, s, "bot", 1, "b", false)
	r.fails = chat.ErrUnavailable(context.DeadlineExceeded)
	for range 3 {
		if r.pass(time.Second); !s.store(t.Context()) {
			t.Fatal("it is given up at once")
		}
	}
	r.fails = nil
	if r.pass(time.Second); s.store(t.Context()) || r.all() != "a b" {
		t.Error("it is not stored later")
	}
	send(t, s, "bot", 1, "c", false)
	r.fails = chat.ErrUnavailable(context.DeadlineExceeded)
	for range tries {
		r.pass(time.Second)
		s.store(t.Context())
	}
	if !s.empty() {
		t.Error("it is kept for ever")
	}
}

// TestWhatIsKeptIsBounded: of one bot, and of all together. What is replaced or stored makes room.
func TestWhatIsKeptIsBounded(t *testing.T) {
	r := newRules()
	s := idle(r)
	long := strings.Repeat("x", 80_000)
	for bot := range 20 {
		for seq := range int64(40) {
			at := int64(bot)*100 + seq
			r.at[at] = r.now
			send(t, s, fmt.Sprint("bot", bot), at, long, false)
			send(t, s, fmt.Sprint("bot", bot), at, long[1:], false)
		}
	}
	sum := 0
	for bot, n := range s.by {
		if sum += n; n > each {
			t.Errorf("%s keeps %d bytes", bot, n)
		}
	}
	texts := 0
	for _, of := range s.messages {
		texts += of.aside.bytes()
	}
	if sum > most || sum != s.held || texts != sum || sum < most-len(long)-textBytes {
		t.Errorf("%d bytes are kept, %d counted, %d in texts", sum, s.held, texts)
	}
	r.pass(time.Second)
	if s.store(t.Context()) || !s.empty() {
		t.Errorf("%d bytes are kept for ever", s.held)
	}
}

// TestBotsOfOneOwnerAreOneBot for what is kept: however many somebody makes, there is room for texts of the bots of others.
func TestBotsOfOneOwnerAreOneBot(t *testing.T) {
	r := newRules()
	s := idle(r)
	long := strings.Repeat("x", 80_000)
	keeps := func(bot, owner string, seq int64) bool {
		t.Helper()
		r.at[seq] = r.now
		a := chat.Actor{User: chat.User{ID: bot, Owner: owner}}
		_, later, err := s.StreamMessage(t.Context(), a, "r", seq, chat.EditInput{Text: long, Done: new(false)})
		if err != nil || !later {
			t.Fatal(later, err)
		}
		return s.messages[key{"r", seq, bot, a.User.Share()}] != nil
	}
	for seq := range int64(1000) {
		keeps(fmt.Sprint("bot", seq%10), "mira", seq)
	}
	if s.held > each {
		t.Errorf("ten bots of one owner keep %d bytes", s.held)
	}
	for owner, bot := range map[string]string{"sam": "builds", "": "weather"} {
		if !keeps(bot, owner, 1000) {
			t.Errorf("nothing is kept of a bot of %q", owner)
		}
	}
}

// TestItStoresByItself while it runs.
func TestItStoresByItself(t *testing.T) {
	r := newRules()
	s := Start(r, r.clock, slog.New(slog.DiscardHandler))
	defer s.Stop()
	for seq := range int64(3) {
		send(t, s, "bot", seq+1, "a", false)
		send(t, s, "bot", seq+1, "b", false)
	}
	r.pass(time.Second)
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		r.mu.Lock()
		n := len(r.stored)
		r.mu.Unlock()
		if n == 6 {
			return
		}
		if time.Since(began) > 10*time.Second {
			t.Fatalf("%d texts are stored", n)
		}
	}
}
