// Package stack deploys Canteen to AWS, upgrades it, reports its state, and removes it. These are the commands of `canteen
// aws`. They need only the binary.
//
// Guarantees:
//
//   - No partial change. Files are uploaded whole, under the hash of their content, before anything refers to them. The stack
//     changes by change sets, which CloudFormation rolls back if they fail. The page is uploaded after its assets.
//   - Every command may be repeated. A deployment that was interrupted is recognised by its token and followed to its end.
//     A deployment that changes nothing says so.
//   - Only Destroy with Data or Former deletes data. A change set that would replace or delete it is refused before it is executed.
//     Tables outlive their stack, and a later stack of the same name takes them back. Restore makes new tables and keeps the former.
//
// Errors are sentences that say what to do. The package may import chat, aws/template, web and the AWS SDK, but no store: the
// caller supplies the function that stores the setup secret.
package stack
