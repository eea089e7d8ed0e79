// Package socket keeps the live connections of one node: WebSocket sessions at /ws.
//
// Guarantees: an event reaches each connection at most once and in the order in which the hub got it; it is encoded once
// for all. Deliver never waits for a client, nor for the fan-out: it queues announcements, and the hub's own goroutine encodes
// them and hands them to the connections. So an acknowledgement waits for no socket. A pong follows all that was committed before its ping.
//
// Both kinds of queues are bounded. The hub's holds 8,192 announcements or about 32 MiB, and the fan-out has at most as much in
// hand. When it is full, everything in it is forgotten and every client is told to reconcile (resync); users who left a room by
// one of the forgotten announcements are disconnected instead (1013), so that nothing of that room can follow. Typing is left out
// once the queue is half full. The end of a session is not queued at all: Deliver closes the connections that hang on it at once.
//
// Each connection has a bounded queue and one goroutine that writes it, several events in one frame when several wait; who does
// not keep up is closed (4008) and heals by asking for what changed. A connection whose session ended gets nothing more (4001).
// Who connects is checked before the upgrade and once more after the registration, so that no end of a session falls between.
//
// It may import chat, wire, text and its driver.
package socket
