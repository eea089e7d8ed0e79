package server

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Config is what one machine's server is told. Every field is a flag of `canteen serve`.
type Config struct {
	Addr           string         // host:port to listen on; port 0 takes any free one
	Data           string         // the data directory, made when missing
	URL            string         // how browsers reach the server; empty: http://localhost:<port bound>
	Domain         string         // serve TLS for this name, with certificates by ACME
	TrustedProxies []netip.Prefix // whose X-Forwarded-For counts
	InsecureHTTP   bool           // allow a public URL that is plain http beyond this machine
	RateLimits     bool
}

// Validate says what is wrong, each thing in a line that names the flag and what would be right.
func (c Config) Validate() error {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		say("--addr %q: host:port is needed, such as 127.0.0.1:8080", c.Addr)
	}
	if c.Data == "" {
		say("--data: a directory is needed")
	}
	if c.Domain != "" && c.URL != "" {
		say("--domain and --url: give one of them; the URL of a domain is https://DOMAIN")
	}
	if c.Domain != "" && (strings.ContainsAny(c.Domain, "/:") || !strings.Contains(c.Domain, ".")) {
		say("--domain %q: a host name is needed, such as chat.example.com", c.Domain)
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
		return errors.New("http:// or https:// and a host is needed, such as https://chat.example.com")
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("only scheme, host and port belong here: Canteen needs a host of its own")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) && !c.InsecureHTTP {
		return errors.New("passwords would cross the network in the clear; use https (a proxy in front, or --domain), or say " +
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

// publicURL is how browsers reach a server that listens on bound.
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
