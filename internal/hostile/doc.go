// Package hostile plays Amazon's part around the real canteen-lambda, less kindly than an emulator: an HTTP API and a WebSocket
// API on one port, their @connections, the trigger of the stream, and Lambda itself by its Runtime API, in front of an emulator
// that keeps the tables. It is for tests alone.
//
// What may go wrong is a number each, how often of a thousand times, drawn from a seed: pushes that are answered 200 and lost,
// 410, 413, 429 and 5xx, a lost $disconnect, connections cut for their age, functions killed before their work and between
// work and answer, batches of the stream that come twice, late, or after those of another room. Processes are stopped as soon
// as they have answered and go on with the next event, as Lambda freezes them; what one asks of the outside meanwhile is a
// fault that Check reports.
//
// It imports awstest-started emulators by URL only, and gorilla's WebSocket.
package hostile
