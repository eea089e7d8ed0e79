// Package wire is the JSON of Canteen: the shapes of REST and of the live socket, and the mapping from the product's types
// to them, in one place for both, so that a message looks the same through every door.
//
// A shape shows what its viewer may see and nothing else: what is left out here cannot leak elsewhere. Lists are always
// there, [] when empty; times are UTC, RFC 3339, with milliseconds.
//
// It may import the root package and the standard library.
package wire
