package socket

import (
	"sync"

	"github.com/canteen-chat/canteen/chat"
)

const (
	queuedAnnouncements = 8192
	queuedBytes         = 32 << 20
	announcementBytes   = 512 // about what an announcement takes besides its text
	idBytes             = 16  // about what an id of its audience takes, where the list is not shared
)

// queue holds announcements between the store's commit and the fan-out. It is bounded: at most queuedAnnouncements and about
// queuedBytes wait, and as much again is on its way out. When it is full it forgets everything it holds.
type queue struct {
	wake chan struct{} // holds one value while something waits

	mu     sync.Mutex
	sent   *sync.Cond
	in     int64 // how often something was put …
	out    int64 // … and up to where it was sent
	wait   []chat.Announcement
	size   int
	forgot bool // since the last take
	closed bool
}

func newQueue() *queue {
	q := &queue{wake: make(chan struct{}, 1)}
	q.sent = sync.NewCond(&q.mu)
	return q
}

// put adds announcements and never blocks. When there is no place for them, they and all that waits are forgotten, and given back.
// Typing alone is not worth that: it is left out once the queue is half full.
func (q *queue) put(as []chat.Announcement) (forgotten []chat.Announcement) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.wait) >= queuedAnnouncements/2 && onlyTyping(as) {
		return nil
	}
	q.in++
	size := 0
	for i := range as {
		size += sizeOf(as[i])
	}
	if len(q.wait)+len(as) > queuedAnnouncements || q.size+size > queuedBytes {
		forgotten = append(q.wait, as...)
		q.wait, q.size, q.forgot = nil, 0, true
	} else {
		q.wait, q.size = append(q.wait, as...), q.size+size
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return forgotten
}

// take gives all that waits, and whether others were forgotten before them. Once they are sent, call done.
func (q *queue) take() (as []chat.Announcement, forgot bool, done func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	as, forgot = q.wait, q.forgot
	q.wait, q.size, q.forgot = nil, 0, false
	mark := q.in
	return as, forgot, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.out = mark
		q.sent.Broadcast()
	}
}

// settle waits until all that was put before is sent or forgotten.
func (q *queue) settle() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for mark := q.in; q.out < mark && !q.closed; {
		q.sent.Wait()
	}
}

// close forgets all there is and all that comes.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.wait, q.size = true, nil, 0
	q.sent.Broadcast()
}

func onlyTyping(as []chat.Announcement) bool {
	for _, a := range as {
		if _, ok := a.Event.(chat.Typing); !ok {
			return false
		}
	}
	return true
}

// sizeOf is about how much memory an announcement keeps. Lists of a room's members are shared by the room's announcements.
func sizeOf(a chat.Announcement) int {
	n := announcementBytes
	if m, ok := a.Event.(chat.MessageChanged); ok {
		return n + len(m.Message.Text)
	}
	if _, ok := a.Event.(chat.ReactionChanged); ok {
		return n
	}
	return n + idBytes*len(a.To)
}
