package probe_test

import (
	"bufio"
	"context"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/canteen-chat/canteen/ops/probe"
)

// station is a server whose parts can fail.
type station struct {
	refuse, silent, full, stuck, deaf, late bool
	key                                     probe.Key
	events                                  chan string
	host                                    string // that the last request named
}

// ServeHTTP implements http.Handler.
func (s *station) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user := s.key.User(r)
	s.host = r.Host
	switch {
	case user == "":
		http.Error(w, "a stranger", http.StatusNotFound)
	case r.URL.Path == "/ws" && s.refuse:
		http.Error(w, "full", http.StatusServiceUnavailable)
	case r.URL.Path == "/ws":
		conn, _, _, err := ws.UpgradeHTTP(r, w)
		if err != nil {
			return
		}
		go s.serve(conn, user)
	case s.stuck:
		<-r.Context().Done()
	case s.full:
		http.Error(w, "the disk is full", http.StatusServiceUnavailable)
	default:
		if !s.deaf {
			s.events <- `{"type":"left","room":"` + user + `"}`
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// serve greets a socket, and sends it what comes first to others and then to its user.
func (s *station) serve(conn net.Conn, user string) {
	defer conn.Close()
	if s.silent {
		_, _ = bufio.NewReader(conn).ReadByte() // until the client hangs up
		return
	}
	for _, text := range []string{`{"type":"hello","user":"` + user + `"}`, `{"type":"left","room":"probe-` + strings.Repeat("X", 26) + `"}`} {
		if err := wsutil.WriteServerText(conn, []byte(text)); err != nil {
			return
		}
	}
	if s.late {
		time.Sleep(20 * time.Millisecond)
	}
	select {
	case event := <-s.events:
		_ = wsutil.WriteServerText(conn, []byte(`[{"type":"resync"},`+event+`]`))
	case <-time.After(2 * time.Second):
	}
}

// TestProbe: a probe says how far it came.
func TestProbe(t *testing.T) {
	for _, c := range []struct {
		what string
		s    station
		want probe.Result
	}{
		{"a server that works", station{}, probe.OK},
		{"a server that is slow", station{late: true}, probe.OK},
		{"a server that refuses sockets", station{refuse: true}, probe.Connect},
		{"a socket that takes no part", station{silent: true}, probe.Hear},
		{"a disk that is full", station{full: true}, probe.Post},
		{"a writer that is stuck", station{stuck: true}, probe.Post},
		{"a hub that delivers nothing", station{deaf: true}, probe.Hear},
	} {
		s := c.s
		s.key, s.events = probe.NewKey(), make(chan string, 1)
		srv := httptest.NewServer(&s)
		p := probe.Prober{
			Address: srv.Listener.Addr().String(), Host: "chat.example.com:8443", Key: s.key, Within: 300 * time.Millisecond,
		}
		got, took, err := p.Probe(t.Context())
		if got != c.want || (err == nil) != (c.want == probe.OK) || (took > 0) != (c.want == probe.OK) {
			t.Errorf("%s: %s after %v, %v; want %s", c.what, got, took, err, c.want)
		}
		if c.want == probe.OK && s.host != "chat.example.com:8443" {
			t.Errorf("the request named %q", s.host)
		}
		srv.CloseClientConnections()
		srv.Close()
	}
	nobody := probe.Prober{Address: "127.0.0.1:1", Host: "localhost", Key: probe.NewKey(), Within: time.Second}
	if got, _, err := nobody.Probe(context.Background()); got != probe.Connect || err == nil {
		t.Errorf("without a server: %s, %v", got, err)
	}
}

// TestCertificate: a probe refuses the certificates that browsers refuse.
func TestCertificate(t *testing.T) {
	s := &station{key: probe.NewKey(), events: make(chan string, 1)}
	srv := httptest.NewUnstartedServer(s)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate()) // for example.com
	for _, c := range []struct {
		host  string
		roots *x509.CertPool
		want  probe.Result
	}{
		{"example.com", roots, probe.OK}, {"example.com:8443", roots, probe.OK},
		{"other.example", roots, probe.Connect}, {"example.com", nil, probe.Connect},
	} {
		p := probe.Prober{
			Address: srv.Listener.Addr().String(), Host: c.host, TLS: true, Roots: c.roots, Key: s.key, Within: time.Second,
		}
		if got, _, err := p.Probe(t.Context()); got != c.want {
			t.Errorf("%s: %s, %v; want %s", c.host, got, err, c.want)
		}
	}
}

// TestKey: a server knows its own probes, and nobody else's.
func TestKey(t *testing.T) {
	var seen string
	key := probe.NewKey()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Get("X-Canteen-Probe")
		w.WriteHeader(http.StatusNoContent)
	}))
	defer srv.Close()
	p := probe.Prober{Address: srv.Listener.Addr().String(), Host: "localhost", Key: key, Within: time.Second}
	_, _, _ = p.Probe(t.Context())
	secret, user, _ := strings.Cut(seen, ".")
	for value, want := range map[string]string{
		seen: "probe-" + user, "": "", "." + user: "", secret: "", secret + ".": "", secret + "." + user + "X": "",
		"X" + seen: "", user + "." + user: "",
	} {
		r := httptest.NewRequest(http.MethodPost, "/probe", nil)
		r.Header.Set("X-Canteen-Probe", value)
		if got := key.User(r); got != want {
			t.Errorf("%q is of %q, want %q", value, got, want)
		}
		if got := (probe.Key{}).User(r); got != "" {
			t.Errorf("without a key, %q is of %q", value, got)
		}
	}
	other := httptest.NewRequest(http.MethodPost, "/probe", nil)
	other.Header.Set("X-Canteen-Probe", seen)
	if got := probe.NewKey().User(other); got != "" {
		t.Errorf("another server's probe is of %q", got)
	}
}

// TestLoopback: a server that listens on all addresses is reached at that of this machine.
func TestLoopback(t *testing.T) {
	for bound, want := range map[string]string{
		"0.0.0.0:8080": "127.0.0.1:8080", "[::]:443": "[::1]:443", "127.0.0.1:80": "127.0.0.1:80", "192.0.2.7:80": "192.0.2.7:80",
	} {
		at, err := net.ResolveTCPAddr("tcp", bound)
		if err != nil {
			t.Fatal(err)
		}
		if got := probe.Loopback(at); got != want {
			t.Errorf("%s is reached at %s, want %s", bound, got, want)
		}
	}
}
