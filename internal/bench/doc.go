// Package bench measures the server from outside, and compares each figure with a baseline: make bench. On a shared machine the CPU
// per operation is reliable; rates and times depend on the other load.
//
// It contains only tests.
package bench
