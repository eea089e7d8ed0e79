package lambda

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// originHeader is what the distribution alone sends.
const originHeader = "X-Canteen-Origin"

// Door lets in what came through the distribution.
type Door struct {
	host   string
	secret [sha256.Size]byte
}

// NewDoor is for the public URL at which browsers reach the distribution, and the secret that it sends.
func NewDoor(publicURL, secret string) (*Door, error) {
	u, err := url.Parse(publicURL)
	if err != nil {
		return nil, fmt.Errorf("CANTEEN_URL: %w", err)
	}
	if u.Host == "" {
		return nil, errors.New("CANTEEN_URL: a URL such as https://chat.example.com is needed")
	}
	if secret == "" {
		return nil, errors.New("CANTEEN_ORIGIN_SECRET is needed: without it anybody could come around the distribution")
	}
	return &Door{u.Host, sha256.Sum256([]byte(secret))}, nil
}

// admit settles whether a request came through the distribution, and makes it the one that the client sent: the host is the
// public one, the address the viewer's. source is who called the gateway.
func (d *Door) admit(r *http.Request, source string) bool {
	sum := sha256.Sum256([]byte(strings.Join(r.Header.Values(originHeader), ",")))
	r.Header.Del(originHeader)
	r.Host = d.host
	if subtle.ConstantTimeCompare(sum[:], d.secret[:]) != 1 {
		return false
	}
	r.RemoteAddr = viewerAddress(r.Header, source)
	r.Header.Del("X-Forwarded-For") // it has been read; nobody is to believe more of it
	return true
}

// viewerAddress is the client's address and port. The distribution appends the address to X-Forwarded-For, which the gateway may
// append the distribution's to. CloudFront-Viewer-Address counts only where the former is missing: a distribution that was not
// told to set it passes a client's own.
func viewerAddress(h http.Header, source string) string {
	hops := strings.Split(strings.Join(h.Values("X-Forwarded-For"), ","), ",")
	for i := range hops {
		hops[i] = strings.TrimSpace(hops[i])
	}
	if n := len(hops); n > 1 && hops[n-1] == source {
		hops = hops[:n-1]
	}
	if at, err := netip.ParseAddr(hops[len(hops)-1]); err == nil {
		return netip.AddrPortFrom(at, 0).String()
	}
	address := h.Get("CloudFront-Viewer-Address") // its IPv6 form has no brackets
	if i := strings.LastIndexByte(address, ':'); i > 0 {
		if at, err := netip.ParseAddr(strings.Trim(address[:i], "[]")); err == nil {
			return netip.AddrPortFrom(at, 0).String()
		}
	}
	return net.JoinHostPort(source, "0")
}
