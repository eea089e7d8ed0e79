// Package attention decides whom a message concerns, and how much. [Decide] is the one function that says so: it is pure, and its tests
// hold it to a table. [Inbox] is a consumer of the commit feed that proposes messages for people's inboxes.
//
// The package imports chat and text.
package attention
