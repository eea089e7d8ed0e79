// Package mailserver is a mail server for tests that keeps what it is sent, and fails as it is told: at each step of a conversation it
// refuses, hangs, closes the connection, or says what is no SMTP.
package mailserver

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// Fault is what goes wrong at one step.
type Fault struct {
	Step string // GREETING, TLS, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, END (the message), QUIT
	// Say is the answer, with codes; it may have several lines. "hang" says nothing for ever, "drip" says a line without end, a byte at a
	// time, and "close" ends the connection.
	Say string
}

// Mail is a message that the server took.
type Mail struct {
	From, To string
	TLS      bool
	User     string // who signed in
	Data     []byte
}

// Server is a running mail server.
type Server struct {
	Host, Port string
	Roots      *x509.CertPool
	certs      tls.Certificate
	implicit   bool
	mu         sync.Mutex
	extensions []string
	fault      Fault
	took       []Mail
	tries      int
	done       chan struct{}
}

// Start starts a server on a free port of this machine, until the end of the test. implicit says whether it encrypts from the start.
func Start(t testing.TB, implicit bool) *Server {
	t.Helper()
	s := &Server{
		implicit: implicit, done: make(chan struct{}), Roots: x509.NewCertPool(),
		extensions: []string{"PIPELINING", "STARTTLS", "AUTH LOGIN PLAIN", "8BITMIME", "SIZE 1000000"},
	}
	s.certify(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if s.Host, s.Port, err = net.SplitHostPort(l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { close(s.done); _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	return s
}

// certify makes a certificate for this machine, which Roots trust.
func (s *Server) certify(t testing.TB) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	s.certs = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	s.Roots.AddCert(c)
}

// Fail sets what goes wrong from now on; the zero Fault ends it.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Offer replaces the extensions that the server offers.
func (s *Server) Offer(extensions ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.extensions = extensions
}

// Took are the messages that the server took.
func (s *Server) Took() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.took...)
}

// Tries counts the connections.
func (s *Server) Tries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries
}

const dripEvery = 20 * time.Millisecond

// conversation is one connection.
type conversation struct {
	s    *Server
	conn net.Conn
	in   *bufio.Reader
	mail Mail
}

func (s *Server) serve(conn net.Conn) {
	defer conn.Close()
	s.mu.Lock()
	s.tries++
	s.mu.Unlock()
	c := &conversation{s: s, conn: conn}
	if s.implicit && !c.encrypt() {
		return
	}
	c.in = bufio.NewReader(c.conn)
	if !c.say("GREETING", "220 mail.example.com ready") {
		return
	}
	for {
		line, err := textproto.NewReader(c.in).ReadLine()
		if err != nil || !c.command(line) {
			return
		}
	}
}

// say answers a step, as the fault says if it is about this step. False ends the conversation.
func (c *conversation) say(step, answer string) bool {
	c.s.mu.Lock()
	f := c.s.fault
	c.s.mu.Unlock()
	if step != "" && f.Step == step {
		answer = f.Say
	}
	switch answer {
	case "hang":
		<-c.s.done
		return false
	case "drip":
		for err := error(nil); err == nil; time.Sleep(dripEvery) {
			_, err = io.WriteString(c.conn, "2")
		}
		return false
	case "close":
		return false
	}
	_, err := io.WriteString(c.conn, strings.ReplaceAll(answer, "\n", "\r\n")+"\r\n")
	return err == nil
}

func (c *conversation) failing(step string) bool {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.s.fault.Step == step
}

func (c *conversation) encrypt() bool {
	if c.failing("TLS") {
		return c.say("TLS", "")
	}
	t := tls.Server(c.conn, &tls.Config{Certificates: []tls.Certificate{c.s.certs}, MinVersion: tls.VersionTLS12})
	if t.Handshake() != nil {
		return false
	}
	c.conn, c.in, c.mail.TLS = t, bufio.NewReader(t), true
	return true
}

func (c *conversation) command(line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb = strings.ToUpper(verb); verb {
	case "EHLO":
		c.s.mu.Lock()
		answer := "250-mail.example.com"
		for _, e := range c.s.extensions {
			if e != "STARTTLS" || !c.mail.TLS {
				answer += "\n250-" + e
			}
		}
		c.s.mu.Unlock()
		return c.say(verb, answer+"\n250 HELP")
	case "STARTTLS":
		if c.failing(verb) {
			return c.say(verb, "")
		}
		return c.say("", "220 go ahead") && c.encrypt()
	case "AUTH":
		secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
		parts := bytes.Split(secret, []byte{0})
		if err != nil || len(parts) != 3 || string(parts[2]) != "secret" {
			return c.say("", "535 5.7.8 wrong user or password")
		}
		c.mail.User = string(parts[1])
		return c.say(verb, "235 2.7.0 welcome")
	case "MAIL":
		c.mail.From = between(rest)
	case "RCPT":
		c.mail.To = between(rest)
	case "DATA":
		return c.data()
	case "QUIT":
		c.say(verb, "221 bye")
		return false
	case "NOOP", "RSET":
	case "*": // the client gives up signing in
		return c.say("", "501 given up")
	default:
		return c.say("", "502 5.5.1 unknown command")
	}
	return c.say(verb, "250 2.1.0 fine")
}

func (c *conversation) data() bool {
	if c.failing("DATA") {
		return c.say("DATA", "")
	}
	if !c.say("", "354 go on") {
		return false
	}
	b, err := textproto.NewReader(c.in).ReadDotBytes()
	if err != nil {
		return false
	}
	c.s.mu.Lock()
	fails := c.s.fault.Step == "END"
	if hangs := c.s.fault.Say == "hang" || c.s.fault.Say == "close"; !fails || hangs { // it took the message, and does not say so
		c.mail.Data = b
		c.s.took = append(c.s.took, c.mail)
	}
	c.s.mu.Unlock()
	return c.say("END", "250 2.0.0 taken")
}

func between(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}

// URL is the server's address as a setting.
func (s *Server) URL() string { return fmt.Sprintf("smtp://%s:%s", s.Host, s.Port) }
