package server

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Config is the configuration of a server on one machine. Every field is a flag of `canteen serve`.
type Config struct {
	Addr           string         // host:port to listen on; port 0 takes any free port
	Data           string         // the data directory, created if missing
	URL            string         // URL at which browsers reach the server; empty: http://localhost:<port bound>
	Domain         string         // serve TLS for this domain name, with ACME certificates
	TrustedProxies []netip.Prefix // networks of the proxies whose X-Forwarded-For is trusted
	InsecureHTTP   bool           // allow a plain http URL for a host other than this machine
	RateLimits     bool
}

// Validate reports all errors, each in a line that names the flag and what it must be.
func (c Config) Validate() error {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		say("--addr %q: must be host:port, such as 127.0.0.1:8080", c.Addr)
	}
	if c.Data == "" {
		say("--data: must name a directory")
	}
	if c.Domain != "" && c.URL != "" {
		say("--domain and --url: give only one of them; the URL of a domain is https://DOMAIN")
	}
	if c.Domain != "" && (strings.ContainsAny(c.Domain, "/:") || !strings.Contains(c.Domain, ".")) {
		say("--domain %q: must be a host name, such as chat.example.com", c.Domain)
	}
	if c.URL != "" {
		if err := c.checkURL(); err != nil {
			say("--url %q: %w", c.URL, err)
		}
	}
	return errors.Join(wrong...)
}

func (c Config) checkURL() error {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("must be http:// or https:// and a host, such as https://chat.example.com")
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("must have only scheme, host and port: Canteen cannot be served below a path")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) && !c.InsecureHTTP {
		return errors.New("plain http sends passwords unencrypted; use https (with a proxy or --domain), or allow it with " +
			"--insecure-http")
	}
	return nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// publicURL is the URL at which browsers reach a server that listens on bound.
func (c Config) publicURL(bound net.Addr) string {
	switch {
	case c.URL != "":
		return strings.TrimSuffix(c.URL, "/")
	case c.Domain != "":
		return "https://" + c.Domain
	}
	_, port, err := net.SplitHostPort(bound.String())
	if err != nil {
		return "http://localhost"
	}
	return "http://localhost:" + port
}
