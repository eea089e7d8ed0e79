// Package dynamodb stores a workspace in DynamoDB tables. It is the store of the deployment on AWS.
//
// A command is one transaction with optimistic concurrency, which package [table] runs: again while it conflicts, for at most three
// seconds; then it ends with Unavailable. Facts become conditions on attributes: if one does not hold, the command ends with ErrStale.
//
// Changes are announced through the stream of the table messages. A record of a message holds its present state and its last
// change. All other events of a command lie in one item, which the command writes in its own transaction. [Store.Commits]
// turns stream records into announcements, ordered by room and rev.
//
// There is no Scan. Only live connections have indexes: whatever decides permissions is read with strong consistency from
// the tables. DynamoDB deletes expired items late, so reads skip them.
//
// It may import the packages chat and table, and the AWS SDK.
package dynamodb
