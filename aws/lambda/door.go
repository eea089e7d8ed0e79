package lambda

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/canteen-chat/canteen/origin"
)

// originHeader carries the origin secret. The distribution sets it.
const originHeader = "X-Canteen-Origin"

// Door refuses requests that did not pass through the distribution.
type Door struct {
	host   string
	secret [sha256.Size]byte
}

// NewDoor makes a Door. Browsers reach the distribution at public, and the distribution sends secret.
func NewDoor(public origin.Origin, secret string) (*Door, error) {
	if secret == "" {
		return nil, errors.New("CANTEEN_ORIGIN_SECRET is required: without it requests could bypass CloudFront")
	}
	return &Door{public.Address(), sha256.Sum256([]byte(secret))}, nil
}

// probeHeader names the user of a probe, with a code that only those who know the origin secret can make.
const probeHeader = "X-Canteen-Probe"

// probe is the value of the header for a user.
func (d *Door) probe(user string) string {
	code := hmac.New(sha256.New, d.secret[:])
	_, _ = code.Write([]byte(user)) // never fails
	return user + "." + hex.EncodeToString(code.Sum(nil))
}

// probes gives the user of a request that comes from a probe.
func (d *Door) probes(r *http.Request) (user string, ok bool) {
	value := r.Header.Get(probeHeader)
	user, _, ok = strings.Cut(value, ".")
	return user, ok && hmac.Equal([]byte(value), []byte(d.probe(user)))
}

// admit says whether a request passed through the distribution. It restores what the client sent: Host becomes the public
// one, RemoteAddr the client's. source is the address that called the gateway.
func (d *Door) admit(r *http.Request, source string) bool {
	sum := sha256.Sum256([]byte(strings.Join(r.Header.Values(originHeader), ",")))
	r.Header.Del(originHeader)
	r.Host = d.host
	if subtle.ConstantTimeCompare(sum[:], d.secret[:]) != 1 {
		return false
	}
	r.RemoteAddr = viewerAddress(r.Header, source)
	r.Header.Del("X-Forwarded-For") // it is parsed; handlers must not trust it
	return true
}

// viewerAddress returns the client's address and port. The distribution appends the client's address to X-Forwarded-For; the
// gateway may append the distribution's. CloudFront-Viewer-Address is used only if the former is missing: a distribution
// that is not configured to set it passes on a client's own.
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
	address := h.Get("CloudFront-Viewer-Address") // IPv6 without brackets
	if i := strings.LastIndexByte(address, ':'); i > 0 {
		if at, err := netip.ParseAddr(strings.Trim(address[:i], "[]")); err == nil {
			return netip.AddrPortFrom(at, 0).String()
		}
	}
	return net.JoinHostPort(source, "0")
}
