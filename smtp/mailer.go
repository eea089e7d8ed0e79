package smtp

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/mail"
)

// Mailer implements mail.Mailer.
type Mailer struct {
	Config
	Roots  *x509.CertPool // of the certificates that are trusted; nil: the system's
	Within time.Duration  // for one message; 0: 30 s
}

const (
	sendWithin = 30 * time.Second
	mostRead   = 64 << 10 // bytes: a server that says more in one conversation is none
)

// Send implements mail.Mailer.
func (m Mailer) Send(ctx context.Context, msg mail.Message) error {
	b, err := msg.Bytes()
	if err != nil {
		return err
	}
	return m.converse(ctx, func(c *smtp.Client) error { return deliver(c, msg, b) })
}

// Check signs in to the server, and sends nothing.
func (m Mailer) Check(ctx context.Context) error {
	return m.converse(ctx, func(c *smtp.Client) error { return at("NOOP", c.Noop()) })
}

// converse connects, encrypts, signs in, and runs do.
func (m Mailer) converse(ctx context.Context, do func(*smtp.Client) error) error {
	ctx, stop := context.WithTimeout(ctx, cmp.Or(m.Within, sendWithin))
	defer stop()
	conn, err := m.dial(ctx)
	if err != nil {
		return fmt.Errorf("connect to the mail server %s: %w", m.address(), err)
	}
	ended := context.AfterFunc(ctx, func() { _ = conn.Close() }) // it makes all that is waited for fail
	defer ended()
	c, err := smtp.NewClient(conn, m.Host)
	if err != nil {
		return errors.Join(at("the greeting", err), conn.Close())
	}
	err = m.open(c)
	if err == nil {
		err = do(c)
	}
	if err == nil {
		_ = c.Quit() // the message is delivered: what the server answers to the farewell changes nothing
	}
	_ = c.Close() // closed already after Quit
	if over := context.Cause(ctx); over != nil && err != nil {
		return fmt.Errorf("%w (%w)", err, over)
	}
	return err
}

func (m Mailer) dial(ctx context.Context) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", m.address())
	if err != nil {
		return nil, err
	}
	conn = &bounded{Conn: conn, left: mostRead}
	if !m.TLS {
		return conn, nil
	}
	encrypted := tls.Client(conn, m.tls())
	if err := encrypted.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return encrypted, nil
}

func (m Mailer) tls() *tls.Config {
	return &tls.Config{ServerName: m.Host, RootCAs: m.Roots, MinVersion: tls.VersionTLS12}
}

// open greets, encrypts and signs in.
func (m Mailer) open(c *smtp.Client) error {
	if err := c.Hello(cmp.Or(m.LocalName, "localhost")); err != nil {
		return at("EHLO", err)
	}
	if !m.TLS && !m.Plain {
		if offered, _ := c.Extension("STARTTLS"); !offered {
			return errors.New("the mail server offers no encryption (STARTTLS): use smtps:// if it has a port for that, such as 465")
		}
		if err := c.StartTLS(m.tls()); err != nil {
			return at("STARTTLS", err)
		}
	}
	if m.User == "" {
		return nil
	}
	if offered, kinds := c.Extension("AUTH"); !offered || !strings.Contains(" "+kinds+" ", " PLAIN ") {
		return errors.New("the mail server offers no sign-in with a password (AUTH PLAIN)")
	}
	return at("AUTH", c.Auth(smtp.PlainAuth("", m.User, m.Password, m.Host))) // which refuses to send the password unencrypted
}

// deliver passes one message on.
func deliver(c *smtp.Client, m mail.Message, b []byte) error {
	if ok, _ := c.Extension("SMTPUTF8"); !ok && !ascii(m.To.Email) {
		return mail.ErrRefused
	}
	if err := c.Mail(m.From.Email); err != nil {
		return at("MAIL", err)
	}
	if err := c.Rcpt(m.To.Email); err != nil {
		if refusesAddress(err) {
			return fmt.Errorf("%w: %w", mail.ErrRefused, at("RCPT", err))
		}
		return at("RCPT", err)
	}
	w, err := c.Data()
	if err != nil {
		return at("DATA", err)
	}
	if _, err := w.Write(b); err != nil {
		return at("the message", err)
	}
	err = w.Close() // sends the last line, and waits for the answer
	if _, answered := errors.AsType[*textproto.Error](err); err != nil && !answered {
		return fmt.Errorf("%w: %w", mail.ErrUncertain, at("the message", err))
	}
	return at("the message", err)
}

// refusesAddress says whether a server's answer to RCPT is about the mailbox (RFC 5321, 4.2.3), and not about who sends: the enhanced
// code 5.7.x (RFC 3463) is policy, such as "relaying denied".
func refusesAddress(err error) bool {
	e, ok := errors.AsType[*textproto.Error](err)
	if !ok || strings.HasPrefix(e.Msg, "5.7.") {
		return false
	}
	return e.Code == 550 || e.Code == 551 || e.Code == 553 || e.Code == 556
}

// at names the step that failed. Of what a server answers only the codes are kept: the rest may contain the address.
func at(step string, err error) error {
	if err == nil {
		return nil
	}
	if _, garbage := errors.AsType[textproto.ProtocolError](err); garbage {
		return fmt.Errorf("mail server, %s: its answer is not SMTP", step)
	}
	e, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		return fmt.Errorf("mail server, %s: %w", step, err)
	}
	enhanced, _, _ := strings.Cut(e.Msg, " ")
	if strings.Trim(enhanced, "0123456789.") != "" || strings.Count(enhanced, ".") != 2 {
		enhanced = ""
	}
	return fmt.Errorf("mail server, %s: it answered %s", step, strings.TrimSpace(fmt.Sprint(e.Code, " ", enhanced)))
}

func ascii(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > 126 }) }

// bounded is a connection on which no endless answer can be read.
type bounded struct {
	net.Conn
	left int
}

// Read implements net.Conn.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("it says too much")
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
