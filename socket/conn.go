package socket

import (
	"net"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"github.com/canteen-chat/canteen"
	"github.com/canteen-chat/canteen/wire"
)

const (
	queueEvents = 256
	queueBytes  = 1 << 20
	writeWithin = 10 * time.Second
	closeWithin = 2 * time.Second
)

// conn is one connection. What others do to it goes through its lock; only its writer, which is there while there is
// something to write, touches the socket's writing side, and only its reader ends it.
type conn struct {
	id    string
	actor canteen.Actor
	net   net.Conn

	watched []string // under the hub's lock

	mu      sync.Mutex
	queue   [][]byte // finished frames
	size    int
	writing bool // a writer is under way
	code    int  // of the close to come; 0 while open
	reason  string
	room    string // that is open on screen
	leaves  int    // rooms left so far: a check of membership from before one does not hold
	away    bool
}

// textFrame makes a finished frame of a text, to be written as it is to any number of connections (RFC 6455, 5.2).
func textFrame(text []byte) []byte { return finished(ws.OpText, text) }

func finished(op ws.OpCode, payload []byte) []byte {
	return ws.MustCompileFrame(ws.NewFrame(op, true, payload))
}

// payload is the text of a finished frame of at most 64 KiB.
func payload(frame []byte) []byte {
	if frame[1] < 126 {
		return frame[2:]
	}
	return frame[4:]
}

// send queues a finished frame, or closes the connection when it is too slow.
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
	c.write()
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
	_ = c.net.SetWriteDeadline(time.Now().Add(closeWithin)) // frees a writer that is stuck; fails when the peer is gone
	c.write()
}

// closing says whether the connection is to end.
func (c *conn) closing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.code != 0
}

// write starts the writer unless it is under way. It needs the lock.
func (c *conn) write() {
	if !c.writing {
		c.writing = true
		go c.flush()
	}
}

// take empties the queue; code is not 0 when it is time to close. Without either the writer is done.
func (c *conn) take() (frames [][]byte, code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	frames, c.queue, c.size = c.queue, nil, 0
	c.writing = c.code != 0 || len(frames) > 0
	return frames, c.code, c.reason
}

// flush is the writer: until the queue is empty, the connection is to close, or the socket fails.
func (c *conn) flush() {
	for {
		frames, code, reason := c.take()
		switch {
		case code != 0:
			c.part(code, reason)
			return
		case len(frames) == 0:
			return
		}
		for len(frames) > 0 {
			var frame []byte
			frame, frames = coalesce(frames)
			if c.net.SetWriteDeadline(time.Now().Add(writeWithin)) != nil || c.written(frame) != nil {
				c.fail()
				return
			}
		}
	}
}

// part sends the close (RFC 6455, 7.1.1) as far as the peer still takes it. It has a while to answer; the reader ends the rest.
func (c *conn) part(code int, reason string) {
	_, _ = c.net.Write(finished(ws.OpClose, ws.NewCloseFrameBody(ws.StatusCode(code), reason)))
	if half, ok := c.net.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_ = c.net.SetReadDeadline(time.Now().Add(closeWithin))
}

func (c *conn) written(frame []byte) error {
	_, err := c.net.Write(frame)
	return err
}

// fail ends a connection whose socket does not take anything more.
func (c *conn) fail() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code == 0 {
		c.code = int(ws.StatusAbnormalClosure)
	}
	c.queue = nil
	_ = c.net.SetReadDeadline(time.Now()) // the reader ends it
}

// coalesce joins as many texts as fit into one frame, an array when it holds several.
func coalesce(frames [][]byte) (frame []byte, rest [][]byte) {
	n, size := 0, 1
	for n < len(frames) && text(frames[n]) && size+1+len(payload(frames[n])) <= wire.FrameBytes {
		size += 1 + len(payload(frames[n]))
		n++
	}
	if n < 2 {
		return frames[0], frames[1:]
	}
	b := make([]byte, 0, size)
	for i, f := range frames[:n] {
		b = append(b, "[,"[min(i, 1)])
		b = append(b, payload(f)...)
	}
	return textFrame(append(b, ']')), frames[n:]
}

func text(frame []byte) bool { return ws.OpCode(frame[0]&0x0f) == ws.OpText }

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
