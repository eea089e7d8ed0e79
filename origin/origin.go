// Package origin reads the URL and the domain name at which browsers reach Canteen. Whatever the operator's spelling, the result is
// spelled as browsers do in the header Origin (RFC 6454, section 6.2, with hosts as in the URL Standard), or refused.
package origin

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// Origin is a web origin as [Parse] makes it. Two are the same if they are equal by ==.
type Origin struct {
	Scheme string // http or https
	Host   string // in lower case and ASCII; an IPv6 address without brackets
	Port   string // "" for the port of the scheme
}

// String is the origin as browsers send it, and a URL without the slash at its end.
func (o Origin) String() string { return o.Scheme + "://" + o.Address() }

// Address is the host, and the port unless it is the scheme's: what browsers send in the header Host.
func (o Origin) Address() string {
	host := o.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if o.Port == "" {
		return host
	}
	return host + ":" + o.Port
}

// Secure says whether browsers reach the origin over TLS.
func (o Origin) Secure() bool { return o.Scheme == "https" }

// Loopback says whether the host names the machine on which the browser runs (RFC 6761, section 6.3, for names).
func (o Origin) Loopback() bool {
	ip, err := netip.ParseAddr(o.Host)
	return err == nil && ip.IsLoopback() || o.Host == "localhost" || strings.HasSuffix(o.Host, ".localhost")
}

// Parse reads a URL that has only a scheme, a host, and perhaps a port. Its error says what the URL must be, with the right spelling if
// there is one.
func Parse(s string) (Origin, error) {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return Origin{}, notURL(s)
	}
	o := Origin{Scheme: u.Scheme}
	if o.Host, err = host(u); err != nil {
		return Origin{}, err
	}
	if o.Port, err = port(u); err != nil {
		return Origin{}, err
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return Origin{}, fmt.Errorf("must have only scheme, host and port, as %s: Canteen cannot be served below a path", o)
	}
	return o, nil
}

// notURL guesses what was meant by a URL whose scheme or slashes are wrong.
func notURL(s string) error {
	scheme, rest, _ := strings.Cut(s, ":")
	if scheme = strings.ToLower(scheme); scheme != "http" && scheme != "https" {
		scheme, rest = "https", s
	}
	meant := scheme + "://" + strings.TrimLeft(rest, `/\`)
	if u, err := url.Parse(meant); err == nil && u.Host != "" && meant != s {
		if o, err := Parse(meant); err == nil {
			return fmt.Errorf("must be http:// or https:// and a host: write %s", o)
		}
	}
	return errors.New("must be http:// or https:// and a host, such as https://chat.example.com")
}

func port(u *url.URL) (string, error) {
	if u.Port() == "" {
		return "", nil
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || n == 0 {
		return "", errors.New("must have a port from 1 to 65535, or none")
	}
	if u.Scheme == "http" && n == 80 || u.Scheme == "https" && n == 443 {
		return "", nil
	}
	return strconv.FormatUint(n, 10), nil
}

func host(u *url.URL) (string, error) {
	if !strings.HasPrefix(u.Host, "[") {
		return name(u.Hostname())
	}
	ip, err := netip.ParseAddr(u.Hostname())
	switch {
	case err != nil || !ip.Is6():
		return "", fmt.Errorf("has %q in brackets, which is no IPv6 address", u.Hostname())
	case ip.Zone() != "":
		return "", fmt.Errorf("has an IPv6 address with a zone, which browsers refuse: write [%s] or a host name", ip.WithZone(""))
	case ip.Is4In6():
		return "", fmt.Errorf("has an IPv4 address in IPv6 form: write %s", ip.Unmap())
	}
	return ip.String(), nil
}

// name is a host name or an IPv4 address in the form that browsers use (UTS #46, non-transitional).
func name(s string) (string, error) {
	if bare := strings.TrimRight(s, ".\u3002\uff0e\uff61"); bare != s {
		if right, err := name(bare); err == nil {
			return "", fmt.Errorf("has a dot after the host name: write %s", right)
		}
	}
	profile := idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(false),
		idna.CheckHyphens(false), idna.VerifyDNSLength(true))
	ascii, err := profile.ToASCII(s)
	if err != nil || strings.Trim(ascii, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		return "", fmt.Errorf("has the host %q, which is no valid host name", s)
	}
	if number(ascii[strings.LastIndexByte(ascii, '.')+1:]) { // then browsers read the whole host as an IPv4 address
		if ip, err := netip.ParseAddr(ascii); err != nil || !ip.Is4() {
			return "", fmt.Errorf("has the host %q: an IPv4 address must be four decimal numbers, such as 127.0.0.1", s)
		}
	}
	return ascii, nil
}

// number says whether the last label of a host makes it an IPv4 address ("ends in a number checker" of the URL Standard).
func number(label string) bool {
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// OfDomain is the https origin of a domain name, for which certificates can be issued.
func OfDomain(s string) (Origin, error) {
	s = strings.TrimSpace(s)
	if strings.ContainsAny(s, "/:@") {
		if o, err := Parse(s); err == nil && strings.Contains(o.Host, ".") && net.ParseIP(o.Host) == nil {
			return Origin{}, fmt.Errorf("must be a host name alone: write %s", o.Host)
		}
		return Origin{}, errNotDomain()
	}
	h, err := name(s)
	if err != nil {
		return Origin{}, err
	}
	if !strings.Contains(h, ".") || net.ParseIP(h) != nil {
		return Origin{}, errNotDomain()
	}
	return Origin{Scheme: "https", Host: h}, nil
}

func errNotDomain() error { return errors.New("must be a host name, such as chat.example.com") }
