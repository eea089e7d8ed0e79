package rest

import (
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// Proxies determines the address of clients behind proxies. It believes X-Forwarded-For only from the networks of these proxies. A nil
// Proxies trusts no proxy.
type Proxies struct {
	networks []netip.Prefix
	log      *slog.Logger
	near     sync.Once // each warns of one proxy that is not trusted: at an address that is not public,
	far      sync.Once // and at a public one, which may also be a stranger who sends the header
	mu       sync.Mutex
	warned   time.Time // of a header that cannot be read
}

// NewProxies makes Proxies that warn in log.
func NewProxies(networks []netip.Prefix, log *slog.Logger) *Proxies {
	return &Proxies{networks: networks, log: log}
}

const unreadableEvery = time.Hour

// client returns the client's address: the peer's or, behind trusted proxies, the one that the outermost proxy saw. If the header cannot
// be read, it is the address of the innermost proxy that wrote what can be read: clients then share the rates of an address, and none can
// choose one.
func (p *Proxies) client(r *http.Request) (netip.Addr, error) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, err
	}
	at := peer.Addr().Unmap()
	if p == nil {
		return at, nil
	}
	header := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	if !p.trusts(at) {
		if header != "" || r.Header.Get("Forwarded") != "" {
			p.unnamed(at)
		}
		return at, nil
	}
	hops := strings.Split(header, ",")
	for i := len(hops) - 1; i >= 0 && p.trusts(at); i-- {
		hop := strings.TrimSpace(hops[i])
		if hop == "" { // an empty element of a list is none (RFC 9110, 5.6.1)
			continue
		}
		next, ok := parseHop(hop)
		if !ok {
			p.unreadable(at, hop)
			break
		}
		at = next
	}
	return at, nil
}

// parseHop reads an element of X-Forwarded-For. The header has no standard: proxies write addresses alone, with a port, in brackets, or
// in quotes as in Forwarded (RFC 7239).
func parseHop(s string) (netip.Addr, bool) {
	s = strings.Trim(s, `"`)
	if at, err := netip.ParseAddrPort(s); err == nil {
		return at.Addr().Unmap().WithZone(""), true
	}
	if bare, ok := strings.CutPrefix(s, "["); ok {
		s = strings.TrimSuffix(bare, "]")
	}
	at, err := netip.ParseAddr(s)
	return at.Unmap().WithZone(""), err == nil
}

func (p *Proxies) trusts(at netip.Addr) bool {
	return slices.ContainsFunc(p.networks, func(n netip.Prefix) bool { return n.Contains(at) })
}

// unnamed warns once that a proxy is not trusted.
func (p *Proxies) unnamed(peer netip.Addr) {
	once := &p.far
	if peer.IsPrivate() || peer.IsLoopback() || peer.IsLinkLocalUnicast() {
		once = &p.near
	}
	once.Do(func() {
		p.log.Warn("a proxy that --trusted-proxies does not name forwards requests: all its clients share the rate limits of one address",
			"proxy", peer.String())
	})
}

// unreadable warns, at most once an hour, that a trusted proxy sends something else than addresses.
func (p *Proxies) unreadable(by netip.Addr, hop string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.Sub(p.warned) >= unreadableEvery {
		p.warned = now
		p.log.Warn("X-Forwarded-For of a trusted proxy is no address: its clients share the rate limits of one address",
			"proxy", by.String(), "header", hop[:min(len(hop), 100)])
	}
}
