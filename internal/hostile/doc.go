// Package hostile simulates the AWS services around the compiled canteen-lambda, and injects faults: an HTTP API and a WebSocket API
// on one port, their @connections API, the trigger of the DynamoDB stream, and Lambda's Runtime API. An emulator, whose URL it is
// given, holds the tables. It is for tests only.
//
// The rate of each fault is a number per thousand; a seed makes runs repeatable. Faults are: posts to connections that are answered
// with 200 and lost, or with 410, 413, 429 or 5xx; lost $disconnect events; connections that are cut because of their age; functions
// that are killed during their work, or after it before the answer; batches of the stream that come twice or late; a trigger of the stream
// that begins late. The trigger keeps the order that its event source mapping promises, and no other.
// Like Lambda, the gateway suspends a process when it has answered, and resumes it for the next event. A request that a process sends
// while it should be suspended is an error, which Check reports.
//
// It may import gorilla's WebSocket library.
package hostile
