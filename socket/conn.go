package socket

import (
	"net"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

const (
	queueEvents = 256
	queueBytes  = 1 << 20
	kernelBytes = 64 << 10 // that wait in the kernel for a slow peer; without it, some megabytes for each
	writeWithin = 10 * time.Second
	closeWithin = 2 * time.Second
)

// conn is one connection. What others do to it goes through its lock, deadlines of the socket too; only its writer, which is
// there while there is something to write, writes to the socket, and only its reader ends it.
type conn struct {
	id    string
	actor chat.Actor
	net   net.Conn

	watched []string // under the hub's lock

	mu      sync.Mutex
	queue   [][]byte      // finished frames
	size    int           // of the queue
	writing bool          // a writer is under way, or may not begin yet
	code    ws.StatusCode // of the close to come; 0 while open
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
func (c *conn) close(code ws.StatusCode, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeLocked(code, reason)
}

// closeLocked gives the writer and the peer closeWithin for all that is left: a writer may be stuck, a peer may neither read
// nor answer.
func (c *conn) closeLocked(code ws.StatusCode, reason string) {
	if c.code != 0 {
		return
	}
	c.code, c.reason, c.queue, c.size = code, reason, nil, 0
	_ = c.net.SetDeadline(time.Now().Add(closeWithin)) // fails when the peer is gone
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

// begin lets the writer write what has been queued so far.
func (c *conn) begin() { go c.flush() }

// flush is the writer: until the queue is empty, the connection is to close, or the socket fails.
func (c *conn) flush() {
	for {
		frame, last := c.take()
		if frame == nil {
			return
		}
		if _, err := c.net.Write(frame); err != nil {
			c.fail()
			return
		}
		if last {
			if half, ok := c.net.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite() // RFC 6455, 7.1.1; the reader ends the rest
			}
			return
		}
	}
}

// take is the next frame to be written, and whether it is the last, the close; nil when there is none and the writer is done.
func (c *conn) take() (frame []byte, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code != 0 {
		return finished(ws.OpClose, ws.NewCloseFrameBody(c.code, c.reason)), true
	}
	if len(c.queue) == 0 {
		c.queue, c.writing = nil, false
		return nil, false
	}
	n := joinable(c.queue)
	frame = join(c.queue[:n])
	for _, f := range c.queue[:n] {
		c.size -= len(f)
	}
	clear(c.queue[:n])
	c.queue = c.queue[n:]
	_ = c.net.SetWriteDeadline(time.Now().Add(writeWithin)) // under the lock, so that the shorter one of a close stands
	return frame, false
}

// fail ends a connection whose socket does not take anything more.
func (c *conn) fail() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code == 0 {
		c.code = ws.StatusAbnormalClosure
	}
	c.queue, c.size = nil, 0
	_ = c.net.SetReadDeadline(time.Now()) // the reader ends it
}

// await gives the peer so long to say something; false when the connection is to end: then the close's deadline stands.
func (c *conn) await(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.code == 0 && c.net.SetReadDeadline(time.Now().Add(d)) == nil
}

// joinable is how many of the first frames fit into one: texts as an array, anything else alone.
func joinable(frames [][]byte) int {
	n, size := 0, 1
	for n < len(frames) && text(frames[n]) && size+1+len(payload(frames[n])) <= wire.FrameBytes {
		size += 1 + len(payload(frames[n]))
		n++
	}
	return max(n, 1)
}

// join makes one frame of several texts.
func join(frames [][]byte) []byte {
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
