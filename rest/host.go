package rest

import (
	"net"
	"net/netip"
	"strings"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/origin"
)

// checkHost refuses a request that names another host than the public URL: a page of a stranger whose name was made to resolve to this
// server's address could read its answers (DNS rebinding). The health checks of a load balancer name no host that could be known.
func (a *Access) checkHost(host, path string) error {
	if path == "/healthz" || path == "/readyz" || path == "/metrics" || named(a.public, host) {
		return nil
	}
	return chat.Errorf(chat.Misdirected, "The address of this server is %s. Whoever runs it can change it with --url. "+
		"A proxy must pass on the header Host.", a.public)
}

// named says whether a Host header is that of an origin. If that is this machine, all its names are, with any port.
func named(public origin.Origin, header string) bool {
	if public.Loopback() {
		return ofThisMachine(header)
	}
	host, port := splitHost(header)
	if port == map[string]string{"http": "80", "https": "443"}[public.Scheme] {
		port = ""
	}
	return port == public.Port && (host == public.Host || sameAddress(host, public.Host))
}

// splitHost gives the name and the port in a Host header.
func splitHost(header string) (host, port string) {
	host, port, err := net.SplitHostPort(header)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(header, "["), "]"), ""
	}
	return strings.TrimSuffix(strings.ToLower(host), "."), port
}

// ofThisMachine says whether a Host header names the machine that the client runs on.
func ofThisMachine(header string) bool {
	host, _ := splitHost(header)
	at, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && at.Unmap().IsLoopback()
}

// sameAddress says whether both are the same IP address, which can be written in several forms.
func sameAddress(one, other string) bool {
	a, err := netip.ParseAddr(one)
	if err != nil {
		return false
	}
	b, err := netip.ParseAddr(other)
	return err == nil && a == b
}
