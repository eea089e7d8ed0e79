package smtp_test

import (
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/internal/mailserver"
	"github.com/canteen-chat/canteen/mail"
	"github.com/canteen-chat/canteen/smtp"
)

func letter() mail.Message {
	return mail.Message{
		From: mail.Address{Name: "Canteen", Email: "chat@example.com"}, To: mail.Address{Name: "Mira", Email: "mira@example.org"},
		Subject: "Hello", Text: "Hello\n.\nQUIT\n", HTML: "<p>Hello</p>", Key: "k", At: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC),
	}
}

func mailer(s *mailserver.Server, more ...func(*smtp.Mailer)) smtp.Mailer {
	c := smtp.Config{Host: s.Host, Port: s.Port, User: "canteen", Password: "secret"}
	m := smtp.Mailer{Config: c, Roots: s.Roots, Within: 5 * time.Second}
	for _, f := range more {
		f(&m)
	}
	return m
}

// TestSend: over STARTTLS and over TLS from the start, signed in, with the message as it was.
func TestSend(t *testing.T) {
	for _, implicit := range []bool{false, true} {
		s := mailserver.Start(t, implicit)
		if err := mailer(s, func(m *smtp.Mailer) { m.TLS = implicit }).Send(t.Context(), letter()); err != nil {
			t.Fatal(err)
		}
		want, err := letter().Bytes()
		if err != nil {
			t.Fatal(err)
		}
		took := s.Took()
		if len(took) != 1 || !took[0].TLS || took[0].User != "canteen" ||
			took[0].From != "chat@example.com" || took[0].To != "mira@example.org" {
			t.Fatalf("%+v", took)
		}
		got := strings.ReplaceAll(string(took[0].Data), "\n", "\r\n")
		if len(got) != len(want) || !strings.Contains(got, "\r\n.\r\nQUIT\r\n") {
			t.Errorf("%d bytes became %d:\n%s", len(want), len(got), got)
		}
	}
}

// TestTrouble: at each step the server refuses, hangs, closes the connection, or is no mail server. Each time there is an answer within
// the time given, of the right kind, and it names the step and nobody.
func TestTrouble(t *testing.T) {
	s := mailserver.Start(t, false)
	type row struct {
		step, say  string
		want, word string // the kind of error, and a word of it
	}
	rows := []row{
		{"RCPT", "550 5.1.1 no such user mira@example.org", "refused", "RCPT: it answered 550 5.1.1"},
		{"RCPT", "550-5.1.1 no such\n550 5.1.1 user", "refused", "550"},
		{"RCPT", "550 no such user", "refused", "550"}, {"RCPT", "553 5.1.3 bad address", "refused", "553"},
		{"RCPT", "550 5.7.1 relaying denied", "later", "550 5.7.1"}, {"RCPT", "554 relay access denied", "later", "554"},
		{"RCPT", "530 5.7.0 sign in first", "later", "530"}, {"RCPT", "450 4.2.1 greylisted", "later", "450"},
		{"RCPT", "452 4.2.2 mailbox full", "later", "452"},
		{"END", "554 5.7.1 spam", "later", "554"}, {"END", "451 try later", "later", "451"},
		{"END", "hang", "uncertain", "message"}, {"END", "drip", "uncertain", "message"}, {"END", "close", "uncertain", "message"},
		{"GREETING", "554 no", "later", "greeting"}, {"EHLO", "500-no\n500 no", "later", "EHLO"},
		{"STARTTLS", "454 4.7.0 not now", "later", "STARTTLS"}, {"AUTH", "535 5.7.8 wrong", "later", "AUTH: it answered 535"},
		{"MAIL", "550 5.1.8 bad sender", "later", "MAIL"}, {"DATA", "503 no", "later", "DATA"},
	}
	for _, step := range []string{"GREETING", "EHLO", "STARTTLS", "TLS", "AUTH", "MAIL", "RCPT", "DATA"} {
		for _, say := range []string{"hang", "drip", "close", "HTTP/1.1 400 mira@example.org", "421 4.3.2 closing", strings.Repeat("x", 100_000)} {
			if step == "TLS" && strings.HasPrefix(say, "421") {
				continue
			}
			rows = append(rows, row{step, say, "later", ""})
		}
	}
	for _, r := range rows {
		s.Fail(mailserver.Fault{Step: r.step, Say: r.say})
		began, before := time.Now(), len(s.Took())
		err := mailer(s, func(m *smtp.Mailer) { m.Within = 300 * time.Millisecond }).Send(t.Context(), letter())
		kind := "later"
		switch {
		case err == nil:
			kind = "sent"
		case errors.Is(err, mail.ErrRefused):
			kind = "refused"
		case errors.Is(err, mail.ErrUncertain):
			kind = "uncertain"
		}
		say := r.say[:min(len(r.say), 40)]
		if kind != r.want || err != nil && (!strings.Contains(err.Error(), r.word) || strings.Contains(err.Error(), "mira@")) {
			t.Errorf("%s, %q: %s, %v", r.step, say, kind, err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s, %q: took %s", r.step, say, took)
		}
		if n := len(s.Took()) - before; n != 0 && kind != "uncertain" {
			t.Errorf("%s, %q: took %d messages", r.step, say, n)
		}
	}
}

// TestQuitChangesNothing: the message is delivered once the server took it.
func TestQuitChangesNothing(t *testing.T) {
	s := mailserver.Start(t, false)
	for _, say := range []string{"hang", "close", "500 no"} {
		s.Fail(mailserver.Fault{Step: "QUIT", Say: say})
		if err := mailer(s, func(m *smtp.Mailer) { m.Within = 300 * time.Millisecond }).Send(t.Context(), letter()); err != nil {
			t.Errorf("%s: %v", say, err)
		}
	}
}

// TestNothingGoesUnencrypted: without encryption, or with a certificate that nobody trusts, the password is not sent.
func TestNothingGoesUnencrypted(t *testing.T) {
	s := mailserver.Start(t, false)
	for name, change := range map[string]func(*smtp.Mailer){
		"no STARTTLS":       func(*smtp.Mailer) { s.Offer("AUTH PLAIN") },
		"other certificate": func(m *smtp.Mailer) { m.Roots = x509.NewCertPool() },
		"no PLAIN":          func(*smtp.Mailer) { s.Offer("STARTTLS", "AUTH XOAUTH2") },
		"wrong password":    func(m *smtp.Mailer) { m.Password = "other" },
		"TLS to plain port": func(m *smtp.Mailer) { m.TLS = true },
	} {
		s.Offer("STARTTLS", "AUTH PLAIN")
		err := mailer(s, change).Send(t.Context(), letter())
		if err == nil || len(s.Took()) > 0 {
			t.Errorf("%s: sent", name)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error has the password: %v", name, err)
		}
	}
}

// TestPlain: without encryption, where that is allowed, and nobody signs in.
func TestPlain(t *testing.T) {
	s := mailserver.Start(t, false)
	c, err := smtp.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	m := smtp.Mailer{Config: c}
	if err := m.Check(t.Context()); err != nil || len(s.Took()) > 0 {
		t.Errorf("check: %v", err)
	}
	if err := m.Send(t.Context(), letter()); err != nil || len(s.Took()) != 1 || s.Took()[0].TLS {
		t.Errorf("%v: %+v", err, s.Took())
	}
	strange := letter()
	strange.To.Email = "ü@example.org"
	if err := m.Send(t.Context(), strange); !errors.Is(err, mail.ErrRefused) {
		t.Errorf("an address that needs SMTPUTF8: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := m.Send(ctx, letter()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestParse: each form of the setting, and what is wrong with others.
func TestParse(t *testing.T) {
	for in, want := range map[string]smtp.Config{
		"smtp://canteen@mail.example.com:2587": {Host: "mail.example.com", Port: "2587", User: "canteen"},
		"smtp://mail.example.com":              {Host: "mail.example.com", Port: "587"},
		"smtps://a%40b.c@mail.example.com":     {Host: "mail.example.com", Port: "465", TLS: true, User: "a@b.c"},
		"smtp://mail.example.com:25?tls=off":   {Host: "mail.example.com", Port: "25", Plain: true},
		"smtp://localhost:25":                  {Host: "localhost", Port: "25", Plain: true},
		"smtp://[::1]:25":                      {Host: "::1", Port: "25", Plain: true},
	} {
		if got, err := smtp.Parse(in); err != nil || got != want {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	for in, word := range map[string]string{
		"mail.example.com": "smtp://", "http://mail.example.com": "begin with", "smtp://u:p@mail.example.com": "password-file",
		"smtp://mail.example.com/inbox": "after the port", "smtp://mail.example.com?x=y": "after the port",
		"smtps://mail.example.com?tls=off": "smtps", "smtp://u@mail.example.com?tls=off": "readable", "": "smtp://", "smtp://": "smtp://", "smtp://mail:port": "smtp://",
	} {
		if got, err := smtp.Parse(in); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
}
