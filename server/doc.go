// Package server is the wiring of one machine: the data directory with its lock, the SQLite store, the rules, REST, the
// sockets and the web client, started and stopped in the right order. The command and the tests' fixtures start the same
// server.
//
// It may import every adapter; no adapter knows another.
package server
