// Package apigateway serves live connections through Amazon API Gateway's WebSocket APIs: new connections, frames of
// clients, and the fan-out of commits. No process holds a connection. A connection.Store records them, and frames are
// sent with POST @connections.
//
// Guarantees: The session is checked before a connection is made, and again with every frame, so that the end of a session
// takes effect even if its fan-out missed the connection. A connection receives nothing before its open command was handled.
// An event is encoded once. All events of a batch for one connection are sent in the order of the batch, in as few frames as
// their size allows. A failure of one connection does not affect others. Delivery is best effort: a 200 of the gateway is no
// acknowledgement, and a batch may come twice or late. Clients detect gaps in the revisions and fetch what is missing. When
// a session ends, its connections are removed and closed.
//
// No work continues after a call returns, since Lambda freezes the process then.
//
// It imports the packages chat and wire, and the SDK's request signer.
package apigateway
