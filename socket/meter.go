package socket

import "time"

// Meter is told what happens to sockets, to count it. Its methods must not block. It is safe for concurrent use.
type Meter interface {
	Opened()
	Closed(code int)              // 1006: the peer was gone
	Command(kind string)          // of the protocol, or "invalid"
	Failed()                      // a command failed in the server
	Delivered(n int)              // events were queued for n sockets
	Written(waited time.Duration) // events were written to a socket, the oldest so long after its commit
	Overflowed(queue string)      // "fanout" or "socket": the queue was full
}

type noMeter struct{}

func (noMeter) Opened()               {}
func (noMeter) Closed(int)            {}
func (noMeter) Command(string)        {}
func (noMeter) Failed()               {}
func (noMeter) Delivered(int)         {}
func (noMeter) Written(time.Duration) {}
func (noMeter) Overflowed(string)     {}

// Open says how many sockets are open, and how many users have one. Those of probes do not count.
func (h *Hub) Open() (sockets, users int) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, u := range h.users {
		n := 0
		for c := range u.conns {
			if !c.probe {
				n++
			}
		}
		if sockets += n; n > 0 {
			users++
		}
	}
	return sockets, users
}
