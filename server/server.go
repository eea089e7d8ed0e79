package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/sys/unix"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/disk"
	"github.com/canteen-chat/canteen/emoji"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/ops/metrics"
	"github.com/canteen-chat/canteen/origin"
	"github.com/canteen-chat/canteen/password"
	"github.com/canteen-chat/canteen/picture"
	"github.com/canteen-chat/canteen/rest"
	"github.com/canteen-chat/canteen/socket"
	"github.com/canteen-chat/canteen/sqlite"
	"github.com/canteen-chat/canteen/stream"
	"github.com/canteen-chat/canteen/unfurl"
	"github.com/canteen-chat/canteen/web"
)

const (
	databaseFile = "canteen.db"
	drainWithin  = 10 * time.Second
	maxHeader    = 16 << 10
)

// Server is a running server.
type Server struct {
	url     origin.Origin
	listens string // the address that it listens on
	data    *dataDir
	digests *digests // nil without a mail server
	sweeps  *sweeps
	streams *stream.Streams
	alarms  *alarms
	ops     *operations
	http    *http.Server
	control *http.Server
	backups *backups
	probe   *selfProbe   // nil with --probe=off
	pprof   *http.Server // nil without --pprof
	failed  chan error
}

// dataDir is an open data directory: its lock, the store, the followers, the live connections, the rules, and the room left on its disk.
type dataDir struct {
	dir    string
	lock   *os.File
	store  *sqlite.Store
	bodies *disk.Bodies
	files  *files.Files
	feed   *followers
	hub    *socket.Hub
	rules  *chat.Canteen
	space  *space
	probe  *storeProbe
	clock  chat.Clock
	log    *slog.Logger // counts what it logs
	meter  *metrics.Meter
	ship   *shipping // nil: changes are not shipped
	setup  string    // the secret of the setup link; each process has its own

	measured *census
}

// openOptions say what the rules of a data directory are to do.
type openOptions struct {
	limits, mail bool
	clock        chat.Clock // nil: time.Now
	unfurler     unfurl.Pages
	decoder      *picture.Decoder                       // the one of the program; nil: one is made
	maxFile      int64                                  // bytes; 0: the default
	unmeasured   bool                                   // nothing reports to the metrics
	ship         func() (backup.Place, error)           // nil: changes are not shipped
	disk         func() (free, total uint64, err error) // nil: of the directory
	vitals       bool                                   // browsers report vitals
}

// open locks and opens the data directory. The error is ErrInUse if another process has it open.
func open(ctx context.Context, dir string, o openOptions, log *slog.Logger) (*dataDir, error) {
	held, err := lock(dir)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(dir, controlFile)); err != nil && !errors.Is(err, os.ErrNotExist) { // left by a killed server
		return nil, errors.Join(err, held.Close())
	}
	clock := o.clock
	if clock == nil {
		clock = time.Now
	}
	meter := metrics.New()
	log = slog.New(rest.RequestLog(counting{log.Handler(), meter}))
	to := portsOf(meter, o.unmeasured)
	hub := socket.New(socket.Options{Clock: clock, Log: log, Limits: o.limits, Meter: to.sockets})
	bodies, err := openBodies(dir)
	if err != nil {
		hub.Drain(ctx)
		return nil, errors.Join(err, held.Close())
	}
	ship, err := newShipping(dir, o.ship, bodies, clock, log)
	if err != nil {
		hub.Drain(ctx)
		return nil, errors.Join(err, bodies.Close(), held.Close())
	}
	var followers followers
	store, err := sqlite.Open(ctx, filepath.Join(dir, databaseFile), sqlite.Options{Log: log, Feed: func(as []chat.Announcement) {
		hub.Deliver(as)
		followers.heard(as)
		to.events(as)
	}, Observe: to.commits, Logged: ship.logged()})
	if err == nil {
		err = followers.start(ctx, store, hub, clock, meter, log)
	}
	if err != nil {
		hub.Drain(ctx)
		return nil, errors.Join(err, bodies.Close(), held.Close())
	}
	var limiter chat.Limiter = limit.None{}
	if o.limits {
		limiter = limit.New(clock)
	}
	left := &space{disk: diskOf(dir), log: log}
	if o.disk != nil {
		left.disk = o.disk
	}
	left.watch()
	setup, decoder := chat.NewSecret(), o.decoder
	if decoder == nil {
		decoder = picture.NewDecoder()
	}
	rules := chat.New(chat.Options{
		Store: store, Uses: store, Inbox: &attention.Inboxes{Store: store, Clock: clock}, Digests: store,
		Emoji: store, Pictures: &emoji.Pictures{Bodies: bodies, Decoder: decoder},
		Files: store, MaxFile: o.maxFile,
		Hasher: password.New(), Limiter: limiter, Live: hub, Tickets: &limit.Tickets{}, Clock: clock, Log: log,
		Setup: func(context.Context) (chat.SecretHash, error) { return chat.HashSecret(setup), nil },
		Full:  left.full.Load,
		Mail:  o.mail, Previews: o.previews(store, files.Pages{Bodies: bodies, Full: left.full.Load}, clock, log), Feedback: store, Audit: store,
		Vitals: countVitals(o.vitals, meter, log),
	})
	h := &dataDir{
		dir: dir, lock: held, store: store, bodies: bodies, feed: &followers, hub: hub, rules: rules, space: left, clock: clock,
		setup: setup, ship: ship,
		files: files.New(files.Options{
			Rules: rules, Bodies: bodies, Decoder: decoder, Lane: bodies.Lane, Log: log, Uploaded: countUploads(meter),
		}),
		log: log, meter: meter, measured: &census{},
	}
	ship.start()
	h.probe = startProbe(store, h.measured, clock, log)
	h.gauges(meter)
	return h, nil
}

// close ends the live connections, the followers and the store, in this order, then unlocks the directory.
func (h *dataDir) close(ctx context.Context) error {
	h.hub.Drain(ctx)
	h.feed.stop()
	h.probe.stop()
	h.space.stop()
	err := h.store.Close()
	h.ship.stop()
	return errors.Join(err, h.bodies.Close(), h.lock.Close())
}

// Start opens the data directory and serves. Later errors are sent to Failed. The caller must call Stop in any case.
func Start(ctx context.Context, cfg Config, log *slog.Logger) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := prepare(cfg.Data, true, log); err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	decoder := picture.NewDecoder() // one for all pictures: they are decoded one at a time
	u, err := cfg.unfurler(decoder)
	if err != nil {
		return nil, err
	}
	maxFile, err := cfg.maxFile()
	if err != nil {
		return nil, err
	}
	o := openOptions{cfg.RateLimits, cfg.Mail != "", cfg.Clock, u, decoder, maxFile, cfg.Unmeasured, cfg.Ship, cfg.Disk, cfg.Vitals}
	h, err := open(ctx, cfg.Data, o, log)
	if err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	log = h.log
	s := &Server{data: h, failed: make(chan error, 1), probe: newSelfProbe(cfg, h)}
	if s.sweeps, err = startSweeps(ctx, h, cfg.SweepEvery, log); err != nil {
		return nil, errors.Join(err, h.close(ctx))
	}
	s.alarms = openAlarms(cfg, h, log) // before the first request, so that its errors are seen
	s.backups = newBackups(h, log)
	if s.ops, err = startOperations(h, s.alarms, s.probe, cfg.Samples, s.jobs(cfg)); err != nil {
		return nil, errors.Join(fmt.Errorf("history: %w", err), s.ended(ctx))
	}
	s.streams = stream.Start(h.rules, h.clock, log)
	if err := s.listen(cfg, log); err != nil {
		return nil, errors.Join(err, s.ended(ctx))
	}
	if s.pprof, err = servePprof(cfg.Pprof, log); err != nil {
		return nil, errors.Join(err, s.http.Close(), s.ended(ctx))
	}
	c := control{Listens: s.listens, URL: s.URL()}
	if s.control, err = serveControl(cfg.Data, c, local{h.rules, cfg.LogLevel, log}, s.backups, log); err != nil {
		return nil, errors.Join(fmt.Errorf("control port: %w", err), s.http.Close(), s.ended(ctx))
	}
	if s.digests, err = startDigests(cfg, h, s.url, log); err != nil {
		return nil, errors.Join(err, s.control.Close(), s.http.Close(), s.ended(ctx))
	}
	ways, err := waysOf(cfg, h, s.URL())
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	s.alarms.start(ways, cfg.AlarmsEvery)
	s.ops.digests.Store(s.digests)
	return s, nil
}

// ended ends what runs on the data, and closes it.
func (s *Server) ended(ctx context.Context) (err error) {
	s.probe.stop()
	s.sweeps.stop()
	s.streams.Stop()
	if s.pprof != nil {
		err = s.pprof.Close()
	}
	return errors.Join(err, s.ops.stop(), s.data.close(ctx))
}

func (s *Server) listen(cfg Config, log *slog.Logger) error {
	l, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return unusable(cfg.Addr, err)
	}
	s.listens = l.Addr().String()
	if s.url, err = cfg.public(l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	access := rest.NewAccess(s.data.rules, s.url, rest.NewProxies(cfg.TrustedProxies, log))
	client, err := web.Handler(filepath.Join(cfg.Data, webDir), log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	atOnce := 0
	if cfg.RateLimits {
		atOnce = chat.MaxInFlight
	}
	handler, err := rest.New(s.data.rules, rest.Options{
		Access: access, Alarms: s.alarms, Web: client, Log: log, InFlight: atOnce,
		Files: s.data.files, Failed: s.ops.failed, Ops: s.ops, Meter: portsOf(s.data.meter, cfg.Unmeasured).requests,
		Metrics: s.data.meter.Handler(time.Now, log), MetricsToken: cfg.MetricsToken,
		Socket: s.data.hub.Handler(s.data.rules, socket.Doors{Who: access.Connects, Fail: rest.Fail, Probe: s.probe.key()}),
		Probe:  s.probe.answers(s.data),
		Stream: s.streams,
	})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	s.http = &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	if cfg.Domain != "" {
		certificates := autocert.Manager{
			Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(s.url.Host),
			Cache: autocert.DirCache(filepath.Join(cfg.Data, certificatesDir)),
		}
		c := certificates.TLSConfig()
		c.MinVersion = tls.VersionTLS12
		l = tls.NewListener(l, c)
	}
	go func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	s.probe.start(l.Addr(), s.url, cfg.Domain != "")
	return nil
}

// URL is the URL at which browsers reach the server.
func (s *Server) URL() string { return s.url.String() }

// Listens is the address that the server listens on.
func (s *Server) Listens() string { return s.listens }

// Failed receives the error if the server stops serving because of one.
func (s *Server) Failed() <-chan error { return s.failed }

// SetupLink gives the setup link. due is true while the workspace is not set up.
func (s *Server) SetupLink(ctx context.Context) (link string, due bool, err error) {
	w, err := s.data.rules.WorkspaceInfo(ctx, chat.Visitor("this machine"), "")
	return s.url.String() + "/setup#" + s.data.setup, w.Setup, err
}

// Stop drains the server within 10 s: it accepts no new connections, closes sockets with a time to reconnect, finishes requests, and
// checkpoints the database.
func (s *Server) Stop() error {
	ctx, stop := context.WithTimeout(context.Background(), drainWithin)
	defer stop()
	s.digests.stop()
	s.alarms.stop()
	s.probe.stop()
	s.data.hub.Drain(ctx)
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	err = errors.Join(err, s.control.Close(), os.Remove(filepath.Join(s.data.dir, controlFile)))
	s.backups.stop()
	return errors.Join(err, s.ended(ctx))
}

// Check opens the data directory like Start, tries the address to listen on, and reports errors. It creates no data directory. While a
// server is running, it only reads the server's control file.
func Check(ctx context.Context, cfg Config, log *slog.Logger) error {
	a, done, err := OpenAdmin(ctx, cfg.Data, false, log)
	if err != nil {
		return err
	}
	running, _ := a.(remote)
	return errors.Join(tryAddress(cfg.Addr, running.Listens), CheckMail(ctx, cfg), done())
}

// tryAddress says whether a server could listen on addr. The port of the running server of the same data directory is its own.
func tryAddress(addr, running string) error {
	l, err := net.Listen("tcp", addr)
	if err == nil {
		return l.Close()
	}
	_, port, _ := net.SplitHostPort(addr)
	if _, own, _ := net.SplitHostPort(running); running != "" && own == port {
		return nil
	}
	return unusable(addr, err)
}

// unusable says of an address that cannot be listened on what can be done.
func unusable(addr string, err error) error {
	do := "name another address, such as 127.0.0.1:8080"
	switch {
	case errors.Is(err, unix.EADDRINUSE):
		do = "another program uses this port, perhaps another Canteen: stop it, or name another port"
	case errors.Is(err, unix.EACCES):
		do = "this user may not use a port below 1024: name a higher one, or give the program CAP_NET_BIND_SERVICE"
	case errors.Is(err, unix.EADDRNOTAVAIL):
		do = "this machine does not have this address: name one of its own, or 0.0.0.0 for all"
	}
	return fmt.Errorf("--addr %s: %s (%w)", addr, do, err)
}

// URLOf is the URL at which browsers reach the running server that a works through; "" if there is none.
func URLOf(a Admin) string {
	running, _ := a.(remote)
	return running.URL
}

const controlWithin = 3 * time.Second

// OpenAdmin opens the data directory for an administration command, or finds the running server that has it open. It creates the data
// only with create; otherwise the error is ErrNoData if there is none. The caller must call done.
func OpenAdmin(ctx context.Context, dir string, create bool, log *slog.Logger) (a Admin, done func() error, err error) {
	if err := prepare(dir, create, log); err != nil {
		return nil, nil, fmt.Errorf("--data: %w", err)
	}
	var h *dataDir
	running, err := openOrFind(ctx, dir, func() (err error) {
		h, err = open(ctx, dir, openOptions{}, log)
		return err
	})
	switch {
	case err != nil:
		return nil, nil, err
	case running != nil:
		return *running, func() error { return nil }, nil
	}
	return local{Canteen: h.rules}, func() error { return h.close(ctx) }, nil
}

// openOrFind opens a data directory in this process, or gives the running server that has it open. open fails with ErrInUse then.
func openOrFind(ctx context.Context, dir string, open func() error) (*remote, error) {
	for end := time.Now().Add(controlWithin); ; {
		err := open()
		if err == nil {
			return nil, nil
		}
		if !errors.Is(err, ErrInUse) {
			return nil, fmt.Errorf("--data: %w", err)
		}
		r, rerr := readControl(dir)
		if rerr == nil {
			return &r, nil
		}
		if time.Now().After(end) { // the other process neither serves nor releases the lock
			return nil, errors.Join(err, rerr)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
