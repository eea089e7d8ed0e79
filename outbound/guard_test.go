package outbound_test

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/canteen-chat/canteen/outbound"
)

// TestCheck holds which addresses may be reached.
func TestCheck(t *testing.T) {
	for address, allowed := range map[string]bool{
		"93.184.215.14:443": true, "93.184.215.14:80": true, "[2606:2800:21f:cb07::1]:443": true, "8.8.8.8:80": true,
		"[::ffff:8.8.8.8]:80": true, // the same as 8.8.8.8

		"93.184.215.14:22": false, "93.184.215.14:8080": false, "93.184.215.14:0": false, "[2606:2800:21f:cb07::1]:6379": false,
		"127.0.0.1:80": false, "127.1.2.3:443": false, "[::1]:80": false, "0.0.0.0:80": false, "0.1.2.3:80": false, "[::]:80": false,
		"10.0.0.1:80": false, "172.16.0.1:80": false, "172.31.255.255:80": false, "192.168.1.1:80": false, "100.64.0.1:80": false,
		"169.254.169.254:80": false, "[fd00:ec2::254]:80": false, "[::ffff:169.254.169.254]:80": false, "[::169.254.169.254]:80": false,
		"[64:ff9b::a9fe:a9fe]:80": false, "[64:ff9b:1::a9fe:a9fe]:80": false, "[2002:a9fe:a9fe::]:80": false,
		"[2001:0:a9fe:a9fe::1]:80": false, "[fe80::1]:80": false, "[fe80::1%eth0]:80": false, "[2606:2800:21f:cb07::1%eth0]:80": false,
		"[fec0::1]:80": false, "[ff02::1]:80": false, "224.0.0.1:80": false, "239.255.255.250:80": false, "255.255.255.255:80": false,
		"240.0.0.1:80": false, "192.0.0.192:80": false, "192.0.2.1:80": false, "198.18.0.1:80": false, "198.51.100.1:80": false,
		"203.0.113.1:80": false, "[2001:db8::1]:80": false, "[100::1]:80": false, "[5f00::1]:80": false,
	} {
		err := outbound.Check(netip.MustParseAddrPort(address))
		if allowed != (err == nil) || err != nil && !errors.Is(err, outbound.ErrForbidden) {
			t.Errorf("%s: %v, allowed is %v", address, err, allowed)
		}
	}
}

// TestOwnAddresses checks that a machine does not talk to itself at its public address either.
func TestOwnAddresses(t *testing.T) {
	for _, c := range []struct {
		local, remote string
		itself        bool
	}{
		{"93.184.215.14:40000", "93.184.215.14:443", true}, {"[::ffff:93.184.215.14]:40000", "93.184.215.14:443", true},
		{"[2606:2800:21f:cb07::1]:40000", "[2606:2800:21f:cb07::1]:80", true}, {"10.0.0.1:40000", "93.184.215.14:443", false},
		{"@", "93.184.215.14:443", true}, // an end that has no address
	} {
		if outbound.ToItself(c.local, c.remote) != c.itself {
			t.Errorf("%s to %s: to itself is not %v", c.local, c.remote, c.itself)
		}
	}
}

// TestCheckNamed: what the operator names may be in the operator's network, but not where clouds keep secrets.
func TestCheckNamed(t *testing.T) {
	for address, allowed := range map[string]bool{
		"10.0.0.1:9093": true, "127.0.0.1:8000": true, "[::1]:80": true, "[fd12::1]:443": true, "93.184.215.14:443": true,
		"169.254.169.254:80": false, "[::ffff:169.254.169.254]:80": false, "[fe80::1%eth0]:80": false, "[fd00:ec2::254]:80": false,
		"0.0.0.0:80": false, "[::]:80": false, "224.0.0.1:80": false, "[ff02::1]:80": false,
	} {
		err := outbound.CheckNamed(netip.MustParseAddrPort(address))
		if (err == nil) != allowed || err != nil && !errors.Is(err, outbound.ErrForbidden) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
