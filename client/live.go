package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/gorilla/websocket"
)

// Event is a live event: its type, and the whole of it as the server sent it.
type Event struct {
	Type string
	JSON json.RawMessage
}

// Live is a live connection. One goroutine may read it while others send.
type Live struct {
	ws      *websocket.Conn
	mu      sync.Mutex // of the writing side
	waiting []Event
}

// Dial opens a live connection. The first event is hello.
func (c *Client) Dial(ctx context.Context) (*Live, error) {
	h := http.Header{"Origin": {c.base}}
	if c.token != "" {
		h.Set("Authorization", "Bearer "+c.token)
	}
	d := websocket.Dialer{Jar: c.http.Jar}
	ws, resp, err := d.DialContext(ctx, "ws"+strings.TrimPrefix(c.base, "http")+"/ws", h)
	if err != nil {
		if resp != nil {
			return nil, fmt.Errorf("%w: %s", err, resp.Status)
		}
		return nil, err
	}
	return &Live{ws: ws}, nil
}

// Next waits for the next event. A closed connection gives a *websocket.CloseError.
func (l *Live) Next() (Event, error) {
	for len(l.waiting) == 0 {
		_, frame, err := l.ws.ReadMessage()
		if err != nil {
			_ = l.ws.Close() // there is nothing more to come
			return Event{}, err
		}
		events := []json.RawMessage{frame}
		if frame[0] == '[' {
			if err := json.Unmarshal(frame, &events); err != nil {
				return Event{}, err
			}
		}
		for _, e := range events {
			var head struct {
				Type string `json:"type"`
			}
			if err := json.Unmarshal(e, &head); err != nil {
				return Event{}, err
			}
			l.waiting = append(l.waiting, Event{head.Type, e})
		}
	}
	e := l.waiting[0]
	l.waiting = l.waiting[1:]
	return e, nil
}

// Send sends a command, any value of the shape of wire.Command.
func (l *Live) Send(command any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ws.WriteJSON(command)
}

// Close ends the connection.
func (l *Live) Close() error { return l.ws.Close() }
