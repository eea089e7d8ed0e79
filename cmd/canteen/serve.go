package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"strings"

	"github.com/canteen-chat/canteen/rest"
	"github.com/canteen-chat/canteen/server"
)

// settings are the flags of serve and check. Each is also CANTEEN_… in the environment and a name in the configuration file.
type settings struct {
	Config           configFile `help:"Configuration file: a JSON object of these settings, with _ for - in their names." placeholder:"FILE"`
	Addr             string     `help:"Address to listen on. 0.0.0.0:PORT: all addresses." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Data             string     `help:"Data directory. Created if missing." default:"data" placeholder:"DIR"`
	URL              string     `name:"url" help:"URL that people open in the browser. Default: http://localhost:PORT." placeholder:"URL"`
	Domain           string     `help:"Serve TLS for this domain name, with ACME certificates (needs --addr :443)." placeholder:"NAME"`
	TrustedProxies   []network  `help:"Addresses or networks of the proxies whose X-Forwarded-For is trusted." placeholder:"CIDR"`
	InsecureHTTP     bool       `name:"insecure-http" help:"Allow a --url with plain http for another host than this machine."`
	Mail             string     `help:"Mail server for digests: smtp://USER@HOST:587, or smtps://USER@HOST:465." placeholder:"URL"`
	MailFrom         string     `help:"Address that e-mails come from." placeholder:"ADDRESS"`
	MailPasswordFile string     `help:"File with the password of the mail server." placeholder:"FILE"`
	Previews         string     `help:"on, or off: the server asks no web page for previews of links." enum:"on,off" default:"on"`
	Probe            string     `help:"on, or off: the server does not try itself every 10 seconds." enum:"on,off" default:"on"`
	Vitals           string     `help:"on, or off: browsers report nothing about how fast the page is." enum:"on,off" default:"on"`
	Ship             string     `help:"Directory, or s3://BUCKET/PREFIX, to which every change is copied within a second." placeholder:"PLACE"`
	MaxFile          int        `help:"Largest file that can be uploaded, in megabytes." default:"100" placeholder:"MB"`

	AlarmMail    []string `help:"E-mail addresses that alarms are sent to (needs --mail)." placeholder:"ADDRESS"`
	AlarmWebhook string   `help:"Incoming webhook, such as Slack's, that alarms are posted to." placeholder:"URL"`
	AlarmRoom    string   `help:"Room that alarms are posted in, as one card that changes." placeholder:"NAME"`
	DeadManURL   string   `name:"dead-man-url" help:"URL that is requested each minute while Canteen works." placeholder:"URL"`

	MetricsToken string `help:"Token that /metrics needs. Without it, only programs on this machine get the metrics." placeholder:"TOKEN"`
	RateLimits   string `help:"on, or off for tests on your own machine." enum:"on,off" default:"on"`
	Pprof        string `help:"Serve profiles for developers at this loopback address, such as 127.0.0.1:6060." placeholder:"HOST:PORT"`
	LogFormat    string `help:"Format of the log on standard error: text or json." enum:"text,json" default:"text"`
	LogLevel     string `help:"The lowest level that is logged: debug, info, warn or error." enum:"debug,info,warn,error" default:"info"`
}

// network is a network, or a single address.
type network struct{ netip.Prefix }

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *network) UnmarshalText(b []byte) (err error) {
	s := strings.TrimSpace(string(b))
	if at, aerr := netip.ParseAddr(s); aerr == nil {
		n.Prefix, err = at.Unmap().WithZone("").Prefix(at.Unmap().BitLen())
		return err
	}
	if n.Prefix, err = netip.ParsePrefix(s); err != nil {
		return fmt.Errorf("%q must be an address or a network, such as 127.0.0.1 or 10.0.0.0/8", s)
	}
	if at := n.Addr(); at.Is4In6() && n.Bits() >= 96 {
		n.Prefix = netip.PrefixFrom(at.Unmap(), n.Bits()-96)
	}
	return nil
}

// server makes the configuration. It fails if the file with the password of the mail server cannot be read.
func (c settings) server() (server.Config, error) {
	proxies := make([]netip.Prefix, len(c.TrustedProxies))
	for i, p := range c.TrustedProxies {
		proxies[i] = p.Prefix
	}
	cfg := server.Config{
		Addr: c.Addr, Data: c.Data, URL: c.URL, Domain: c.Domain, TrustedProxies: proxies,
		InsecureHTTP: c.InsecureHTTP, RateLimits: c.RateLimits == "on", Previews: c.Previews == "on", Mail: c.Mail,
		MailFrom: c.MailFrom, Probe: c.Probe == "on", Vitals: c.Vitals == "on",
		MaxFile: c.MaxFile, MetricsToken: c.MetricsToken, Pprof: c.Pprof,
		AlarmMail: c.AlarmMail, AlarmWebhook: c.AlarmWebhook, AlarmRoom: c.AlarmRoom, DeadManURL: c.DeadManURL,
	}
	var err error
	if cfg.Ship, err = ships(c.Ship); err != nil {
		return cfg, fmt.Errorf("--ship: %w", err)
	}
	if c.MailPasswordFile == "" { // a flag would show it to everybody on the machine
		cfg.MailPassword = os.Getenv("CANTEEN_MAIL_PASSWORD")
		return cfg, nil
	}
	b, err := os.ReadFile(c.MailPasswordFile) // #nosec G304 -- the operator names the file
	if err != nil {
		return cfg, fmt.Errorf("--mail-password-file: %w", err)
	}
	cfg.MailPassword = strings.TrimSpace(string(b))
	return cfg, nil
}

// checked makes the configuration and validates it.
func (c settings) checked() (server.Config, error) {
	cfg, err := c.server()
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		return cfg, usage{err}
	}
	return cfg, nil
}

// logger makes the log of a server, whose level can be changed while it runs.
func (c settings) logger(w io.Writer) (*slog.Logger, *slog.LevelVar, error) {
	level, err := server.ParseLogLevel(c.LogLevel)
	if err != nil {
		return nil, nil, err
	}
	at := &slog.LevelVar{}
	at.Set(level)
	o := &slog.HandlerOptions{Level: at}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o)), at, nil
	}
	return slog.New(slog.NewTextHandler(w, o)), at, nil
}

type serve struct {
	settings `embed:""`
}

// Run serves until the context ends, then drains.
func (c serve) Run(ctx context.Context, s streams) error {
	cfg, err := c.checked()
	if err != nil {
		return err
	}
	log, level, err := c.logger(s.err)
	if err != nil {
		return err
	}
	cfg.LogLevel = level
	srv, err := server.Start(ctx, cfg, log)
	if err != nil {
		return err
	}
	if err := c.announce(ctx, srv, s.out); err != nil {
		return errors.Join(err, srv.Stop())
	}
	select {
	case <-ctx.Done():
		if err := srv.Stop(); err != nil {
			return fmt.Errorf("stop: %w", err)
		}
		_, err := fmt.Fprintln(s.out, "Canteen has stopped.")
		return err
	case err := <-srv.Failed():
		return errors.Join(err, srv.Stop())
	}
}

// announce prints what to open in the browser, in one write: the server's URL or, while the workspace is not set up, the setup link.
func (c serve) announce(ctx context.Context, srv *server.Server, out io.Writer) error {
	link, due, err := srv.SetupLink(ctx)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Canteen serves %s", srv.URL())
	if c.URL != "" || c.Domain != "" {
		fmt.Fprintf(&b, " and listens on %s", srv.Listens())
	}
	if due {
		fmt.Fprintf(&b, "\nSet up the workspace: %s\nOpen this link in your browser.", link)
	} else {
		b.WriteString("\nOpen this address in your browser.")
	}
	b.WriteString(" Ctrl-C stops the server.\n")
	if at, err := netip.ParseAddrPort(srv.Listens()); err == nil && !at.Addr().IsLoopback() && c.URL == "" && c.Domain == "" {
		b.WriteString("Only browsers on this machine can use it: for others, say with --url which address they open.\n")
	}
	_, err = fmt.Fprint(out, b.String())
	return err
}

type check struct {
	settings `embed:""`
}

// Run reports the first error in the configuration or the data directory.
func (c check) Run(ctx context.Context, s streams) error {
	cfg, err := c.checked()
	if err != nil {
		return err
	}
	log, _, err := c.logger(s.err)
	if err != nil {
		return err
	}
	if err := server.Check(ctx, cfg, log); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, "The configuration and the data directory are valid.")
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
