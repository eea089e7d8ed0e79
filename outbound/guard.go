package outbound

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// ErrForbidden says that an address must not be reached: it is not public, or the port or scheme is none of the web.
var ErrForbidden = errors.New("outbound: the address is forbidden")

// refused are blocks that are not public although the checks of netip do not cover them, by the IANA special-purpose registries for IPv4
// and IPv6 (RFC 6890). IPv6 blocks outside of 2000::/3 are refused as a whole.
var refused = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"2001::/23",     // protocols, among them Teredo, which embeds IPv4 addresses
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4, which embeds IPv4 addresses
	"2620:4f:8000::/48", "3fff::/20",
)

var global = netip.MustParsePrefix("2000::/3")

func prefixes(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, s := range all {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// Check returns [ErrForbidden] unless a connection to the address is allowed: it is public, and the port is 80 or 443.
func Check(a netip.AddrPort) error {
	if a.Port() != 80 && a.Port() != 443 {
		return fmt.Errorf("%w: port %d", ErrForbidden, a.Port())
	}
	ip := a.Addr().Unmap() // ::ffff:10.0.0.1 is 10.0.0.1
	public := ip.IsGlobalUnicast() && !ip.IsPrivate() && ip.Zone() == "" && (ip.Is4() || global.Contains(ip))
	if !public || slices.ContainsFunc(refused, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return fmt.Errorf("%w: it is not public", ErrForbidden)
	}
	return nil
}

// metadata is where clouds other than AWS's IPv4 answer programs on a machine with its secrets.
var metadata = netip.MustParseAddr("fd00:ec2::254")

// CheckNamed is for addresses that only the operator of the server can name, on the machine itself: it allows the operator's own network
// and any port. It returns [ErrForbidden] for what no host has, and for addresses of the link, where clouds give secrets to whoever asks.
func CheckNamed(a netip.AddrPort) error {
	ip := a.Addr()
	ip = ip.Unmap() // 169.254.169.254 may be spelled as an IPv6 address
	if ip.IsUnspecified() || ip.IsMulticast() || ip.IsLinkLocalUnicast() || ip.WithZone("") == metadata {
		return fmt.Errorf("%w: it is of the link, or of no host", ErrForbidden)
	}
	return nil
}

// toItself says whether a connection leads to this machine, at an address that is public: then both of its ends have the same one. The
// guard cannot know before: a process in a sandbox may not list the addresses of its machine.
func toItself(c net.Conn) bool {
	local, err := netip.ParseAddrPort(c.LocalAddr().String())
	remote, failed := netip.ParseAddrPort(c.RemoteAddr().String())
	return err != nil || failed != nil || local.Addr().Unmap() == remote.Addr().Unmap()
}

// control is net.Dialer.Control: it sees each address after the name was resolved, just before the connection is made.
func control(check func(netip.AddrPort) error) func(network, address string, c syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		if network != "tcp4" && network != "tcp6" {
			return fmt.Errorf("%w: network %s", ErrForbidden, network)
		}
		a, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %s", ErrForbidden, address)
		}
		return check(a)
	}
}
