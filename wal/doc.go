// Package wal reads what the commits of a store add to SQLite's write-ahead log, so that it can be shipped to another place, and applies it
// to a copy of the database.
//
// It imports nothing of the product.
package wal
