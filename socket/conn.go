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
	kernelBytes = 64 << 10 // that wait in the kernel for a slow peer; without it, some megabytes for each
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

// take takes from the queue what goes into one frame; code is not 0 when it is time to close. Without either the writer is
// done. What is not taken stays in the queue, and bounded.
func (c *conn) take() (frames [][]byte, code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := together(c.queue)
	frames, c.queue = c.queue[:n], c.queue[n:]
	for _, f := range frames {
		c.size -= len(f)
	}
	if len(c.queue) == 0 {
		c.queue = nil
	}
	if n > 0 {
		_ = c.net.SetWriteDeadline(time.Now().Add(writeWithin)) // under the lock: that of a close stands; fails when the write does
	}
	c.writing = c.code != 0 || n > 0
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
		case c.written(joined(frames)) != nil:
			c.fail()
			return
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

// together is how many of the first frames go into one: texts as far as they fit, anything else alone.
func together(frames [][]byte) (n int) {
	for size := 1; n < len(frames) && text(frames[n]); n++ {
		if size += 1 + len(payload(frames[n])); size > wire.FrameBytes {
			break
		}
	}
	return min(max(n, 1), len(frames))
}

// joined makes one frame of those that go together: an array when they are several.
func joined(frames [][]byte) []byte {
	if len(frames) == 1 {
		return frames[0]
	}
	size := 1
	for _, f := range frames {
		size += 1 + len(f)
	}
	b := make([]byte, 0, size)
	for i, f := range frames {
		b = append(b, "[,"[min(i, 1)])
		b = append(b, payload(f)...)
	}
	return textFrame(append(b, ']'))
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
