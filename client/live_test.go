package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/canteen-chat/canteen/wire"
)

// fakeServer is a server of an empty workspace. It sends the frames that a test gives it.
type fakeServer struct {
	*httptest.Server
	made chan *end
}

// end is the server's end of a connection.
type end struct {
	t    *testing.T
	ws   *websocket.Conn
	gone chan struct{} // closed when the client has closed the connection
	said chan string   // frames from the client
}

func newFakeServer(t *testing.T) (*fakeServer, *Client) {
	h := &fakeServer{made: make(chan *end, 10)}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/v1/rooms":
			_, _ = io.WriteString(w, `{"epoch":"e","rooms":[]}`)
		case "/api/v1/users":
			_, _ = io.WriteString(w, `{"users":[]}`)
		case "/ws":
			h.accept(t, w, r)
		}
	}))
	t.Cleanup(h.Close)
	return h, New(h.URL, "token")
}

func (h *fakeServer) accept(t *testing.T, w http.ResponseWriter, r *http.Request) {
	ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		t.Error(err)
		return
	}
	e := &end{t: t, ws: ws, gone: make(chan struct{}), said: make(chan string, 100)}
	h.made <- e
	for {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			close(e.gone)
			_ = ws.Close()
			return
		}
		e.said <- strings.TrimSpace(string(frame))
	}
}

func within[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("no %s", what)
	}
	panic("unreachable")
}

// opened waits for the client's first frame, as the server on AWS does before it sends hello.
func (h *fakeServer) opened(t *testing.T) *end {
	t.Helper()
	e := within(t, "connection", h.made)
	if first := within(t, "first frame", e.said); first != `{"type":"open","room":null}` {
		t.Fatalf("the first frame is %s", first)
	}
	return e
}

func (e *end) say(frames ...string) {
	e.t.Helper()
	for _, f := range frames {
		if err := e.ws.WriteMessage(websocket.TextMessage, []byte(f)); err != nil {
			e.t.Error(err)
		}
	}
}

func (e *end) hello(more string) { e.say(`{"type":"hello","user":"me","epoch":"e"` + more + `}`) }

// follow runs Follow in the background. It gives the types of the events, and the error that Follow returns.
func follow(t *testing.T, c *Client) (events chan string, ended chan error) {
	t.Helper()
	events, ended = make(chan string, 100), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		ended <- c.Follow(ctx, NewState("me"), func(e Event) error {
			events <- e.Type
			return nil
		})
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
	return events, ended
}

func hears(t *testing.T, events chan string, want ...string) {
	t.Helper()
	for _, w := range want {
		if got := within(t, w, events); got != w {
			t.Fatalf("heard %q, want %q", got, w)
		}
	}
}

// TestFirstFrame: the client sends open first, so that the server on AWS sends hello too; events before hello are ignored.
func TestFirstFrame(t *testing.T) {
	t.Parallel()
	h, c := newFakeServer(t)
	events, _ := follow(t, c)
	e := h.opened(t)
	e.say(`{"type":"typing"}`)
	e.hello(`,"heartbeat":480,"presence_poll":60`)
	e.say(`[{"type":"typing"},{"type":"pong"}]`)
	hears(t, events, "", "typing", "pong")
}

// TestBye: bye has the effect of the close code that it names, also before hello. Events after bye are ignored.
func TestBye(t *testing.T) {
	t.Parallel()
	for name, over := range map[string]func(*end){
		"by code": func(e *end) {
			_ = e.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(wire.CloseEnded, ""), time.Now().Add(time.Second))
		},
		"by bye": func(e *end) { e.say(`[{"type":"typing"},{"type":"bye","code":4001},{"type":"pong"}]`) },
	} {
		for _, greeted := range []bool{true, false} {
			h, c := newFakeServer(t)
			events, ended := follow(t, c)
			e := h.opened(t)
			if greeted {
				e.hello(``)
				hears(t, events, "")
			}
			over(e)
			closed, ok := errors.AsType[*websocket.CloseError](within(t, "end", ended))
			if !ok || closed.Code != wire.CloseEnded {
				t.Errorf("%s, greeted %v: %v", name, greeted, closed)
			}
			within(t, "closing", e.gone)
		}
	}
}

// TestComeBack: the client reconnects after the time that the server gives, in the reason of a close frame or in bye.
func TestComeBack(t *testing.T) {
	t.Parallel()
	for name, over := range map[string]func(*end){
		"by code": func(e *end) {
			_ = e.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseServiceRestart, "retry 700"),
				time.Now().Add(time.Second))
		},
		"by bye": func(e *end) { e.say(`{"type":"bye","code":1012,"retry_ms":700}`) },
	} {
		h, c := newFakeServer(t)
		events, _ := follow(t, c)
		e := h.opened(t)
		e.hello(``)
		hears(t, events, "")
		over(e)
		before := time.Now()
		h.opened(t).hello(``)
		hears(t, events, "")
		if took := time.Since(before); took < 700*time.Millisecond {
			t.Errorf("%s: back after %v", name, took)
		}
	}
}

// TestRenewal: the old connection is used until the next one has received hello, and is closed then.
func TestRenewal(t *testing.T) {
	t.Parallel()
	h, c := newFakeServer(t)
	lives := make(chan time.Duration, 1)
	lives <- 10 * time.Millisecond
	c.life = func() time.Duration {
		select {
		case l := <-lives:
			return l
		default:
			return time.Hour
		}
	}
	events, _ := follow(t, c)
	old := h.opened(t)
	old.hello(`,"presence_poll":60`)
	hears(t, events, "")
	next := h.opened(t)
	next.say(`{"type":"members"}`) // before hello: the client ignores it and fetches everything after hello
	old.say(`{"type":"typing"}`)
	hears(t, events, "typing")
	select {
	case <-old.gone:
		t.Fatal("the old connection was closed before the hello of the new one")
	case <-time.After(50 * time.Millisecond):
	}
	next.hello(`,"presence_poll":60`)
	within(t, "closing", old.gone)
	next.say(`{"type":"pong"}`)
	hears(t, events, "", "pong")
}

// TestNoRenewal: connections to a server that does not limit their lifetime are not replaced.
func TestNoRenewal(t *testing.T) {
	t.Parallel()
	h, c := newFakeServer(t)
	c.life = func() time.Duration { return time.Millisecond }
	events, _ := follow(t, c)
	h.opened(t).hello(`,"heartbeat":25`)
	hears(t, events, "")
	select {
	case <-h.made:
		t.Error("another connection was opened")
	case <-time.After(100 * time.Millisecond):
	}
}

// TestUnheard: a replacement that is ready when Follow ends is closed too.
func TestUnheard(t *testing.T) {
	t.Parallel()
	h, c := newFakeServer(t)
	c.life = func() time.Duration { return time.Millisecond }
	stop := errors.New("enough")
	ready := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- c.Follow(t.Context(), NewState("me"), func(Event) error { <-ready; return stop })
	}()
	h.opened(t).hello(`,"presence_poll":60`)
	next := h.opened(t)
	next.hello(`,"presence_poll":60`)
	time.Sleep(50 * time.Millisecond)
	close(ready)
	if err := within(t, "end", ended); !errors.Is(err, stop) {
		t.Error(err)
	}
	within(t, "closing", next.gone)
}

// TestHeartbeat: the client sends a ping once per heartbeat of hello.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	h, c := newFakeServer(t)
	events, _ := follow(t, c)
	e := h.opened(t)
	e.hello(`,"heartbeat":1`)
	hears(t, events, "")
	var ping wire.Command
	if err := json.Unmarshal([]byte(within(t, "ping", e.said)), &ping); err != nil || ping.Type != "ping" {
		t.Errorf("%+v, %v", ping, err)
	}
}

func TestLife(t *testing.T) {
	t.Parallel()
	for range 100 {
		if l := life(); l < 90*time.Minute || l > 115*time.Minute {
			t.Fatal(l)
		}
	}
}
