// Package dynamodb keeps a workspace in DynamoDB tables: the store of the serverless home.
//
// A command is one TransactWriteItems. It reads what it needs, consistently, computes, and writes on the condition that
// nothing it read has changed since: each item carries a version, v, that every write raises. Where a condition fails or
// another transaction is in the way the command is done again, with what DynamoDB says of the items now, for at most three
// seconds; then it is Unavailable. The same request carries the same client token, so that a time-out after the commit
// repeats the answer and not the change. Facts are conditions on attributes: a command whose facts do not hold is ErrStale.
//
// What happened is told by the stream of the table messages: the present state of a message with what changed in it, and an
// item for the events of every other command, written in the transaction that they tell of. [Store.Commits] makes
// announcements of stream records, by room and rev.
//
// There is no Scan, and no index but on live connections: what permission rests on is read consistently from the base tables.
// DynamoDB deletes expired items late; they are never given.
//
// It may import the root package and its driver.
package dynamodb
