// Package apigateway keeps the live connections of Amazon API Gateway's WebSocket APIs: what connects, what clients say, and
// the fan-out of commits. No process holds a connection; what is known of them is in a chat.ConnectionStore, and frames go
// out through the gateway's own door, POST @connections.
//
// Guarantees: who connects is checked before the connection is, and once more with every frame, so that no end of a session
// falls between. A connection gets nothing before its open was obeyed. An event is encoded once for all; all events of one
// batch that one connection gets go out in one frame, in the order of the batch. Trouble with one connection is that
// connection's alone. Delivery promises nothing beyond that: the gateway's 200 is no acknowledgement, a batch may come twice
// or late, and the client heals by its gap rule. After the end of a session what hangs on it is removed and closed.
//
// Nothing here outlives the call it is part of: the process is frozen once it has answered.
//
// It imports the root package, wire and the SDK's request signer.
package apigateway
