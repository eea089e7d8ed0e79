// Package wire defines the JSON of Canteen: the types of the REST API and of the live socket, and how they are made from the
// types of package chat. REST and the socket share them, so a message has the same JSON on both.
//
// A type contains only what its viewer may see, so a field that is missing here cannot leak. An empty list is [], never absent
// or null, unless its field says omitempty. Times are in UTC, RFC 3339, with milliseconds.
//
// The package may import package chat and the standard library.
package wire
