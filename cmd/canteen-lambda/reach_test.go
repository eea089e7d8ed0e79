//go:build !reaching

package main

import "testing"

// TestReach (SS-01): the functions that are deployed ask public addresses alone, whatever their environment says.
func TestReach(t *testing.T) {
	if reach() != nil {
		t.Error("the functions have a guard of their own")
	}
}
