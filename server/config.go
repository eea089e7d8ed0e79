package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/origin"
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
	Mail           string // URL of a mail server, as of smtp.Parse; empty: no e-mail is sent
	MailPassword   string // of the user in Mail
	MailFrom       string // whose messages they are
	// Ship opens the place that all changes are shipped to, for restoring to the second; nil: none.
	Ship         func() (backup.Place, error)
	MaxFile      int    // megabytes of the largest file; 0: as chat.DefaultMaxFile
	MetricsToken string // that /metrics needs; empty: programs on this machine need none, and others are not answered
	Previews     bool   // ask web pages for previews of links
	Vitals       bool   // take reports of browsers about how fast the page is
	Probe        bool   // try the server every 10 seconds as a user would

	AlarmMail    []string // addresses that alarms are sent to
	AlarmWebhook string   // URL that alarms are posted to, as Slack's incoming webhooks take them; it is a secret
	AlarmRoom    string   // name of the room in which alarms are told
	DeadManURL   string   // URL that is asked each minute while the server is ready; it may be a secret

	Pprof    string         // address of this machine at which profiles are served; empty: nowhere
	LogLevel *slog.LevelVar // the level of the log that Start gets, which administrators may change; nil: they may not

	Unmeasured bool // nothing reports to the metrics; for benchmarks

	Clock        chat.Clock       // nil: time.Now; for tests
	DigestsEvery time.Duration    // 0: a minute; for tests
	Samples      <-chan time.Time // when to take a sample for the history; nil: every 10 s; for tests
	// Reach says which addresses previews may come from. nil: outbound.Check; for tests, which have their hosts on this machine.
	Reach      func(netip.AddrPort) error
	SweepEvery time.Duration // 0: sweepEvery; for tests
	ProbeEvery time.Duration // 0: selfProbeEvery; for tests
	// AlarmsEvery is the time between two looks at the server. 0: alarmsEvery; for tests.
	AlarmsEvery time.Duration
	// Disk gives what is left of the disk, and its size, in bytes. nil: those of the data directory's disk; for tests.
	Disk func() (free, total uint64, err error)
}

const leastToken = 16 // characters of a token for /metrics, so that nobody guesses it

// Validate reports all errors, each in a line that names the flag and what it must be.
func (c Config) Validate() error {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if _, port, err := net.SplitHostPort(c.Addr); err != nil {
		say("--addr %q: must be host:port, such as 127.0.0.1:8080", c.Addr)
	} else if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		say("--addr %q: the port must be a number from 0 (any free port) to 65535", c.Addr)
	}
	if c.Data == "" {
		say("--data: must name a directory, such as /var/lib/canteen")
	}
	if c.Domain != "" && c.URL != "" {
		say("--domain and --url: give only one of them; the URL of a domain is https://DOMAIN")
	}
	if c.Domain != "" {
		if _, err := origin.OfDomain(c.Domain); err != nil {
			say("--domain %q: %w", c.Domain, err)
		}
	}
	if c.URL != "" {
		if err := c.checkURL(); err != nil {
			say("--url %q: %w", c.URL, err)
		}
	}
	if _, _, _, err := c.mailer(); err != nil {
		wrong = append(wrong, err)
	}
	if _, err := c.maxFile(); err != nil {
		wrong = append(wrong, err)
	}
	if c.Pprof != "" {
		if err := checkPprof(c.Pprof); err != nil {
			wrong = append(wrong, err)
		}
	}
	c.checkAlarms(say)
	if n := len(c.MetricsToken); n > 0 && n < leastToken || strings.ContainsAny(c.MetricsToken, " \t\r\n,") {
		say("--metrics-token: must have at least %d characters and no spaces or commas, such as what openssl rand -hex 20 prints",
			leastToken)
	}
	return errors.Join(wrong...)
}

func (c Config) checkURL() error {
	o, err := origin.Parse(c.URL)
	if err != nil {
		return err
	}
	if !o.Secure() && !o.Loopback() && !c.InsecureHTTP {
		return errors.New("plain http sends passwords unencrypted; use https (with a proxy or --domain), or allow it with " +
			"--insecure-http")
	}
	return nil
}

// public is the origin at which browsers reach a server that listens on bound.
func (c Config) public(bound net.Addr) (origin.Origin, error) {
	switch {
	case c.URL != "":
		return origin.Parse(c.URL)
	case c.Domain != "":
		return origin.OfDomain(c.Domain)
	}
	_, port, err := net.SplitHostPort(bound.String())
	if err != nil {
		return origin.Origin{}, err
	}
	return origin.Parse("http://localhost:" + port)
}
