package socket

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// counts is a Meter that keeps what it is told.
type counts struct {
	noMeter
	mu         sync.Mutex
	delivered  int
	waited     []time.Duration
	overflowed []string
}

func (c *counts) Delivered(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delivered += n
}

func (c *counts) Written(waited time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waited = append(c.waited, waited)
}

func (c *counts) Overflowed(queue string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.overflowed = append(c.overflowed, queue)
}

// TestDeliveriesAreMeasured: events count once for each socket. The delay is that from the commit to the write, which waits for a client
// that does not read; frames that are no events have none. A queue that is full is counted.
func TestDeliveriesAreMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := &counts{}
		h := New(Options{Clock: time.Now, Log: slog.New(slog.DiscardHandler), Meter: seen})
		ours, peer := net.Pipe()
		c := &conn{net: ours, actor: chat.Actor{User: chat.User{ID: "mira"}}, clock: time.Now, meter: seen, writing: true}
		h.join(c)
		c.send(textFrame([]byte("hello")))
		c.begin()
		b := make([]byte, 1<<20)
		read := func() {
			if _, err := peer.Read(b); err != nil {
				t.Error(err)
			}
			synctest.Wait()
		}
		read()
		if len(seen.waited) != 0 {
			t.Errorf("a frame that is no event has the delays %v", seen.waited)
		}
		h.Deliver([]chat.Announcement{changed(1, "mira", "jonas")})
		time.Sleep(5 * time.Second)
		read()
		if seen.delivered != 1 || len(seen.waited) != 1 || seen.waited[0] != 5*time.Second {
			t.Errorf("%d deliveries with the delays %v", seen.delivered, seen.waited)
		}
		h.Deliver([]chat.Announcement{changed(2, "mira")})
		time.Sleep(time.Second)
		read()
		if len(seen.waited) != 2 || seen.waited[1] != time.Second {
			t.Errorf("the delays are %v", seen.waited)
		}
		for rev := range int64(3) { // the first is being written while the other two wait, and are written together
			h.Deliver([]chat.Announcement{changed(3+rev, "mira")})
			time.Sleep(time.Second)
		}
		read()
		read()
		if len(seen.waited) != 4 || seen.waited[3] != 2*time.Second {
			t.Errorf("the delays are %v", seen.waited)
		}
		for rev := range int64(queueEvents + 2) {
			h.Deliver([]chat.Announcement{changed(6+rev, "mira")})
			time.Sleep(2 * gather) // the writer waits for the peer with the first of them
		}
		synctest.Wait()
		if len(seen.overflowed) != 1 || seen.overflowed[0] != "socket" {
			t.Errorf("the queues %v were full", seen.overflowed)
		}
		_, _ = ours.Close(), peer.Close()
		h.Drain(context.Background())
		time.Sleep(time.Minute)
	})
}
