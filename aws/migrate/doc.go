// Package migrate copies a whole workspace from one store to another, such as from one machine to AWS and back, and
// checks that nothing is missing.
//
// # Guarantees
//
// The source is only read. When everything but the workspace item is copied, both stores are read again and compared, kind
// by kind, by count and SHA-256. Only then is the target set up; until then nobody can sign in. A move that failed may be
// run again. A target that holds another workspace is refused; one that already holds a copy of this workspace is reported
// as moved. Sessions are not copied: people sign in again with their passwords. The copy gets a new epoch, so that clients
// drop what they cached from the source.
//
// It imports chat, files and picture.
package migrate
