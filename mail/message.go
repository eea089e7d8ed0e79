package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Address is somebody's name, which may be empty, and e-mail address.
type Address struct{ Name, Email string }

// Message is an e-mail to one person.
type Message struct {
	From, To    Address
	Subject     string
	Text, HTML  string // the same in both
	At          time.Time
	Key         string // the same for a message that is sent again: its Message-ID follows from it
	Unsubscribe string // URL that takes an empty POST; optional
}

// ParseAddress reads "chat@example.com" or "Canteen <chat@example.com>".
func ParseAddress(s string) (Address, error) {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return Address{}, errors.New("must be an e-mail address, such as chat@example.com or Canteen <chat@example.com>")
	}
	out := Address{oneLine(a.Name), a.Address}
	return out, out.check()
}

// check refuses what cannot stand in a header or in a command of SMTP.
func (a Address) check() error {
	at := strings.LastIndexByte(a.Email, '@')
	strange := func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune(`<>"\,;:()[]`, r)
	}
	if at < 1 || at == len(a.Email)-1 || len(a.Email) > 254 || !utf8.ValidString(a.Email) || strings.ContainsFunc(a.Email, strange) {
		return errors.New("an e-mail address is malformed")
	}
	return nil
}

// domain is what follows the @.
func (a Address) domain() string { return a.Email[strings.LastIndexByte(a.Email, '@')+1:] }

// header is the address as it stands in a header.
func (a Address) header() string {
	name := oneLine(a.Name)
	if name == "" {
		return "<" + a.Email + ">"
	}
	return encoded(name) + " <" + a.Email + ">"
}

// ID is the Message-ID. The domain is that of the sender.
func (m Message) ID() string {
	sum := sha256.Sum256([]byte(m.Key + "\n" + m.To.Email))
	return "<" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:20])) + "@" + m.From.domain() + ">"
}

// check refuses malformed addresses. Its error is ErrRefused if the receiver's is one: that is no failure of the mail server.
func (m Message) check() error {
	if err := m.From.check(); err != nil {
		return err
	}
	if err := m.To.check(); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return nil
}

// Bytes is the message as SMTP sends it: ASCII lines of at most 998 characters that end in CR LF (RFC 5322). The error
// is ErrRefused if the receiver's address is malformed.
func (m Message) Bytes() ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for _, p := range []struct{ kind, text string }{{"text/plain", m.Text}, {"text/html", m.HTML}} { // readers show the last one they can
		w, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type": {p.kind + "; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"},
		})
		if err != nil {
			return nil, err
		}
		q := quotedprintable.NewWriter(w)
		_, err = q.Write([]byte(strings.ToValidUTF8(p.text, "\uFFFD")))
		if err = errors.Join(err, q.Close()); err != nil {
			return nil, err
		}
	}
	if err := parts.Close(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, h := range m.headers(parts.Boundary()) {
		fmt.Fprintf(&out, "%s: %s\r\n", h[0], h[1])
	}
	out.WriteString("\r\n")
	out.Write(body.Bytes())
	return out.Bytes(), nil
}

func (m Message) headers(boundary string) [][2]string {
	hs := [][2]string{
		{"Date", m.At.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700")},
		{"Message-ID", m.ID()},
		{"From", m.From.header()},
		{"To", m.To.header()},
		{"Subject", encoded(oneLine(m.Subject))},
		{"Auto-Submitted", "auto-generated"}, // RFC 3834: nobody's holiday notice answers it
		{"MIME-Version", "1.0"},
		{"Content-Type", `multipart/alternative; boundary="` + boundary + `"`},
	}
	if m.Unsubscribe != "" {
		hs = append(hs, [2]string{"List-Unsubscribe", "<" + oneLine(m.Unsubscribe) + ">"},
			[2]string{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"})
	}
	return hs
}

const maxHeaderText = 200 // characters of a subject or name

// oneLine is s with single spaces in place of line breaks and other control characters, at most maxHeaderText characters long.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxHeaderText {
		s = string([]rune(s)[:maxHeaderText-1]) + "…"
	}
	return s
}

// encoded is a text as encoded words (RFC 2047), of which each stands on a line of its own. Plain words stay in a subject, but not in a
// name, where characters such as a comma have a meaning: so all is encoded.
func encoded(s string) string {
	var lines []string
	for len(s) > 0 {
		n := 0
		for i, r := range s {
			if i+utf8.RuneLen(r) > 42 { // 42 bytes are 56 characters in base64: with the rest of the encoded word fewer than 75
				break
			}
			n = i + utf8.RuneLen(r)
		}
		lines = append(lines, mime.BEncoding.Encode("utf-8", s[:n]))
		if !strings.HasPrefix(lines[len(lines)-1], "=?") { // only printable ASCII, which the encoder leaves as it is
			lines[len(lines)-1] = "=?utf-8?q?" + asciiWord(s[:n]) + "?="
		}
		s = s[n:]
	}
	return strings.Join(lines, "\r\n ")
}

// asciiWord is printable ASCII in the Q encoding of a name: letters and digits stay, all else is =XX.
func asciiWord(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			b.WriteByte('_')
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String()
}

// Parts are what a service needs that makes the message itself: sender and receiver as they stand in headers, the subject, and the headers
// besides those that each message has. Errors are those of Bytes.
func (m Message) Parts() (from, to, subject string, headers [][2]string, err error) {
	if err := m.check(); err != nil {
		return "", "", "", nil, err
	}
	unfolded := func(s string) string { return strings.ReplaceAll(s, "\r\n ", " ") }
	for _, h := range m.headers("") {
		switch h[0] {
		case "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post":
			headers = append(headers, h)
		}
	}
	return unfolded(m.From.header()), unfolded(m.To.header()), oneLine(m.Subject), headers, nil
}
