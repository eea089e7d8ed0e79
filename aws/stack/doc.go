// Package stack puts Canteen on AWS, upgrades it, says how it is, and takes it away: the commands of `canteen aws`, from the
// binary alone.
//
// Three guarantees:
//
//   - Nothing half done. Files are uploaded whole and by the hash of what they hold, before anything refers to them; the stack
//     changes by change sets that CloudFormation rolls back; the page comes after the assets it names.
//   - Repeating is safe. A deployment that was interrupted is found again by the token of what it deploys, and followed to its
//     end; one that changes nothing says so.
//   - Data is never replaced or removed but by Destroy with Data. A change set that would is refused before it begins, tables
//     outlive their stack, and a stack of the same name takes them back.
//
// Errors are sentences that name what to do. The package may import the root, aws/template, web and the AWS SDK; no adapter:
// what it needs of a store, the secret of the first run, it is given.
package stack
