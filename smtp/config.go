package smtp

import (
	"cmp"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Config says how to reach a mail server.
type Config struct {
	Host      string
	Port      string
	TLS       bool // encrypted from the start; otherwise STARTTLS is required, unless Plain
	Plain     bool // not encrypted at all
	User      string
	Password  string
	LocalName string // in the greeting; empty: localhost
}

// Ports of submission (RFC 6409, RFC 8314).
const (
	portSubmission = "587"
	portTLS        = "465"
)

// Parse reads smtp://user@host:587 or smtps://user@host. With ?tls=off nothing is encrypted, as with a server on this machine.
func Parse(s string) (Config, error) {
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" || u.Host == "" {
		return Config{}, errors.New("must be smtp://HOST:PORT or smtps://HOST:PORT, with USER@ before the host to sign in")
	}
	_, secret := u.User.Password()
	c := Config{Host: u.Hostname(), TLS: u.Scheme == "smtps", User: u.User.Username(), Plain: loopback(u.Hostname())}
	switch off := u.RawQuery == "tls=off"; {
	case u.Scheme != "smtp" && u.Scheme != "smtps":
		return c, errors.New("must begin with smtp:// or smtps://")
	case secret:
		return c, errors.New("must not contain the password: put it into a file and name that with --mail-password-file")
	case u.Path != "" && u.Path != "/" || u.Fragment != "" || u.RawQuery != "" && !off:
		return c, errors.New("must end after the port; only ?tls=off may follow, for a server without encryption")
	case off && c.TLS:
		return c, errors.New("smtps:// is encrypted: use smtp:// with ?tls=off")
	case off && c.User != "" && !c.Plain:
		return c, errors.New("must be encrypted: with ?tls=off the password would be readable on the way")
	case off:
		c.Plain = true
	}
	c.Port = cmp.Or(u.Port(), map[bool]string{true: portTLS, false: portSubmission}[c.TLS])
	return c, nil
}

func loopback(host string) bool {
	at, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && at.IsLoopback()
}

func (c Config) address() string { return net.JoinHostPort(c.Host, c.Port) }
