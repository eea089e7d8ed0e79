// Package dynamodb stores a workspace in DynamoDB tables. It is the store of the deployment on AWS.
//
// A command is one TransactWriteItems with optimistic concurrency. It reads with strong consistency, computes, and writes on
// the condition that no item it read has changed: each item has a version, v, that every write raises. If a condition fails
// or another transaction holds an item, the command runs again, for at most three seconds; then it ends with Unavailable.
// All attempts to send one transaction carry the same client token, so that a time-out after the commit does not apply it
// twice. Facts become conditions on attributes: if one does not hold, the command ends with ErrStale.
//
// Changes are announced through the stream of the table messages. A record of a message holds its present state and its last
// change. All other events of a command lie in one item, which the command writes in its own transaction. [Store.Commits]
// turns stream records into announcements, ordered by room and rev.
//
// There is no Scan. Only live connections have indexes: whatever decides permissions is read with strong consistency from
// the tables. DynamoDB deletes expired items late, so reads skip them.
//
// It may import package chat and the AWS SDK.
package dynamodb
