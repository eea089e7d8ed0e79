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

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/password"
	"github.com/canteen-chat/canteen/rest"
	"github.com/canteen-chat/canteen/socket"
	"github.com/canteen-chat/canteen/sqlite"
	"github.com/canteen-chat/canteen/web"
)

const (
	databaseFile = "canteen.db"
	drainWithin  = 10 * time.Second
	maxHeader    = 16 << 10
)

// Server is a running server.
type Server struct {
	url     string
	house   *house
	http    *http.Server
	control *http.Server
	failed  chan error
}

// house is the data directory with what works on it: the lock, the store, the live connections and the rules.
type house struct {
	dir   string
	lock  *os.File
	store *sqlite.Store
	feed  *followers
	hub   *socket.Hub
	rules *chat.Canteen
	setup string // the secret of the setup link, for the life of the process
}

// open takes the data directory. ErrInUse when another process has it.
func open(ctx context.Context, dir string, limits bool, log *slog.Logger) (*house, error) {
	held, err := lock(dir)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(dir, controlFile)); err != nil && !errors.Is(err, os.ErrNotExist) { // of a killed server
		return nil, errors.Join(err, held.Close())
	}
	clock := chat.Clock(time.Now)
	hub := socket.New(socket.Options{Clock: clock, Log: log, Limits: limits})
	var followers followers
	store, err := sqlite.Open(ctx, filepath.Join(dir, databaseFile), sqlite.Options{Log: log, Feed: func(as []chat.Announcement) {
		hub.Deliver(as)
		followers.heard(as)
	}})
	if err == nil {
		err = followers.start(ctx, store, clock, log)
	}
	if err != nil {
		hub.Drain(ctx)
		return nil, errors.Join(err, held.Close())
	}
	var limiter chat.Limiter = limit.None{}
	if limits {
		limiter = limit.New(clock)
	}
	setup := chat.NewSecret()
	rules := chat.New(chat.Options{
		Store: store, Uses: store, Hasher: password.New(), Limiter: limiter, Live: hub, Tickets: &limit.Tickets{}, Clock: clock, Log: log,
		Setup: func(context.Context) (chat.SecretHash, error) { return chat.HashSecret(setup), nil },
	})
	return &house{dir, held, store, &followers, hub, rules, setup}, nil
}

// close ends the live connections, then the followers, then the store, then gives the directory up.
func (h *house) close(ctx context.Context) error {
	h.hub.Drain(ctx)
	h.feed.stop()
	return errors.Join(h.store.Close(), h.lock.Close())
}

// Start opens the data directory and serves. What fails afterwards comes through Failed; Stop must be called in any case.
func Start(ctx context.Context, cfg Config, log *slog.Logger) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	h, err := open(ctx, cfg.Data, cfg.RateLimits, log)
	if err != nil {
		return nil, err
	}
	s := &Server{house: h, failed: make(chan error, 1)}
	if err := s.listen(cfg, log); err != nil {
		return nil, errors.Join(err, h.close(ctx))
	}
	if s.control, err = serveControl(cfg.Data, local{h.rules}, log); err != nil {
		return nil, errors.Join(fmt.Errorf("control port: %w", err), s.http.Close(), h.close(ctx))
	}
	return s, nil
}

func (s *Server) listen(cfg Config, log *slog.Logger) error {
	l, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen on --addr: %w", err)
	}
	s.url = cfg.publicURL(l.Addr())
	access := rest.NewAccess(s.house.rules, s.url, cfg.TrustedProxies)
	client, err := web.Handler()
	if err != nil {
		return errors.Join(err, l.Close())
	}
	handler, err := rest.New(s.house.rules, rest.Options{
		Access: access, Web: client, Log: log,
		Socket: s.house.hub.Handler(s.house.rules, socket.Doors{Who: access.Connects, Fail: rest.Fail}),
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
			Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(cfg.Domain),
			Cache: autocert.DirCache(filepath.Join(cfg.Data, "acme")),
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
	return nil
}

// URL is how browsers reach the server.
func (s *Server) URL() string { return s.url }

// Failed gives the error that ended the serving, if one did.
func (s *Server) Failed() <-chan error { return s.failed }

// SetupLink is where the first run begins, and whether it is due.
func (s *Server) SetupLink(ctx context.Context) (link string, due bool, err error) {
	w, err := s.house.rules.WorkspaceInfo(ctx, chat.Visitor("this machine"))
	return s.url + "/setup#" + s.house.setup, w.Setup, err
}

// Stop drains within 10 s: no new connections, sockets closed with a hint when to come back, requests finished, the
// database checkpointed.
func (s *Server) Stop() error {
	ctx, stop := context.WithTimeout(context.Background(), drainWithin)
	defer stop()
	s.house.hub.Drain(ctx)
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	return errors.Join(err, s.control.Close(), os.Remove(filepath.Join(s.house.dir, controlFile)), s.house.close(ctx))
}

// Check opens the data directory as Start would, beside a running server only as far as its control port, and says what is
// wrong.
func Check(ctx context.Context, cfg Config) error {
	_, done, err := OpenAdmin(ctx, cfg.Data)
	if err != nil {
		return err
	}
	return done()
}

const controlWithin = 3 * time.Second

// OpenAdmin is for commands: it takes the data directory, or finds the server that has it. done is to be called after.
func OpenAdmin(ctx context.Context, dir string) (a Admin, done func() error, err error) {
	for end := time.Now().Add(controlWithin); ; {
		h, err := open(ctx, dir, false, slog.New(slog.DiscardHandler))
		if err == nil {
			return local{h.rules}, func() error { return h.close(ctx) }, nil
		}
		if !errors.Is(err, ErrInUse) {
			return nil, nil, err
		}
		r, rerr := readControl(dir)
		if rerr == nil {
			return r, func() error { return nil }, nil
		}
		if time.Now().After(end) { // the other process neither serves nor ends
			return nil, nil, errors.Join(err, rerr)
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
