package chat

// Live is the port to connected clients.
//
// Deliver is called from one goroutine, in commit order, with every announcement after its commit is durable; Typing
// alone, which no commit holds, may come from any goroutine at any time. It never blocks on a client: a connection that
// cannot keep up is closed. It sends an event to the connections of those in To
// and to nobody else, per connection in the order of the calls, at most once. After a RoomLeft the user's connections
// get nothing more of that room, typing included, until a RoomJoined. After a SessionsEnded the connections that hang on
// those sessions and tokens get nothing more and are closed (4001).
type Live interface {
	Deliver([]Announcement)
}
