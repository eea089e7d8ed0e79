// Package attention decides whom a message concerns, and how much. [Decide] is the one function that says so: it is pure, and its tests
// hold it to a table. [Alerts] asks it whom a new message alerts now. [Inbox] and [Mentioned] are consumers of the commit feed: one writes
// the rows of inboxes, the other makes people follow a thread once a reply mentions them. [Inboxes] puts the pages of an inbox together.
//
// The package imports chat and text.
package attention
