package socket

import (
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/poll"
)

const (
	queuedAnnouncements = 8192
	queuedBytes         = 32 << 20
	announcementBytes   = 512 // estimated size of an announcement without its text
	idBytes             = 16  // estimated size of an id in its audience, if the list is not shared
)

// queue holds the announcements between the store's commit and the fan-out. It holds at most queuedAnnouncements and about
// queuedBytes; the fan-out works on as many more. If it is full, it drops everything in it.
type queue struct {
	wake chan struct{} // holds one value while announcements wait

	mu      sync.Mutex
	sent    *sync.Cond
	in      int64 // number of puts
	out     int64 // number of puts whose announcements were sent or dropped
	wait    []chat.Announcement
	at      []time.Time // when each was put
	size    int
	dropped bool // announcements were dropped since the last take
	closed  bool
}

func newQueue() *queue {
	q := &queue{wake: make(chan struct{}, 1)}
	q.sent = sync.NewCond(&q.mu)
	return q
}

// put adds announcements. It never blocks. If there is no space, they and all waiting ones are dropped and returned. Typing must not
// cause that: it is ignored once the queue is half full.
func (q *queue) put(as []chat.Announcement, at time.Time) (dropped []chat.Announcement) {
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
		dropped = append(q.wait, as...)
		q.wait, q.at, q.size, q.dropped = nil, nil, 0, true
	} else {
		q.wait, q.size = append(q.wait, as...), q.size+size
		for range as {
			q.at = append(q.at, at)
		}
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return dropped
}

// take gives all waiting announcements, when each was put, and whether others were dropped before them. Call done once they are sent.
func (q *queue) take() (as []chat.Announcement, at []time.Time, dropped bool, done func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	as, at, dropped = q.wait, q.at, q.dropped
	q.wait, q.at, q.size, q.dropped = nil, nil, 0, false
	mark := q.in
	return as, at, dropped, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.out = mark
		q.sent.Broadcast()
	}
}

// settle waits until all announcements that were put before are sent or dropped.
func (q *queue) settle() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for mark := q.in; q.out < mark && !q.closed; {
		q.sent.Wait()
	}
}

// close drops all announcements, also those that are put later.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.wait, q.at, q.size = true, nil, nil, 0
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

// sizeOf estimates the memory of an announcement. Announcements of changed messages in a room share one list of members.
func sizeOf(a chat.Announcement) int {
	n := announcementBytes
	if m, ok := a.Event.(chat.MessageChanged); ok {
		return n + len(m.Message.Text)
	}
	if _, ok := a.Event.(chat.ReactionChanged); ok {
		return n
	}
	if p, ok := a.Event.(chat.PollChanged); ok {
		n += len(p.Tally.Options) * idBytes * poll.MaxUsers
	}
	return n + idBytes*len(a.To)
}
