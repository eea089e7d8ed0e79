// Package probe lets a server try itself as one of its users would, and keeps a record of how that went.
//
// A [Prober] opens a WebSocket at the server's own address, sends a request that makes the store commit and announce an event, and waits
// until the socket hears that event. So it finds out whether connections are accepted, commits reach the disk, and events are delivered.
// The user of a probe exists for that probe only and is in no table. Nothing is stored: docs/adr/0021 says why no message is posted.
//
// A [Record] keeps the results of 90 days in a small file, by day.
//
// The package imports nothing of the product.
package probe
