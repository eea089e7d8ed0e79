package dynamodb_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen"
	"github.com/canteen-chat/canteen/awslocal"
	"github.com/canteen-chat/canteen/limit"
)

// meter counts what is asked of DynamoDB, in order.
type meter struct {
	next  http.RoundTripper
	mu    sync.Mutex
	calls []call
}

// call is one request: its operation, and how many items it writes in a transaction or names in a batch.
type call struct {
	operation string
	items     int
}

func (m *meter) between(next http.RoundTripper) http.RoundTripper {
	m.next = next
	return m
}

func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var in struct {
		TransactItems []json.RawMessage
		RequestItems  map[string]struct{ Keys []json.RawMessage }
	}
	_ = json.Unmarshal(body, &in) // other shapes have neither
	c := call{items: len(in.TransactItems)}
	for _, of := range in.RequestItems {
		c.items += len(of.Keys)
	}
	_, c.operation, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	m.mu.Lock()
	m.calls = append(m.calls, c)
	m.mu.Unlock()
	return m.next.RoundTrip(r)
}

// of is what f asks.
func (m *meter) of(f func()) []call {
	m.mu.Lock()
	m.calls = nil
	m.mu.Unlock()
	f()
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls
}

// nobody hears what is typed.
type nobody struct{}

func (nobody) Deliver([]canteen.Announcement) {}

type noHasher struct{}

func (noHasher) Hash(context.Context, string) (string, error)         { return "hash", nil }
func (noHasher) Verify(context.Context, string, string) (bool, error) { return true, nil }
func (noHasher) Weak(string, ...string) string                        { return "" }

// TestCalls counts the round trips of the commands that make the bill, through the rules as a request makes them: who asks,
// whether they may, and the command. Nothing scans.
func TestCalls(t *testing.T) {
	m := &meter{}
	s := on(t, awslocal.Ministack, m.between)
	store, ctx, clock := s.open(t), context.Background(), canteen.Clock(func() time.Time { return noon })
	c := canteen.New(canteen.Options{
		Store: store, Hasher: noHasher{}, Limiter: limit.None{}, Live: nobody{}, Tickets: store, Clock: clock,
		Log: slog.New(slog.DiscardHandler), Setup: func(context.Context) (canteen.SecretHash, error) { return canteen.HashSecret("s"), nil },
	})
	in, err := c.Setup(ctx, canteen.SetupInput{Token: "s", Workspace: "Acme", Name: "Mira", Handle: "mira", Email: "mira@example.com", Password: "long enough"})
	must(t, err)
	me := func() canteen.Actor {
		a, err := c.BySession(ctx, in.Secret)
		must(t, err)
		return a
	}
	rooms, err := c.Rooms(ctx, me())
	must(t, err)
	room, ids := rooms.Rooms[0].ID, 0
	post := func(text string, thread *int64) {
		ids++
		_, _, err := c.PostMessage(ctx, me(), room, canteen.PostInput{ClientID: "00000000-0000-4000-8000-0000000000" + ordinal(ids), Text: text, Thread: thread})
		must(t, err)
	}
	for range 60 {
		post("hello", nil)
	}
	root := int64(1)
	for _, o := range []struct {
		name string
		most int // round trips
		f    func()
	}{
		{"post", 3, func() { post("hello", nil) }},
		{"post with emoji", 3, func() { post("hello 🎉", nil) }},
		{"reply", 4, func() { post("hello", &root) }},
		{"reaction", 5, func() { _, err := c.SetReaction(ctx, me(), room, 1, "👍", true); must(t, err) }},
		{"page", 5, func() { _, err := c.Messages(ctx, me(), room, canteen.PageInput{}); must(t, err) }},
		{"changes", 5, func() { _, err := c.Changes(ctx, me(), room, 50, nil); must(t, err) }},
		{"rooms", 4, func() { _, err := c.Rooms(ctx, me()); must(t, err) }},
		{"read", 7, func() { _, err := c.SetRead(ctx, me(), room, 3); must(t, err) }},
		{"connect", 2, func() {
			must(t, store.AddConnection(ctx, canteen.Connection{ID: "c", User: me().User.ID, MadeAt: noon, SeenAt: noon, ExpiresAt: noon.Add(time.Hour)}))
		}},
	} {
		calls := m.of(o.f)
		t.Logf("%-16s %d round trips: %v", o.name, len(calls), calls)
		if len(calls) > o.most {
			t.Errorf("%s takes %d round trips, at most %d: %v", o.name, len(calls), o.most, calls)
		}
		for _, c := range calls {
			if c.operation == "Scan" || c.operation == "" {
				t.Errorf("%s asks for %q", o.name, c.operation)
			}
		}
	}
}

func ordinal(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }
