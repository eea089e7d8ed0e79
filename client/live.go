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

// Event is a live event: its type, and the whole of it as the server sent it, of the shape that package wire has for the type.
// Types may be added: ignore those you do not know.
type Event struct {
	Type string
	JSON json.RawMessage
}

// Live is a live connection. One goroutine may read it while others send. The server closes a connection that is silent for
// longer than the heartbeat of hello and 10 s: send {"type":"ping"} once in a heartbeat, as Follow does.
type Live struct {
	ws      *websocket.Conn
	mu      sync.Mutex // of the writing side
	waiting []Event
	closed  chan struct{}
	close   func() error

	patience time.Duration // how long nothing may come; 0: for ever
}

const (
	handshakeWithin = 15 * time.Second
	writeWithin     = 10 * time.Second
	maxFrame        = 1 << 20 // bytes; servers send 32 KiB at most
	silence         = 10 * time.Second
	retryPrefix     = "retry "
)

// Dial opens a live connection, and says that no room is on screen: on AWS hello is the answer to that. ctx ends the opening,
// Close the connection. The first event that counts is hello: send nothing before it. A refusal is an *Error.
func (c *Client) Dial(ctx context.Context) (*Live, error) {
	h := http.Header{"Origin": {c.base}}
	if c.token != "" {
		h.Set("Authorization", "Bearer "+c.token)
	}
	d := websocket.Dialer{Jar: c.http.Jar, Proxy: http.ProxyFromEnvironment, HandshakeTimeout: handshakeWithin}
	ws, resp, err := d.DialContext(ctx, "ws"+strings.TrimPrefix(c.base, "http")+"/ws", h)
	if err != nil {
		if errors.Is(err, websocket.ErrBadHandshake) && resp != nil {
			b, _ := io.ReadAll(resp.Body) // its first kilobyte, kept by the dialer
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
	if err := l.Send(nowhere{"open", nil}); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("open the live connection: %w", err)
	}
	return l, nil
}

// nowhere is the command that no room is open: there the room is null, not absent.
type nowhere struct {
	Type string  `json:"type"`
	Room *string `json:"room"`
}

// Next waits for the next event, until Close. A connection that the server closed, or ended with a bye where it can send no
// close code, gives a *websocket.CloseError, whose code is one of wire's or RFC 6455's and whose text is "retry " and
// milliseconds when the server says when to come back.
func (l *Live) Next() (Event, error) {
	for len(l.waiting) == 0 {
		if l.patience > 0 {
			if err := l.ws.SetReadDeadline(time.Now().Add(l.patience)); err != nil {
				return Event{}, err
			}
		}
		_, frame, err := l.ws.ReadMessage()
		if err != nil {
			_ = l.Close() // there is nothing more to come
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

// ended closes a connection to which the server has said bye, and gives what a close code would have given.
func (l *Live) ended(e Event) error {
	_ = l.Close()
	l.waiting = nil
	var bye wire.Bye
	if err := json.Unmarshal(e.JSON, &bye); err != nil {
		return fmt.Errorf("bye: %w", err)
	}
	over := &websocket.CloseError{Code: bye.Code}
	if bye.RetryMS > 0 {
		over.Text = fmt.Sprint(retryPrefix, bye.RetryMS)
	}
	return fmt.Errorf("read the live connection: %w", over)
}

// comeBack is when the server wants one back that it closed; 0 when it does not say.
func comeBack(err error) time.Duration {
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

// Send sends a command, any value of the shape of wire.Command.
func (l *Live) Send(command any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ws.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	return l.ws.WriteJSON(command)
}

// keep pings once in a heartbeat until Close, and ends a connection on which nothing comes any more.
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
					_ = l.Close() // the reader says why
					return
				}
			}
		}
	}()
}

// Close ends the connection, and a Next that waits. It may be called again, from any goroutine.
func (l *Live) Close() error { return l.close() }
