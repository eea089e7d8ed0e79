package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/aws/apigateway"
	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/follow"
	"github.com/canteen-chat/canteen/internal/awstest"
	"github.com/canteen-chat/canteen/limit"
)

// meter is an HTTP transport that records the DynamoDB requests in order, and counts the request units that AWS would bill.
type meter struct {
	next          http.RoundTripper
	mu            sync.Mutex
	calls         []call
	reads, writes float64
}

// call is one request: its operation, and the number of items in its transaction or batch.
type call struct {
	operation string
	items     int
}

// request holds the parts of a request body that determine its cost.
type request struct {
	ConsistentRead bool
	TransactItems  []map[string]struct{ Item json.RawMessage }
	RequestItems   map[string]json.RawMessage // batches only: keys to read, or a list of writes
}

func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var in request
	_ = json.Unmarshal(body, &in) // requests of another shape leave it empty
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

// count adds the request units of one request (DynamoDB developer guide, "Read and write request units"). A read costs one unit per
// 4 KB, half of that if it is eventually consistent. A query is charged for the sum of its items, a batch for each item. A write
// costs one unit per 1 KB, two in a transaction.
func (m *meter) count(operation string, in request, answer []byte) {
	units := func(bytes int, of float64) float64 { return math.Max(1, math.Ceil(float64(bytes)/of)) }
	c := call{operation, len(in.TransactItems)}
	switch operation {
	case "TransactWriteItems":
		for _, o := range in.TransactItems {
			for _, w := range o {
				m.writes += 2 * units(len(w.Item), 1024)
				for _, index := range []string{`"shard":`, `"room":`} { // each index of a connection's item costs one more write
					if bytes.Contains(w.Item, []byte(`"connection`)) || bytes.Contains(w.Item, []byte(`"made_at":`)) {
						m.writes += float64(bytes.Count(w.Item, []byte(index)))
					}
				}
			}
		}
	case "BatchGetItem":
		var out struct{ Responses map[string][]json.RawMessage }
		_ = json.Unmarshal(answer, &out) // an error response leaves it empty
		for _, of := range in.RequestItems {
			var keys struct{ Keys []json.RawMessage }
			_ = json.Unmarshal(of, &keys)
			c.items += len(keys.Keys)
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
	case "BatchWriteItem":
		for _, of := range in.RequestItems {
			var writes []json.RawMessage
			_ = json.Unmarshal(of, &writes)
			c.items += len(writes)
		}
		m.writes += float64(c.items)
	}
	m.calls = append(m.calls, c)
}

// measure runs f and returns its requests and their units.
func (m *meter) measure(f func()) (calls []call, reads, writes float64) {
	m.mu.Lock()
	m.calls, m.reads, m.writes = nil, 0, 0
	m.mu.Unlock()
	f()
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls, m.reads, m.writes
}

// posts counts the frames that the gateway posts to connections.
type posts struct{ n atomic.Int64 }

func (p *posts) Post(context.Context, string, []byte) error { p.n.Add(1); return nil }
func (p *posts) Delete(context.Context, string) error       { return nil }

type noHasher struct{}

func (noHasher) Hash(context.Context, string, string) (string, error)         { return "hash", nil }
func (noHasher) Verify(context.Context, string, string, string) (bool, error) { return true, nil }
func (noHasher) Weak(string, ...string) string                                { return "" }

// metered is a workspace on the emulator, wired like the functions, with all requests to DynamoDB counted.
type metered struct {
	*meter
	posts   *posts
	config  aws.Config
	names   string // prefix of the table names
	store   *dynamodb.Store
	rules   *chat.Canteen
	options chat.Options // of rules
	words   *attention.Keywords
	gateway *apigateway.Gateway
	sockets *apigateway.Sockets
	secret  string // of Mira's session cookie
	room    string
	now     time.Time
	ids     int
}

func start(t *testing.T) *metered {
	w := &metered{
		meter: &meter{next: http.DefaultTransport}, posts: &posts{}, names: awstest.Unique(),
		now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC),
	}
	w.config = aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(awstest.Start(t, local.Ministack)), HTTPClient: &http.Client{Transport: w.meter},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
	ctx, clock, log := t.Context(), chat.Clock(w.clock), slog.New(slog.DiscardHandler)
	w.store = dynamodb.Open(dynamodb.Options{Client: table.Client(w.config), Prefix: w.names, Log: log})
	must(t, w.store.CreateTables(ctx))
	w.words = &attention.Keywords{Store: w.store, Clock: clock}
	w.gateway = apigateway.New(apigateway.Options{
		Poster: w.posts, Connections: w.store, Limiter: limit.None{}, Clock: clock, Log: log,
		Alerter: alerter{&attention.Alerts{Store: w.store, Keywords: w.words, Clock: clock}, w.store},
	})
	w.options = chat.Options{
		Store: w.store, Uses: w.store, Inbox: &attention.Inboxes{Store: w.store, Clock: clock},
		Digests: w.store, Emoji: w.store, Audit: w.store,
		Hasher: noHasher{}, Limiter: limit.None{}, Live: w.gateway, Tickets: w.store, Clock: clock, Log: log,
		Setup: func(context.Context) (chat.SecretHash, error) { return chat.HashSecret("s"), nil },
	}
	w.rules = chat.New(w.options)
	counting := w.options
	counting.Limiter = dynamodb.NewLimiter(w.store, clock, limit.None{})
	connecting := chat.New(counting) // the rate of connections is counted in a table
	w.sockets = w.gateway.Sockets(w.rules, func(*http.Request) (chat.Actor, error) {
		a, err := w.rules.BySession(ctx, w.secret)
		if err == nil {
			err = connecting.Connect(ctx, a)
		}
		return a, err
	})
	in, err := w.rules.Setup(ctx, chat.Visitor("test"), chat.SetupInput{
		Token: "s", Workspace: "Acme", Name: "Mira", Handle: "mira", Email: "mira@example.com", Password: "long enough",
	})
	must(t, err)
	w.secret = in.Secret
	rooms, err := w.rules.Rooms(ctx, w.me(t))
	must(t, err)
	w.room = rooms.Rooms[0].ID
	return w
}

func (w *metered) clock() time.Time { return w.now }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// me authenticates Mira, as every request does.
func (w *metered) me(t *testing.T) chat.Actor {
	a, err := w.rules.BySession(t.Context(), w.secret)
	must(t, err)
	return a
}

func (w *metered) post(t *testing.T, text string, thread *int64) {
	w.ids++
	in := chat.PostInput{ClientID: fmt.Sprintf("00000000-0000-4000-8000-%012d", w.ids), Text: text, Thread: thread}
	_, _, err := w.rules.PostMessage(t.Context(), w.me(t), w.room, in)
	must(t, err)
}

func (w *metered) frame(t *testing.T, id, frame string) {
	w.now = w.now.Add(time.Minute)
	ok, err := w.sockets.Frame(t.Context(), id, []byte(frame), false)
	must(t, err)
	if !ok {
		t.Fatalf("%s was refused", frame)
	}
}

// image is a message's item in the form of a stream record.
func (w *metered) image(t *testing.T, seq int) dynamodb.Change {
	key := map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "room#" + w.room}, "sk": &types.AttributeValueMemberS{Value: fmt.Sprintf("M#%012d", seq)},
	}
	r, err := awsdb.NewFromConfig(w.config).GetItem(t.Context(), &awsdb.GetItemInput{
		TableName: aws.String(w.names + "messages"), Key: key,
	})
	must(t, err)
	return dynamodb.Change{Sequence: "1", At: w.now, Image: r.Item}
}

// unread creates rooms with one unread message each.
func (w *metered) unread(t *testing.T, rooms int) {
	ctx, first := t.Context(), w.room
	for n := range rooms {
		r, _, err := w.rules.AddRoom(ctx, w.me(t), chat.NewRoomInput{Kind: chat.Public, Name: fmt.Sprint("room", n)})
		must(t, err)
		w.room = r.ID
		w.post(t, "hello", nil)
		_, err = w.rules.SetRead(ctx, w.me(t), r.ID, 0)
		must(t, err)
	}
	w.room = first
}

// fanOut fans out the commit of one message, like the fan-out function.
func (w *metered) fanOut(t *testing.T, c dynamodb.Change) {
	commits, err := w.store.Commits(t.Context(), []dynamodb.Change{c})
	must(t, err)
	_, err = w.gateway.FanOut(t.Context(), []apigateway.Commit{{At: commits[0].At, Said: commits[0].Said}})
	must(t, err)
}

// fanOutElsewhere fans out a message of another room. The process then knows the keywords of all users, which it reads once a minute.
func (w *metered) fanOutElsewhere(t *testing.T) {
	first := w.room
	r, _, err := w.rules.AddRoom(t.Context(), w.me(t), chat.NewRoomInput{Kind: chat.Public, Name: "elsewhere"})
	must(t, err)
	w.room = r.ID
	w.post(t, "hello", nil)
	w.fanOut(t, w.image(t, 1))
	w.room = first
}

// TestCalls counts the round trips and the request units of the operations that make up the bill: a command with its
// authentication and authorisation, a socket frame, the fan-out of a commit. No operation may scan a table.
func TestCalls(t *testing.T) {
	w, ctx, bill := start(t), t.Context(), stack.MeasuredCounts()
	for range 60 {
		w.post(t, "hello", nil)
	}
	root, watched := int64(1), `{"type":"watch","users":["`+strings.Join(twenty(), `","`)+`"]}`
	last := w.image(t, 60)
	w.unread(t, 9) // the operation "read" below adds a tenth
	followers := follow.New(w.store, w.store, slog.New(slog.DiscardHandler), consumers(w.store, w.words, w.clock)...)
	caughtUp := func() { must(t, followers.CatchUp(ctx, w.room)) }
	caughtUp()
	w.hold(t, []operation{
		{"post", 3, bill.Post, 0, func() { w.post(t, "hello", nil) }},
		{"follow a post", 3, stack.Calls{}, 0, caughtUp},
		{"post with 40 mentions", 5, stack.Calls{}, 0, func() { w.post(t, mentions("@mira%02d "), nil) }},
		{"mentions with marks", 5, stack.Calls{Reads: 84, Writes: 15}, 0, func() {
			w.post(t, mentions("@mira%02d"+strings.Repeat(".", 24)+" "), nil) // two handles to look up for each, as many as there can be
		}},
		{"follow mentions", 3, stack.Calls{}, 0, caughtUp},
		{"post with emoji", 3, stack.Calls{}, 0, func() { w.post(t, "hello 🎉", nil) }},
		{"follow a post with emoji", 7, bill.Follow, 0, caughtUp},
		{"post to everybody", 3, stack.Calls{}, 0, func() { w.post(t, "@room, hello", nil) }},
		{"read to before it", 7, stack.Calls{}, 0, func() { // one question more, in rooms with such a message after the pointer
			_, err := w.rules.SetRead(ctx, w.me(t), w.room, 60)
			must(t, err)
		}},
		{"follow it", 5, stack.Calls{}, 0, caughtUp},
		{"reply", 4, stack.Calls{}, 0, func() { w.post(t, "hello", &root) }},
		{"reaction", 5, bill.Reaction, 0, func() {
			_, err := w.rules.SetReaction(ctx, w.me(t), w.room, 1, "👍", true)
			must(t, err)
		}},
		{"inbox", 13, stack.Calls{}, 0, func() { _, err := w.rules.Inbox(ctx, w.me(t), chat.InboxInput{}); must(t, err) }},
		{"page", 5, bill.Page, 0, func() { _, err := w.rules.Messages(ctx, w.me(t), w.room, chat.PageInput{}); must(t, err) }},
		{"page at a moment", 8, stack.Calls{}, 0, func() {
			_, err := w.rules.Messages(ctx, w.me(t), w.room, chat.PageInput{At: &w.now})
			must(t, err)
		}},
		{"changes", 5, stack.Calls{}, 0, func() { _, err := w.rules.Changes(ctx, w.me(t), w.room, 50, nil); must(t, err) }},
		{"ten rooms", 16, stack.Calls{}, 0, func() { _, err := w.rules.Rooms(ctx, w.me(t)); must(t, err) }},
		{"read", 7, bill.Read, 0, func() { _, err := w.rules.SetRead(ctx, w.me(t), w.room, 3); must(t, err) }},
		{"connect, open, disconnect", 40, bill.Connect, 1, func() {
			must(t, w.sockets.Connect(ctx, "one", &http.Request{URL: &url.URL{Path: "/ws"}}))
			w.frame(t, "one", `{"type":"open","room":"`+w.room+`"}`)
			_, err := w.rules.Rooms(ctx, w.me(t))
			must(t, err)
			must(t, w.sockets.Disconnect(ctx, "one"))
		}},
		{"connect", 5, stack.Calls{}, 0, func() { must(t, w.sockets.Connect(ctx, "two", &http.Request{URL: &url.URL{Path: "/ws"}})) }},
		{"open", 12, stack.Calls{}, 1, func() { w.frame(t, "two", `{"type":"open","room":null}`) }},
		{"heartbeat", 7, bill.Heartbeat, 1, func() { w.frame(t, "two", `{"type":"ping"}`) }},
		{"typing, unheard", 9, bill.Typing, 0, func() { w.frame(t, "two", `{"type":"typing","room":"`+w.room+`"}`) }},
		{"presence of twenty", 28, bill.Presence, 1, func() { w.frame(t, "two", watched) }},
	})
	w.fanOutElsewhere(t)
	w.hold(t, []operation{
		{"fan-out, a room seen first", 4, bill.FanOut, 1, func() { w.fanOut(t, last) }},
		{"fan-out, a room known", 1, stack.Calls{}, 1, func() { w.fanOut(t, last) }},
	})
}

// operation is something that takes at most so many round trips, request units as the bill has them, and so many posts.
type operation struct {
	name  string
	most  int // round trips
	bill  stack.Calls
	posts int64
	f     func()
}

// hold measures operations, one after the other, and holds them to what they may take.
func (w *metered) hold(t *testing.T, all []operation) {
	t.Helper()
	for _, o := range all {
		before := w.posts.n.Load()
		calls, reads, writes := w.measure(o.f)
		posts := w.posts.n.Load() - before
		t.Logf("%-26s %2d round trips, %4v read and %3v write units, %d @connections: %v", o.name, len(calls), reads, writes, posts, calls)
		if len(calls) > o.most || posts != o.posts {
			t.Errorf("%s takes %d round trips and %d posts; at most %d and %d", o.name, len(calls), posts, o.most, o.posts)
		}
		if o.bill != (stack.Calls{}) && (math.Abs(reads-o.bill.Reads) > 1 || math.Abs(writes-o.bill.Writes) > 1) {
			t.Errorf("%s takes %v read and %v write units; the cost estimate assumes %v and %v", o.name, reads, writes, o.bill.Reads,
				o.bill.Writes)
		}
		for _, c := range calls {
			if c.operation == "Scan" || c.operation == "" {
				t.Errorf("%s sends the operation %q", o.name, c.operation)
			}
		}
	}
}

// TestQuotaCostsLittle: that a user's quota is counted in a table adds no more than a request to six posts.
func TestQuotaCostsLittle(t *testing.T) {
	w := start(t)
	w.options.Limiter = dynamodb.NewLimiter(w.store, w.options.Clock, limit.New(w.options.Clock))
	w.rules = chat.New(w.options)
	const posts = 60
	calls, reads, writes := w.measure(func() {
		for range posts {
			w.now = w.now.Add(time.Second)
			w.post(t, "hello", nil)
		}
	})
	t.Logf("%d posts: %d round trips, %v read and %v write units", posts, len(calls), reads, writes)
	if len(calls) > posts*3+posts/6 {
		t.Errorf("%d posts take %d round trips", posts, len(calls))
	}
}

// mentions is a text of as many mentions as a message may have, each written like form.
func mentions(form string) (text string) {
	for n := range chat.MaxMentions {
		text += fmt.Sprintf(form, n)
	}
	return text
}

func twenty() []string {
	out := make([]string, 20)
	for i := range out {
		out[i] = chat.NewID()
	}
	return out
}
