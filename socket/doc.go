// Package socket keeps the live connections of one node: WebSocket sessions at /ws.
//
// Guarantees: an event reaches each connection at most once and in the order in which the hub got it; it is encoded once
// for all; Deliver never waits for a client. Each connection has a bounded queue and one goroutine that writes it, several
// events in one frame when several wait; who does not keep up is closed (4008) and heals by asking for what changed. A
// connection whose session ended gets nothing more (4001). Who connects is checked before the upgrade and once more after
// the registration, so that no end of a session falls between.
//
// It may import the root package, wire and its driver.
package socket
