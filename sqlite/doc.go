// Package sqlite keeps a workspace in one SQLite file: the default store.
//
// One goroutine writes. It takes the commands that wait, runs each in a savepoint of its own, commits them together
// (group commit; WAL, synchronous=FULL), announces what they did in commit order, and only then answers the callers: what
// was acknowledged is on the disk, and what was announced is too. When a commit fails nothing of it happened, and every
// caller of the batch hears Unavailable. Reads go to connections of their own, each in one snapshot, and see every command
// that returned before.
//
// It may import the root package and its driver.
package sqlite
