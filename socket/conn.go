package socket

import (
	"net"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/wire"
)

const (
	queueEvents = 256
	queueBytes  = 1 << 20
	kernelBytes = 64 << 10 // kernel send buffer per connection; the default is some megabytes for a slow peer
	writeWithin = 10 * time.Second
	closeWithin = 2 * time.Second
)

// conn is one connection. Its lock guards its fields and the deadlines of the socket. Only the writer goroutine, which runs while
// frames are queued, writes to the socket. Only the reader goroutine closes it.
type conn struct {
	id     string
	notOwn bool       // does not get the events of what its user did (see wire.IsOwn)
	probe  bool       // of the server itself: see Doors.Probe
	actor  chat.Actor // whose connection it is. Its rights may be those of an earlier time: see handler.do
	clock  chat.Clock
	meter  Meter // nil: nothing is counted
	net    net.Conn

	watched []string // guarded by the hub's lock
	opened  bool     // the client has said what is open; used by the reader goroutine only

	mu      sync.Mutex
	until   time.Time     // when the session or token is over by itself, as far as it is known; zero: never
	queue   [][]byte      // encoded frames
	size    int           // bytes in the queue
	oldest  time.Time     // when the oldest event in the queue was committed, or one before it; zero: there is none
	writing bool          // a writer is running, or must not start yet
	code    ws.StatusCode // code of the pending close frame; 0 while open
	reason  string
	room    string // the room that is open on screen
	thread  int64  // the thread of the room that is open on screen too; 0: none
	leaves  int    // number of rooms left so far; a membership check is void if it changes meanwhile
	away    bool
	madeAt  time.Time // immutable
	active  time.Time // when the user last did something that the client tells; zero: not yet
}

// textFrame encodes a text as a frame (RFC 6455, 5.2), which can be written to any number of connections.
func textFrame(text []byte) []byte { return encodeFrame(ws.OpText, text) }

func encodeFrame(op ws.OpCode, payload []byte) []byte {
	return ws.MustCompileFrame(ws.NewFrame(op, true, payload))
}

// payload is the payload of an encoded, unmasked frame of at most 64 KiB.
func payload(frame []byte) []byte {
	if frame[1] < 126 {
		return frame[2:]
	}
	return frame[4:]
}

// send queues an encoded frame. If the queue is full, or the session or token is over, it closes the connection.
func (c *conn) send(frame []byte) { c.deliver(frame, time.Time{}) }

// deliver is send for the frame of an event, which was committed at a time.
func (c *conn) deliver(frame []byte, at time.Time) {
	if frame == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code != 0 {
		return
	}
	if c.overAt(c.clock.Time()) {
		c.closeLocked(wire.CloseEnded, sessionOver)
		return
	}
	if len(c.queue) >= queueEvents || c.size+len(frame) > queueBytes {
		if c.meter != nil {
			c.meter.Overflowed("socket")
		}
		c.closeLocked(wire.CloseSlow, "too slow")
		return
	}
	if c.oldest.IsZero() {
		c.oldest = at
	}
	c.queue, c.size = append(c.queue, frame), c.size+len(frame)
	c.write()
}

// overAt says whether the session or token is over by itself at now. The caller holds the lock.
func (c *conn) overAt(now time.Time) bool { return !c.until.IsZero() && !now.Before(c.until) }

// lives records until when the session or token lives.
func (c *conn) lives(until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = until
}

// expires says whether the session or token is over by itself at now.
func (c *conn) expires(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.code == 0 && c.overAt(now)
}

// close closes the connection: the queue is dropped, and only the close frame is still sent.
func (c *conn) close(code ws.StatusCode, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeLocked(code, reason)
}

// closeLocked is close with the lock held. It gives the writer and the peer closeWithin to finish: the writer may be blocked, and
// the peer may neither read nor answer.
func (c *conn) closeLocked(code ws.StatusCode, reason string) {
	if c.code != 0 {
		return
	}
	c.code, c.reason, c.queue, c.size = code, reason, nil, 0
	_ = c.net.SetDeadline(time.Now().Add(closeWithin)) // fails if the peer is gone
	c.write()
}

// closing says whether close has been called.
func (c *conn) closing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.code != 0
}

// endCode is the code that a connection which is over was closed with.
func (c *conn) endCode() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code == 0 {
		return int(ws.StatusAbnormalClosure)
	}
	return int(c.code)
}

// write starts the writer unless it is running. The caller holds the lock.
func (c *conn) write() {
	if !c.writing {
		c.writing = true
		go c.flush()
	}
}

// begin starts the first writer. Until then frames are only queued.
func (c *conn) begin() { go c.flush() }

// flush is the writer goroutine. It ends when the queue is empty, after the close frame, or when the socket fails.
func (c *conn) flush() {
	for {
		frame, committed, last := c.take()
		if frame == nil {
			return
		}
		if _, err := c.net.Write(frame); err != nil {
			c.fail()
			return
		}
		if c.meter != nil && !committed.IsZero() {
			c.meter.Written(time.Since(committed))
		}
		if last {
			if half, ok := c.net.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite() // RFC 6455, 7.1.1; the reader closes the other direction
			}
			return
		}
	}
}

// take gives the next frame to write, and when the oldest event in it was committed; last is true for the close frame. If the queue is
// empty, it gives nil, and the writer must end.
func (c *conn) take() (frame []byte, committed time.Time, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code != 0 {
		return encodeFrame(ws.OpClose, ws.NewCloseFrameBody(c.code, c.reason)), committed, true
	}
	if len(c.queue) == 0 {
		c.queue, c.writing = nil, false
		return nil, committed, false
	}
	n := joinable(c.queue)
	frame = join(c.queue[:n])
	for _, f := range c.queue[:n] {
		c.size -= len(f)
	}
	clear(c.queue[:n])
	c.queue = c.queue[n:]
	if committed = c.oldest; len(c.queue) == 0 {
		c.oldest = time.Time{}
	}
	_ = c.net.SetWriteDeadline(time.Now().Add(writeWithin)) // under the lock, so that it never replaces the shorter deadline of a close
	return frame, committed, false
}

// fail ends a connection after a failed write.
func (c *conn) fail() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code == 0 {
		c.code = ws.StatusAbnormalClosure
	}
	c.queue, c.size = nil, 0
	_ = c.net.SetReadDeadline(time.Now()) // wakes the reader, which closes the socket
}

// await sets the read deadline. It gives false if the connection is closing: then the deadline of the close is kept.
func (c *conn) await(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.code == 0 && c.net.SetReadDeadline(time.Now().Add(d)) == nil
}

// joinable is the number of frames at the head of the queue that fit into one frame. Text frames are joined as a JSON array; other
// frames are sent alone.
func joinable(frames [][]byte) int {
	n, size := 0, 1
	for n < len(frames) && text(frames[n]) && size+1+len(payload(frames[n])) <= wire.FrameBytes {
		size += 1 + len(payload(frames[n]))
		n++
	}
	return max(n, 1)
}

// join makes one frame of several text frames.
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

// acts records that the user has just done something.
func (c *conn) acts() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active = c.clock.Time()
}

// state is the connection as the rules of package chat see it.
func (c *conn) state() connection.Connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	return connection.Connection{
		ID: c.id, User: c.actor.User.ID, Room: c.room, Thread: c.thread, Away: c.away || c.code != 0, MadeAt: c.madeAt, ActiveAt: c.active,
	}
}

func (c *conn) isAway() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.away
}

// leave records that the user has left a room, and closes the room if it is open on screen.
func (c *conn) leave(room string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaves++
	if c.room == room {
		c.room, c.thread = "", 0
	}
}
