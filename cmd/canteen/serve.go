package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"

	"github.com/alecthomas/kong"

	"github.com/canteen-chat/canteen/rest"
	"github.com/canteen-chat/canteen/server"
)

// settings are serve's flags; each is also CANTEEN_… in the environment and a name in the configuration file.
type settings struct {
	Config         kong.ConfigFlag `help:"Configuration file, a JSON object of these settings." placeholder:"FILE"`
	Addr           string          `help:"Where to listen." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Data           string          `help:"Data directory, made when missing." default:"data" placeholder:"DIR"`
	URL            string          `name:"url" help:"How browsers reach the server; derived from the port unless said." placeholder:"URL"`
	Domain         string          `help:"Serve TLS for this name, certificates by ACME (--addr :443)." placeholder:"NAME"`
	TrustedProxies []netip.Prefix  `help:"Networks of proxies whose X-Forwarded-For counts." placeholder:"CIDR,…"`
	InsecureHTTP   bool            `name:"insecure-http" help:"Allow a public URL that is plain http beyond this machine."`
	RateLimits     string          `help:"on, or off for tests on one's own machine." enum:"on,off" default:"on"`
	LogFormat      string          `help:"text or json." enum:"text,json" default:"text"`
}

func (c settings) server() server.Config {
	return server.Config{
		Addr: c.Addr, Data: c.Data, URL: c.URL, Domain: c.Domain, TrustedProxies: c.TrustedProxies,
		InsecureHTTP: c.InsecureHTTP, RateLimits: c.RateLimits == "on",
	}
}

func (c settings) logger(w io.Writer) *slog.Logger {
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

type serve struct {
	settings `embed:""`
}

// Run serves until the context ends, then drains.
func (c serve) Run(ctx context.Context, s streams) error {
	cfg := c.server()
	if err := cfg.Validate(); err != nil {
		return usage{err}
	}
	srv, err := server.Start(ctx, cfg, c.logger(s.err))
	if err != nil {
		return err
	}
	said := announce(ctx, srv, s.out)
	if said != nil {
		return errors.Join(said, srv.Stop())
	}
	select {
	case <-ctx.Done():
		return srv.Stop()
	case err := <-srv.Failed():
		return errors.Join(err, srv.Stop())
	}
}

// announce says where the server is and, at the first run, how to begin.
func announce(ctx context.Context, srv *server.Server, out io.Writer) error {
	if _, err := fmt.Fprintf(out, "Canteen serves %s\n", srv.URL()); err != nil {
		return err
	}
	link, due, err := srv.SetupLink(ctx)
	if err != nil || !due {
		return err
	}
	_, err = fmt.Fprintf(out, "Set up the workspace: %s\n", link)
	return err
}

type check struct {
	settings `embed:""`
}

// Run is done when everything is right.
func (c check) Run(ctx context.Context, s streams) error {
	cfg := c.server()
	if err := cfg.Validate(); err != nil {
		return err
	}
	if err := server.Check(ctx, cfg); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.out, "Configuration and data directory are in order.")
	return err
}

type openAPI struct{}

func (openAPI) Run(s streams) error {
	b, err := rest.OpenAPI()
	if err != nil {
		return err
	}
	_, err = s.out.Write(append(b, '\n'))
	return err
}
