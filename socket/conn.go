package socket

import (
	"bytes"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/canteen-chat/canteen"
	"github.com/canteen-chat/canteen/wire"
)

const (
	queueEvents = 256
	queueBytes  = 1 << 20
	writeWithin = 10 * time.Second
	closeWithin = 2 * time.Second
)

// conn is one connection. What others do to it goes through its lock; only its writer touches the socket's writing side.
type conn struct {
	id    string
	actor canteen.Actor
	ws    *websocket.Conn

	watched []string // under the hub's lock

	mu     sync.Mutex
	queue  [][]byte
	size   int
	wake   chan struct{} // holds one
	code   int           // of the close to come; 0 while open
	reason string
	room   string // that is open on screen
	leaves int    // rooms left so far: a check of membership from before one does not hold
	away   bool
}

// send queues a frame, or closes the connection when it is too slow.
func (c *conn) send(frame []byte) {
	if frame == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code != 0 {
		return
	}
	if len(c.queue) >= queueEvents || c.size+len(frame) > queueBytes {
		c.closeLocked(wire.CloseSlow, "too slow")
		return
	}
	c.queue, c.size = append(c.queue, frame), c.size+len(frame)
	c.signal()
}

func (c *conn) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// close ends the connection: nothing more is sent but the code.
func (c *conn) close(code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeLocked(code, reason)
}

func (c *conn) closeLocked(code int, reason string) {
	if c.code != 0 {
		return
	}
	c.code, c.reason, c.queue = code, reason, nil
	if c.ws != nil {
		_ = c.ws.NetConn().SetWriteDeadline(time.Now().Add(closeWithin)) // frees a writer that is stuck; fails when closed already
	}
	c.signal()
}

// take empties the queue; code is not 0 when it is time to close.
func (c *conn) take() (frames [][]byte, code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	frames, c.queue, c.size = c.queue, nil, 0
	return frames, c.code, c.reason
}

// write is the writer: until the connection is to close, or the socket fails.
func (c *conn) write() {
	defer c.ws.Close()
	for range c.wake {
		frames, code, reason := c.take()
		if code != 0 {
			_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(closeWithin)) // best effort
			return
		}
		for len(frames) > 0 {
			var frame []byte
			frame, frames = coalesce(frames)
			if c.ws.SetWriteDeadline(time.Now().Add(writeWithin)) != nil || c.ws.WriteMessage(websocket.TextMessage, frame) != nil {
				return
			}
		}
	}
}

// coalesce joins as many frames as fit into one, an array when it holds several.
func coalesce(frames [][]byte) (frame []byte, rest [][]byte) {
	n, size := 1, len(frames[0])+2
	for n < len(frames) && size+1+len(frames[n]) <= wire.FrameBytes {
		size += 1 + len(frames[n])
		n++
	}
	if n == 1 {
		return frames[0], frames[1:]
	}
	b := bytes.NewBuffer(make([]byte, 0, size))
	for i, f := range frames[:n] {
		b.WriteByte("[,"[min(i, 1)])
		b.Write(f)
	}
	b.WriteByte(']')
	return b.Bytes(), frames[n:]
}

func (c *conn) hasOpen(room string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.room == room
}

func (c *conn) isAway() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.away
}

// leave forgets a room that the user is not in any more.
func (c *conn) leave(room string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaves++
	if c.room == room {
		c.room = ""
	}
}
