package dynamodb_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen"
	"github.com/canteen-chat/canteen/awslocal"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/stack"
)

// meter counts what is asked of DynamoDB, in order, and the request units that AWS counts for it.
type meter struct {
	next          http.RoundTripper
	mu            sync.Mutex
	calls         []call
	reads, writes float64
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

// asked is what of a request counts.
type asked struct {
	ConsistentRead bool
	TableName      string
	TransactItems  []map[string]struct{ Item, Key json.RawMessage }
	RequestItems   map[string]struct{ Keys []json.RawMessage }
}

func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var in asked
	_ = json.Unmarshal(body, &in) // other shapes have nothing of it
	resp, err := m.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count(operation, in, answer)
	return resp, nil
}

// count adds what AWS counts (developer guide, "Read and write request units"): reads by 4 KB, half of that where they need not
// be consistent, of a query by all it gives, else for each item; writes by 1 KB, in a transaction twice.
func (m *meter) count(operation string, in asked, answer []byte) {
	units := func(bytes int, of float64) float64 { return math.Max(1, math.Ceil(float64(bytes)/of)) }
	c := call{operation, len(in.TransactItems)}
	switch operation {
	case "TransactWriteItems":
		for _, o := range in.TransactItems {
			for _, w := range o {
				m.writes += 2 * units(len(w.Item), 1024)
			}
		}
	case "BatchGetItem":
		var out struct{ Responses map[string][]json.RawMessage }
		_ = json.Unmarshal(answer, &out) // an error has none
		for _, of := range in.RequestItems {
			c.items += len(of.Keys)
		}
		for _, items := range out.Responses {
			for _, i := range items {
				m.reads += units(len(i), 4096) - 1
			}
		}
		m.reads += float64(c.items)
	case "GetItem", "Query":
		n := units(len(answer), 4096)
		if !in.ConsistentRead {
			n /= 2
		}
		m.reads += n
	case "BatchWriteItem", "UpdateItem", "PutItem", "DeleteItem":
		m.writes++
	}
	m.calls = append(m.calls, c)
}

// of is what f asks.
func (m *meter) of(f func()) (calls []call, reads, writes float64) {
	m.mu.Lock()
	m.calls, m.reads, m.writes = nil, 0, 0
	m.mu.Unlock()
	f()
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls, m.reads, m.writes
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
	root, bill := int64(1), stack.MeasuredCounts()
	for _, o := range []struct {
		name string
		most int // round trips
		bill stack.Calls
		f    func()
	}{
		{"post", 3, bill.Post, func() { post("hello", nil) }},
		{"post with emoji", 3, stack.Calls{}, func() { post("hello 🎉", nil) }},
		{"reply", 4, stack.Calls{}, func() { post("hello", &root) }},
		{"reaction", 5, bill.Reaction, func() { _, err := c.SetReaction(ctx, me(), room, 1, "👍", true); must(t, err) }},
		{"page", 5, bill.Page, func() { _, err := c.Messages(ctx, me(), room, canteen.PageInput{}); must(t, err) }},
		{"changes", 5, stack.Calls{}, func() { _, err := c.Changes(ctx, me(), room, 50, nil); must(t, err) }},
		{"rooms", 4, stack.Calls{}, func() { _, err := c.Rooms(ctx, me()); must(t, err) }},
		{"read", 7, bill.Read, func() { _, err := c.SetRead(ctx, me(), room, 3); must(t, err) }},
		{"connect", 2, stack.Calls{}, func() {
			must(t, store.AddConnection(ctx, canteen.Connection{ID: "c", User: me().User.ID, MadeAt: noon, SeenAt: noon, ExpiresAt: noon.Add(time.Hour)}))
		}},
	} {
		calls, reads, writes := m.of(o.f)
		t.Logf("%-16s %d round trips, %v read and %v write units: %v", o.name, len(calls), reads, writes, calls)
		if o.bill != (stack.Calls{}) && (math.Abs(reads-o.bill.Reads) > 1 || writes != o.bill.Writes) {
			t.Errorf("%s takes %v read and %v write units; the bill is made of %v and %v", o.name, reads, writes, o.bill.Reads, o.bill.Writes)
		}
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
