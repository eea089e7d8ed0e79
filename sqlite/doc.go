// Package sqlite keeps a workspace in one SQLite file. It is the default store.
//
// One goroutine does all writing. It takes the queued commands, runs them in one transaction (group commit; WAL,
// synchronous=FULL), announces their events in commit order, and only then answers the callers. So everything that was
// acknowledged or announced is on the disk. When a command of a batch fails, the batch is rolled back and run again with a
// savepoint for each command. When the commit fails, the whole batch is rolled back and all its callers get Unavailable. Reads
// use separate connections. Each read sees one snapshot, which includes every command that returned before the read began.
//
// The package may import package chat and the SQLite driver.
package sqlite
