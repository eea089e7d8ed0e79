//go:build reaching

package main

import (
	"net/netip"

	"github.com/canteen-chat/canteen/outbound"
)

// reach allows hosts on this machine as well. Only scripts/journeys-aws builds the functions so, for the journey about previews: nothing
// that is deployed on AWS has this code, and no setting brings it in.
func reach() func(netip.AddrPort) error {
	return func(a netip.AddrPort) error {
		if a.Addr().IsLoopback() {
			return nil
		}
		return outbound.Check(a)
	}
}
