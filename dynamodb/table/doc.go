// Package table reads and writes items of DynamoDB tables: with strong consistency, in batches and pages, and in transactions with
// optimistic concurrency. It knows nothing of a chat but the errors Unavailable, NotFound and Stale.
//
// A command is a function that [Write] runs with a [Tx]. It reads, and says what to write. Each item has a version, v, that every write
// raises. The command then becomes one TransactWriteItems, on the condition that no item that it depends on has changed. If a condition
// fails or another transaction holds an item, the function runs again. All attempts to send one transaction carry the same client
// token, so that a time-out after the commit does not apply it twice.
//
// A [Fact] is a condition on attributes. If one does not hold at the commit, the command ends with chat.ErrStale instead.
//
// [Read] runs a function that only reads. DynamoDB shows queries and batches parts of a commit for some milliseconds: the function
// returns [ErrPartialCommit] when it notices, and runs again.
//
// It may import package chat and the AWS SDK.
package table
