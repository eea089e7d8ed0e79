package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/origin"
)

const healthWithin = 5 * time.Second

// healthcheck asks the server on this machine whether it is ready. It is meant for containers, whose image holds no curl.
type healthcheck struct {
	Addr   string `help:"Address that the server listens on." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Domain string `help:"Domain name of the server, if it serves TLS itself." placeholder:"NAME"`
}

// Run fails unless /readyz answers 200.
func (c healthcheck) Run(ctx context.Context) error {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return usage{fmt.Errorf("--addr %q: must be host:port, such as 127.0.0.1:8080", c.Addr)}
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost" // the server listens on all addresses
	}
	addr, url := net.JoinHostPort(host, port), ""
	if url = "http://" + addr + "/readyz"; c.Domain != "" {
		at, err := origin.OfDomain(c.Domain)
		if err != nil {
			return usage{fmt.Errorf("--domain %q: %w", c.Domain, err)}
		}
		url = at.String() + "/readyz"
	}
	ctx, stop := context.WithTimeout(ctx, healthWithin)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	if err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s %s", resp.Status, strings.TrimSpace(string(body)))
	}
	return nil
}
