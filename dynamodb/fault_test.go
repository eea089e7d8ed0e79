package dynamodb_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb"
)

// faults injects failures that AWS has and emulators have not.
type faults struct {
	next http.RoundTripper
	mu   sync.Mutex
	rand *rand.Rand
	on   bool
	done map[string]bool // client tokens of transactions that were committed
	hits map[string]int
}

func newFaults(seed uint64) *faults {
	return &faults{rand: rand.New(rand.NewPCG(seed, 1)), done: map[string]bool{}, hits: map[string]int{}}
}

// between wraps the transport to the emulator.
func (f *faults) between(next http.RoundTripper) http.RoundTripper {
	f.next = next
	return f
}

func (f *faults) turn(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.on = on
}

// draw says whether the named fault happens now. It does once in n calls.
func (f *faults) draw(name string, n int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.on || f.rand.IntN(n) > 0 {
		return false
	}
	f.hits[name]++
	return true
}

func (f *faults) RoundTrip(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch operation {
	case "TransactWriteItems":
		return f.transaction(r)
	case "Query", "GetItem", "BatchGetItem", "BatchWriteItem":
		if f.draw(operation+" throttled", 15) {
			return answer(r, 400, `{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"Rate exceeded"}`), nil
		}
		if f.draw(operation+" failed", 30) {
			return answer(r, 500, `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"oops"}`), nil
		}
		if operation == "BatchGetItem" {
			return f.partly(r)
		}
	}
	return f.next.RoundTrip(r)
}

func (f *faults) transaction(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var in struct {
		ClientRequestToken string
		TransactItems      []json.RawMessage
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	f.mu.Lock()
	done := f.done[in.ClientRequestToken]
	f.mu.Unlock()
	switch {
	case done: // AWS remembers a token for ten minutes
		return answer(r, 200, `{}`), nil
	case f.draw("conflict", 6):
		reasons := strings.Repeat(`{"Code":"None"},`, len(in.TransactItems)-1) +
			`{"Code":"TransactionConflict","Message":"Transaction is ongoing for the item"}`
		return answer(r, 400, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"canceled",`+
			`"CancellationReasons":[`+reasons+`]}`), nil
	case f.draw("throttled", 12):
		return answer(r, 400, `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}`),
			nil
	case f.draw("in progress", 20):
		return answer(r, 400, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionInProgressException","message":"in progress"}`), nil
	case f.draw("lost before", 12):
		return nil, errors.New("connection reset before the request came")
	}
	resp, err := f.next.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	f.mu.Lock()
	f.done[in.ClientRequestToken] = true
	f.mu.Unlock()
	if f.draw("lost after the commit", 5) {
		return nil, errors.Join(errors.New("time-out while waiting for the answer"), resp.Body.Close())
	}
	return resp, nil
}

// partly leaves the keys of one table out of a batch.
func (f *faults) partly(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	left := body
	if f.draw("keys left out", 8) {
		var in struct {
			RequestItems map[string]struct {
				ConsistentRead bool
				Keys           []json.RawMessage
			}
		}
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		for table, of := range in.RequestItems {
			if len(in.RequestItems) > 1 {
				rest, err := json.Marshal(map[string]any{"Responses": map[string]any{}, "UnprocessedKeys": map[string]any{table: of}})
				if err != nil {
					return nil, err
				}
				delete(in.RequestItems, table)
				if left, err = json.Marshal(in); err != nil {
					return nil, err
				}
				return f.joined(r, left, rest)
			}
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(left))
	return f.next.RoundTrip(r)
}

// joined sends the keys that are left and reports the rest as unprocessed.
func (f *faults) joined(r *http.Request, left, rest []byte) (*http.Response, error) {
	again := r.Clone(r.Context())
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(left)), int64(len(left))
	resp, err := f.next.RoundTrip(again)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	defer resp.Body.Close()
	var out, more map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(rest, &more); err != nil {
		return nil, err
	}
	out["UnprocessedKeys"] = more["UnprocessedKeys"]
	b, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	return answer(r, 200, string(b)), nil
}

func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
	}
}

// TestFiftyWritersLoseNothing lets fifty people post and react in one room at the same time. Each post is sent twice, as
// after a lost answer. Meanwhile DynamoDB reports conflicts, throttles, and loses answers.
func TestFiftyWritersLoseNothing(t *testing.T) {
	for emulator, c := range map[string]writersTest{
		local.Ministack: {posts: 3, turns: []bool{true, false, true}, processes: 8},
		local.Moto:      {posts: 1, turns: []bool{true}, processes: 2}, // moto copies all tables for each transaction
	} {
		t.Run(emulator, func(t *testing.T) {
			f := newFaults(1)
			s := on(t, emulator, f.between)
			c.work(t, s, f)
			for _, fault := range []string{"conflict", "throttled", "lost before", "lost after the commit", "GetItem throttled"} {
				if f.hits[fault] == 0 {
					t.Errorf("the fault %q never happened", fault)
				}
			}
			t.Logf("faults: %v", f.hits)
		})
	}
}

// writers is how many people write at the same time.
const writers = 50

// writersTest says what each of them does, and among how many processes they are divided. Each process has its own store.
type writersTest struct {
	posts     int
	turns     []bool // of a reaction: added, removed, …
	processes int
}

func (c writersTest) work(t *testing.T, on *stores, f *faults) {
	ctx, began := context.Background(), time.Now()
	s := on.open(t)
	stores := []*dynamodb.Store{s}
	for range c.processes - 1 {
		stores = append(stores, on.again())
	}
	owner := newUser("owner", chat.Owner)
	_, err := s.Setup(ctx, chat.Setup{
		Workspace: chat.Workspace{Name: "Acme", Epoch: "e", DefaultRooms: []string{"general"}}, Owner: owner, RoomID: "general", At: noon,
	})
	must(t, err)
	for i := range writers {
		_, err := s.AddUser(ctx, chat.AddUser{User: newUser(fmt.Sprint("w", i), chat.Member), Rooms: []string{"general"}, At: noon})
		must(t, err)
	}
	_, _, err = s.PostMessage(ctx, chat.PostMessage{Room: "general", Author: "uowner", ClientID: "root", Text: "Who comes?", At: noon})
	must(t, err)
	f.turn(true)
	var wg sync.WaitGroup
	for i := range writers {
		user, s := fmt.Sprint("uw", i), stores[i%c.processes]
		wg.Go(func() {
			for n := range c.posts {
				var seqs [2]int64
				var created [2]bool
				var twice sync.WaitGroup
				for again := range 2 {
					twice.Go(func() {
						s := stores[(i+again)%c.processes]
						m, made, err := s.PostMessage(ctx, chat.PostMessage{
							Room: "general", Author: user, ClientID: fmt.Sprint(n), Text: fmt.Sprint(user, n), At: noon,
						})
						if err != nil {
							t.Errorf("post: %v", err)
						}
						seqs[again], created[again] = m.Seq, made
					})
				}
				twice.Wait()
				if seqs[0] != seqs[1] || created[0] == created[1] {
					t.Errorf("%s %d: posted at %v, created %v", user, n, seqs, created)
				}
			}
			for _, added := range c.turns {
				if _, err := s.SetReaction(ctx,
					chat.SetReaction{Room: "general", Seq: 1, User: user, Emoji: "👍", Added: added, At: noon}); err != nil {
					t.Errorf("react: %v", err)
				}
			}
		})
	}
	wg.Wait()
	f.turn(false)
	t.Logf("%d posts and %d reactions in %v", writers*c.posts, writers*len(c.turns), time.Since(began).Round(time.Millisecond))
	c.settled(t, s)
}

func (c writersTest) settled(t *testing.T, s *dynamodb.Store) {
	ctx := context.Background()
	r, err := s.RoomAccess(ctx, "general", "uowner")
	must(t, err)
	if want := int64(1 + writers*c.posts); r.LastSeq != want {
		t.Errorf("last_seq is %d, want %d", r.LastSeq, want)
	}
	if want := int64(1 + writers*c.posts + writers*len(c.turns)); r.Rev != want {
		t.Errorf("rev is %d, want %d: one for each change", r.Rev, want)
	}
	changes, err := s.Changes(ctx, "general", 0, chat.Bound{Limit: chat.MaxChangesPage, Bytes: chat.PageBytes}, "uowner")
	must(t, err) // fails unless revisions are dense
	if len(changes.Messages) != 1+writers*c.posts {
		t.Errorf("%d messages changed", len(changes.Messages))
	}
	rs, err := s.Reactions(ctx, "general", 1, "uw0")
	must(t, err)
	if len(rs) != 1 || rs[0].Count != writers || len(rs[0].Users) != writers || !rs[0].Me {
		t.Errorf("reactions are %+v", rs)
	}
	m, err := s.Message(ctx, "general", 1, "uw49")
	must(t, err)
	if len(m.Reactions) != 1 || m.Reactions[0].Count != writers || len(m.Reactions[0].Users) != chat.MaxReactionUsers ||
		!m.Reactions[0].Me {
		t.Errorf("the summary is %+v", m.Reactions)
	}
}
