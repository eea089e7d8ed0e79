// Package socket serves the live connections of one machine: WebSockets at /ws.
//
// Guarantees: each connection receives an event at most once, in the order in which the hub received it. An event is encoded once
// for all connections. Deliver waits neither for a client nor for the fan-out: it queues the announcements, and the hub's
// goroutine encodes them and queues them at the connections. So no acknowledgement waits for a socket. A pong comes after all events
// that were committed before its ping.
//
// Both kinds of queues are bounded. The hub's queue holds 8,192 announcements or about 32 MiB; the fan-out works on at most as many
// more. If the queue is full, the hub drops everything in it and tells every client to refetch (resync). Users who left a room by
// one of the dropped announcements are disconnected instead (1013), so that they receive nothing more of that room. Typing is
// dropped once the queue is half full. The end of a session is not queued: Deliver closes its connections at once.
//
// Each connection has a bounded queue and one writer goroutine, which joins waiting events into one frame. A connection that
// does not keep up is closed (4008); its client then fetches the changes. A connection whose session has ended receives nothing more
// (4001). The session is checked before the upgrade and again after the registration, so that an end in between is not missed.
//
// It may import chat, wire, text and its driver.
package socket
