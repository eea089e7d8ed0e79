package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/canteen-chat/canteen/wire"
)

// Event is a live event: its type and its whole JSON as the server sent it. Package wire has a struct for each type. Ignore unknown
// types: servers may add some.
type Event struct {
	Type string
	JSON json.RawMessage
}

// Live is a live connection. One goroutine may read it while others send. The server closes a connection on which it receives
// nothing for the heartbeat of hello plus 10 s: send {"type":"ping"} once per heartbeat, as Follow does.
type Live struct {
	ws      *websocket.Conn
	mu      sync.Mutex // serialises writes
	waiting []Event
	closed  chan struct{}
	close   func() error

	patience time.Duration // maximum time without a frame from the server; 0: no maximum
}

const (
	handshakeWithin = 15 * time.Second
	writeWithin     = 10 * time.Second
	maxFrame        = 1 << 20 // bytes; servers send at most 32 KiB
	silence         = 10 * time.Second
	retryPrefix     = "retry "
)

// Dial opens a live connection and sends that no room is open (on AWS the server answers that with hello). ctx limits the opening
// only; Close ends the connection. Ignore events before hello, and send nothing before it. A refusal is an *Error. A bot's connection
// has no events of the bot's own posts, edits and reactions.
func (c *Client) Dial(ctx context.Context) (*Live, error) { return c.dial(ctx, "/ws") }

func (c *Client) dial(ctx context.Context, path string) (*Live, error) {
	h := http.Header{"Origin": {c.base}}
	if c.token != "" {
		h.Set("Authorization", "Bearer "+c.token)
	}
	d := websocket.Dialer{Jar: c.http.Jar, Proxy: http.ProxyFromEnvironment, HandshakeTimeout: handshakeWithin}
	ws, resp, err := d.DialContext(ctx, "ws"+strings.TrimPrefix(c.base, "http")+path, h)
	if err != nil {
		if errors.Is(err, websocket.ErrBadHandshake) && resp != nil {
			b, _ := io.ReadAll(resp.Body) // the dialer keeps the first kilobyte
			return nil, fmt.Errorf("open the live connection: %w", refusal(resp, b))
		}
		return nil, fmt.Errorf("open the live connection: %w", err)
	}
	ws.SetReadLimit(maxFrame)
	l := &Live{ws: ws, closed: make(chan struct{})}
	l.close = sync.OnceValue(func() error {
		close(l.closed)
		return ws.Close()
	})
	if err := l.Send(openNone{"open", nil}); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("open the live connection: %w", err)
	}
	return l, nil
}

// openNone is the command that no room is open: its room is null, not absent.
type openNone struct {
	Type string  `json:"type"`
	Room *string `json:"room"`
}

// Next waits for the next event, until Close. If the server closes the connection, or sends bye because it cannot send a close code
// (API Gateway), the error is a *websocket.CloseError. Its code is one of wire's or RFC 6455's. Its text is "retry " and a number
// of milliseconds if the server says when to reconnect.
func (l *Live) Next() (Event, error) {
	for len(l.waiting) == 0 {
		if l.patience > 0 {
			if err := l.ws.SetReadDeadline(time.Now().Add(l.patience)); err != nil {
				return Event{}, err
			}
		}
		_, frame, err := l.ws.ReadMessage()
		if err != nil {
			_ = l.Close() // no more events can come
			return Event{}, fmt.Errorf("read the live connection: %w", err)
		}
		events := []json.RawMessage{frame}
		if bytes.HasPrefix(frame, []byte("[")) {
			if err := json.Unmarshal(frame, &events); err != nil {
				return Event{}, fmt.Errorf("a frame of events: %w", err)
			}
		}
		for _, e := range events {
			var head struct {
				Type string `json:"type"`
			}
			if err := json.Unmarshal(e, &head); err != nil {
				return Event{}, fmt.Errorf("an event: %w", err)
			}
			l.waiting = append(l.waiting, Event{head.Type, e})
		}
	}
	e := l.waiting[0]
	l.waiting = l.waiting[1:]
	if e.Type == "bye" {
		return Event{}, l.ended(e)
	}
	return e, nil
}

// ended closes the connection after bye, and gives the error of a close frame with the same code.
func (l *Live) ended(e Event) error {
	_ = l.Close()
	l.waiting = nil
	var bye wire.Bye
	if err := json.Unmarshal(e.JSON, &bye); err != nil {
		return fmt.Errorf("bye: %w", err)
	}
	closed := &websocket.CloseError{Code: bye.Code}
	if bye.RetryMS > 0 {
		closed.Text = fmt.Sprint(retryPrefix, bye.RetryMS)
	}
	return fmt.Errorf("read the live connection: %w", closed)
}

// comeBack is the time after which the client shall reconnect, according to the server; 0 if the server did not say.
func comeBack(err error) time.Duration {
	if refused, ok := errors.AsType[*Error](err); ok {
		return refused.RetryAfter
	}
	closed, ok := errors.AsType[*websocket.CloseError](err)
	if !ok {
		return 0
	}
	ms, found := strings.CutPrefix(closed.Text, retryPrefix)
	n, err := strconv.ParseUint(ms, 10, 31)
	if !found || err != nil {
		return 0
	}
	return time.Duration(n) * time.Millisecond // #nosec G115 -- 31 bits
}

// Send sends a command: a wire.Command, or any value with the same JSON form.
func (l *Live) Send(command any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ws.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	return l.ws.WriteJSON(command)
}

// keep sends a ping once per heartbeat until Close, and makes Next fail if the server is silent.
func (l *Live) keep(heartbeat time.Duration) {
	if heartbeat <= 0 {
		return
	}
	l.patience = heartbeat + silence
	go func() {
		t := time.NewTicker(heartbeat)
		defer t.Stop()
		for {
			select {
			case <-l.closed:
				return
			case <-t.C:
				if l.Send(wire.Command{Type: "ping"}) != nil {
					_ = l.Close() // Next returns the error
					return
				}
			}
		}
	}()
}

// Close ends the connection and a waiting Next. It may be called repeatedly and from any goroutine.
func (l *Live) Close() error { return l.close() }
