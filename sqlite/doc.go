// Package sqlite keeps a workspace in one SQLite file: the default store.
//
// One goroutine writes. It takes the commands that wait, runs them in one transaction (group commit; WAL, synchronous=FULL),
// announces what they did in commit order, and only then answers the callers: what was acknowledged is on the disk, and what
// was announced is too. When a command of a batch fails, the batch is undone and run again with a savepoint for each command.
// When the commit fails nothing of it happened, and every caller of the batch gets Unavailable. Reads go to connections of
// their own, each in one snapshot, and see every command that returned before.
//
// It may import the package chat and its driver.
package sqlite
