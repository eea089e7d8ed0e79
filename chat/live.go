package chat

// Live is the port to connected clients.
//
// Deliver is called from one goroutine, in commit order, with every announcement after its commit is durable; Typing
// alone, which no commit holds, may come from any goroutine at any time. It never blocks: what is to be sent waits in a bounded
// queue, and whoever posted is answered meanwhile. An event goes to the connections of those in To and to nobody else, per
// connection in the order of the calls, at most once. An implementation may forget events when it cannot keep up: it then makes
// the clients that missed something reconcile, by resync or by closing their connections. Two things are never forgotten: after a
// RoomLeft the user's connections get nothing more of that room, typing included, until a RoomJoined or a resync; after a
// SessionsEnded the connections that hang on those sessions and tokens get nothing more and are closed (4001) within a second.
type Live interface {
	Deliver([]Announcement)
}
