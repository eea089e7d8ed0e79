package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// Result says how far a probe came.
type Result string

// Results. All but OK name the step that failed.
const (
	OK      Result = "ok"
	Connect Result = "connect" // no socket was opened
	Post    Result = "post"    // the request for an event was not answered with success
	Hear    Result = "hear"    // the socket did not hear the event
)

// Results are all results.
func Results() []Result { return []Result{OK, Connect, Post, Hear} }

// Prober sends probes to the server of this process.
type Prober struct {
	Address string         // that the server listens on
	Host    string         // that browsers name: the host of the public URL, with its port unless that is the usual one
	TLS     bool           // the server speaks TLS itself, with a certificate for Host
	Roots   *x509.CertPool // who may have signed that; nil: whom this machine trusts
	Key     Key
	Within  time.Duration // how long a probe may take
}

// Loopback is the address of this machine at which a server that listens on bound can be reached.
func Loopback(bound net.Addr) string {
	t, ok := bound.(*net.TCPAddr)
	if !ok || !t.IP.IsUnspecified() {
		return bound.String()
	}
	at := *t
	if at.IP = net.IPv6loopback; t.IP.To4() != nil {
		at.IP = net.IPv4(127, 0, 0, 1)
	}
	return at.String()
}

// Probe tries the server once. took is the time from the request for an event until the socket heard it, 0 unless the result is OK.
func (p *Prober) Probe(ctx context.Context) (result Result, took time.Duration, err error) {
	ctx, stop := context.WithTimeout(ctx, p.Within)
	defer stop()
	value, user := p.Key.sign()
	conn, err := p.connect(ctx, value)
	if err != nil {
		return Connect, 0, fmt.Errorf("a socket is not opened: %w", err)
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		err = conn.SetDeadline(end)
	}
	if err == nil { // the server greets once the socket takes part
		err = hear(conn, `"type":"hello"`)
	}
	if err != nil {
		return Hear, 0, fmt.Errorf("a socket is not greeted: %w", err)
	}
	began := time.Now()
	if err := p.post(ctx, value); err != nil {
		return Post, 0, fmt.Errorf("an event is not committed: %w", err)
	}
	if err := hear(conn, `"room":"`+user+`"`); err != nil {
		return Hear, 0, fmt.Errorf("a socket does not hear an event: %w", err)
	}
	return OK, time.Since(began), nil
}

// connect opens a socket. The caller closes it.
func (p *Prober) connect(ctx context.Context, value string) (net.Conn, error) {
	d := ws.Dialer{Host: p.Host, Header: ws.HandshakeHeaderHTTP{header: {value}}, TLSConfig: p.tls()}
	url := "ws://" + p.Address + "/ws"
	if p.TLS {
		url = "wss://" + p.Address + "/ws"
	}
	conn, early, _, err := d.Dial(ctx, url)
	if early == nil || err != nil {
		return conn, err
	}
	return &ahead{conn, io.MultiReader(early, conn)}, nil
}

// ahead is a connection of which some bytes were read already.
type ahead struct {
	net.Conn
	from io.Reader
}

// Read implements io.Reader.
func (a *ahead) Read(b []byte) (int, error) { return a.from.Read(b) }

func (p *Prober) tls() *tls.Config {
	if !p.TLS {
		return nil
	}
	name, _, err := net.SplitHostPort(p.Host)
	if err != nil {
		name = p.Host
	}
	return &tls.Config{ServerName: name, RootCAs: p.Roots, MinVersion: tls.VersionTLS12}
}

// post asks for an event.
func (p *Prober) post(ctx context.Context, value string) error {
	url := "http://" + p.Address + Path
	if p.TLS {
		url = "https://" + p.Address + Path
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return err
	}
	req.Host = p.Host
	req.Header.Set(header, value)
	client := http.Client{Transport: &http.Transport{TLSClientConfig: p.tls(), DisableKeepAlives: true}} // each probe connects anew
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if err = errors.Join(err, resp.Body.Close()); err == nil && resp.StatusCode != http.StatusNoContent {
		err = fmt.Errorf("POST %s was answered with %d", Path, resp.StatusCode)
	}
	return err
}

// hear reads frames until one has a text.
func hear(conn net.Conn, text string) error {
	for {
		frame, err := wsutil.ReadServerText(conn)
		if err != nil {
			return err
		}
		if bytes.Contains(frame, []byte(text)) {
			return nil
		}
	}
}
