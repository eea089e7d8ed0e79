package mail_test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	own "github.com/canteen-chat/canteen/mail"
)

func letter() own.Message {
	return own.Message{
		From: own.Address{Name: "Canteen", Email: "chat@example.com"}, To: own.Address{Name: "Mira Brandt", Email: "mira@example.org"},
		Subject: "2 messages wait for you", Text: "Hello\n.\nSoup = ready\n", HTML: "<p>Hello</p>", Key: "k",
		At: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), Unsubscribe: "https://chat.example.com/api/v1/unsubscribe/abc",
	}
}

// parse reads a message with another reader than ours.
func parse(t testing.TB, m own.Message) (h mail.Header, parts map[string]string, order []string) {
	t.Helper()
	b, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(b), "\r\n") {
		strange := func(r rune) bool { return r > 126 && !strings.ContainsRune(m.To.Email, r) } // an address may need SMTPUTF8
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") || strings.ContainsFunc(line, strange) {
			t.Fatalf("a line that SMTP does not take: %q", line)
		}
	}
	got, err := mail.ReadMessage(strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s: %v", kind, err)
	}
	parts = map[string]string{}
	for r := multipart.NewReader(got.Body, params["boundary"]); ; {
		p, err := r.NextPart() // decodes quoted-printable
		if err == io.EOF {
			return got.Header, parts, order
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		kind := p.Header.Get("Content-Type")
		parts[kind], order = string(text), append(order, kind)
	}
}

// TestMessage: another reader finds each part and header.
func TestMessage(t *testing.T) {
	h, parts, order := parse(t, letter())
	for name, want := range map[string]string{
		"Date": "Tue, 24 Nov 2026 08:00:00 +0000", "List-Unsubscribe": "<https://chat.example.com/api/v1/unsubscribe/abc>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated", "Mime-Version": "1.0",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if id := h.Get("Message-Id"); !strings.HasPrefix(id, "<") || !strings.HasSuffix(id, "@example.com>") || id != letter().ID() {
		t.Errorf("Message-ID %q", id)
	}
	if strings.Join(order, ", ") != "text/plain; charset=utf-8, text/html; charset=utf-8" {
		t.Errorf("parts %q", order)
	}
	if got := strings.ReplaceAll(parts[order[0]], "\r\n", "\n"); got != letter().Text {
		t.Errorf("text %q", got)
	}
	if parts[order[1]] != letter().HTML {
		t.Errorf("HTML %q", parts[order[1]])
	}
	other := letter()
	other.Key = "another"
	if other.ID() == letter().ID() {
		t.Error("two messages have one Message-ID")
	}
}

// TestHeadersHoldWhatPeopleTyped: names and subjects come back as they were, but for line breaks, and make no header.
func TestHeadersHoldWhatPeopleTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"Mira Brandt": "Mira Brandt", "Brandt, Mira (kitchen) <boss@example.com>": "Brandt, Mira (kitchen) <boss@example.com>",
		`"quoted" \ =?utf-8?q?x?=`: `"quoted" \ =?utf-8?q?x?=`, "Ёлка 🎉 茶": "Ёлка 🎉 茶",
		"a\r\nBcc: all@example.com": "a Bcc: all@example.com", "a\n\nbody": "a body", "a\u2028b\x00c\td": "a b c d",
		strings.Repeat("å", 300): strings.Repeat("å", 199) + "…", "\xff": "\uFFFD", "": "",
	} {
		m := letter()
		m.To.Name, m.Subject, m.From.Name = typed, typed, typed
		h, _, _ := parse(t, m)
		subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
		if err != nil || subject != want {
			t.Errorf("%q: subject %q (%v), want %q", typed, subject, err, want)
		}
		for _, name := range []string{"To", "From"} {
			as, err := h.AddressList(name)
			if err != nil || len(as) != 1 || as[0].Name != want {
				t.Errorf("%q: %s %v (%v)", typed, name, as, err)
			}
		}
		if len(h) != 10 {
			t.Errorf("%q: headers %v", typed, h)
		}
	}
}

// TestAddresses: what would be two addresses, a command or a header is refused.
func TestAddresses(t *testing.T) {
	for _, good := range []string{"chat@example.com", "Canteen <chat@example.com>", "ü@example.com", "a+b.c@x"} {
		if _, err := own.ParseAddress(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "chat", "@", "a@", "@b", "a@b, c@d", "a@b\r\nRCPT TO:<c@d>", "a b@c", `"a b"@c`, "<a@b> <c@d>", "a@b>",
	} {
		if a, err := own.ParseAddress(bad); err == nil {
			t.Errorf("%q became %v", bad, a)
		}
		m := letter()
		m.To.Email = bad
		_, _, _, _, parts := m.Parts()
		if _, err := m.Bytes(); !errors.Is(err, own.ErrRefused) || !errors.Is(parts, own.ErrRefused) {
			t.Errorf("a message to %q: %v, %v", bad, err, parts)
		}
		m.From, m.To = m.To, m.From
		if _, err := m.Bytes(); err == nil || errors.Is(err, own.ErrRefused) {
			t.Errorf("a message from %q: %v", bad, err)
		}
	}
}

// FuzzMessage: whatever is typed, the message has ten headers, two parts, and its words come back.
func FuzzMessage(f *testing.F) {
	f.Add("Mira", "mira@example.org", "Subject", "text")
	f.Add("a\r\nBcc: x@y", "a@b\r\nDATA", "=?utf-8?b?AAAA?=", "\r\n.\r\nQUIT\r\n--boundary--")
	f.Fuzz(func(t *testing.T, name, email, subject, text string) {
		m := letter()
		m.To, m.Subject, m.Text, m.HTML = own.Address{Name: name, Email: email}, subject, text, text
		if _, err := m.Bytes(); err != nil {
			return
		}
		h, parts, _ := parse(t, m)
		as, err := h.AddressList("To")
		if len(h) != 10 || len(parts) != 2 {
			t.Fatalf("headers %v, %d parts", h, len(parts))
		}
		ascii := !strings.ContainsFunc(email, func(r rune) bool { return r > 126 })
		if ascii && (err != nil || len(as) != 1 || as[0].Address != email) {
			if _, wrong := mail.ParseAddress(email); wrong == nil {
				t.Fatalf("%q became %v: %v", email, as, err)
			}
		}
	})
}
