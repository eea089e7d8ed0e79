package main

import (
	"strings"
	"testing"
)

// TestTrustedProxies: single addresses are networks of one, and IPv4 is IPv4 in any form.
func TestTrustedProxies(t *testing.T) {
	for s, want := range map[string]string{
		"127.0.0.1": "127.0.0.1/32", "::1": "::1/128", "10.0.0.0/8": "10.0.0.0/8", " 10.1.2.3 ": "10.1.2.3/32",
		"::ffff:10.0.0.1": "10.0.0.1/32", "::ffff:10.0.0.0/104": "10.0.0.0/8", "2001:db8::/32": "2001:db8::/32",
		"10.0.0.1:80": "", "proxy.example.com": "", "10.0.0.0/33": "", "": "",
	} {
		var n network
		err := n.UnmarshalText([]byte(s))
		if (err == nil) != (want != "") || err == nil && n.String() != want {
			t.Errorf("%q: %s %v, want %q", s, n, err, want)
		}
	}
	var said strings.Builder
	if code := run(t.Context(), []string{"check", "--trusted-proxies", "127.0.0.1,x"}, streams{strings.NewReader(""), &said, &said}); code != 2 ||
		!strings.Contains(said.String(), "such as 127.0.0.1") {
		t.Errorf("%d %s", code, said.String())
	}
}
