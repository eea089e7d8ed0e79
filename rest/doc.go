// Package rest is HTTP for Canteen: the commands of the API under /api/v1, its description, the health of the process, and
// what surrounds every answer: who asks, where from, security headers, errors as problem documents (RFC 9457).
//
// Every handler has five beats: who, parse, check, do, answer. Who is settled before a body is read; parsing is strict;
// checking and doing are the rules' in the root package. What one may not see answers 404 with the same body as what never
// was, its request id apart.
//
// It may import the root package, wire, text and its HTTP libraries.
package rest
