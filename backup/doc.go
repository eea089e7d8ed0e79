// Package backup makes, checks and restores backups of a workspace on one machine: the database as it is after one commit, and the bodies
// of all files and emoji that the database of that commit names.
//
// A backup is a tar archive (POSIX.1-2001) with these members, in this order:
//
//	canteen-backup.json   the Header
//	canteen.db            the database (SQLite)
//	files/KEY             bodies, by the keys of package files, in the order of their names
//	SHA256SUMS            the SHA-256 digests of all of them, as sha256sum writes and checks them; before them, as a comment, the digest
//	                      of all bytes of the archive before this member
//
// All members have the mode 0600 and the time of the header. What follows the digest of all bytes before it is determined by the rest, to
// the last byte. So a reader finds every bit that has changed, in bodies, names and padding alike.
//
// A backup never blocks commands: it copies the database in one read, to a file on the same disk, which needs as much room as the database.
// The write-ahead log grows with what is written during this copy, and not longer, however slow the place of the backup is. The bodies are
// held meanwhile (disk.Bodies.Hold): those that are deleted are deleted when the backup has ended.
//
// A Shipper copies each change to a Place within about a second, and RestoreShipped restores any moment from there: a Generation, which is
// a copy of the database, and the segments of its write-ahead log that follow it, each with a digest that includes that of the one before.
// Bodies are there before the segments that name them. Commands never wait for the place.
//
// The package may import chat, disk, emoji, files and sqlite.
package backup
