// Package rest is Canteen's HTTP interface: the commands of the API under /api/v1, the API description and the health checks. It
// also does what every request needs: authentication, the client's address, security headers, and errors as problem documents
// (RFC 9457).
//
// A request takes five steps: authenticate, parse, check, execute, answer. It is authenticated before its body is read. Parsing is
// strict. Package chat checks permissions and executes the command. A request for something that the user may not see gets the same
// 404 as a request for something that does not exist; only the request id differs.
//
// The package may import packages chat, wire and text, and its HTTP libraries.
package rest
