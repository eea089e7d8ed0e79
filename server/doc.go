// Package server is the server for one machine. It connects the data directory with its lock, the SQLite store, the rules, REST,
// the sockets and the web client, and starts and stops them in the right order. The command canteen and the tests start the same
// server.
//
// It may import every adapter; adapters do not import each other.
package server
