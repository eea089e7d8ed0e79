// Package attention decides whom a message concerns, and how much. [Decide] is the one function that says so: it is pure, and its tests
// hold it to a table.
//
// The package imports chat only.
package attention
