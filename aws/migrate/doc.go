// Package migrate moves a whole workspace from one store into another, such as from one machine to AWS and back, and shows
// that nothing is missing.
//
// # Guarantees
//
// The source is only read. The target counts as set up once everything else in it has been read again and compared with the
// source, kind by kind, by number and SHA-256; until then nobody is let in, and a move that failed may be run again. A target
// that holds a workspace is refused, or, when it is this one, found to be moved already. Sessions stay behind: people sign in
// again, with the passwords they have. The copy has an epoch of its own, so that clients drop what they hold of the source.
//
// It imports the root package alone.
package migrate
