package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/digest"
	"github.com/canteen-chat/canteen/mail"
	"github.com/canteen-chat/canteen/origin"
	"github.com/canteen-chat/canteen/smtp"
)

const digestsEvery = time.Minute

// mailer gives what sends e-mails, and from which address. ok is false without a mail server.
func (c Config) mailer() (m smtp.Mailer, from mail.Address, ok bool, err error) {
	switch {
	case c.Mail == "" && c.MailFrom == "":
		return m, from, false, nil
	case c.Mail == "":
		return m, from, false, errors.New("--mail: is needed with --mail-from")
	case c.MailFrom == "":
		return m, from, false, errors.New("--mail-from: is needed with --mail, such as chat@example.com")
	}
	at, err := smtp.Parse(c.Mail)
	if err != nil {
		return m, from, false, fmt.Errorf("--mail: %w", err)
	}
	if from, err = mail.ParseAddress(c.MailFrom); err != nil {
		return m, from, false, fmt.Errorf("--mail-from: %w", err)
	}
	if at.Password = c.MailPassword; (at.Password == "") != (at.User == "") {
		if at.User == "" {
			return m, from, false, errors.New("--mail: there is a password, but no user to sign in: smtp://USER@HOST:PORT")
		}
		return m, from, false, errors.New("--mail-password-file: a user needs a password")
	}
	if at.LocalName = "localhost"; c.Domain != "" {
		at.LocalName = c.Domain
	} else if u, err := url.Parse(c.URL); err == nil && u.Hostname() != "" {
		at.LocalName = u.Hostname()
	}
	if from.Name == "" {
		from.Name = "Canteen"
	}
	return smtp.Mailer{Config: at}, from, true, nil
}

// CheckMail signs in to the mail server, and sends nothing. It does nothing without a mail server.
func CheckMail(ctx context.Context, cfg Config) error {
	m, _, ok, err := cfg.mailer()
	if err != nil || !ok {
		return err
	}
	if err := m.Check(ctx); err != nil {
		return fmt.Errorf("--mail: %w", err)
	}
	return nil
}

// ErrNoMail means that no mail server is configured.
var ErrNoMail = errors.New("there is no mail server: name one with --mail and --mail-from")

// TestMail sends a message that says that sending works.
func TestMail(ctx context.Context, cfg Config, to string) error {
	m, from, ok, err := cfg.mailer()
	if err == nil && !ok {
		err = ErrNoMail
	}
	if err != nil {
		return err
	}
	address, err := mail.ParseAddress(to)
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	const text = "Canteen can send e-mail to this address.\n"
	return m.Send(ctx, mail.Message{
		From: from, To: address, Subject: "A test from Canteen", Text: text, HTML: "<p>" + text + "</p>",
		At: time.Now(), Key: chat.NewSecret(),
	})
}

// digests sends digests that are due, once a minute.
type digests struct {
	job     *digest.Job
	log     *slog.Logger
	end     context.CancelFunc
	running sync.WaitGroup
}

// startDigests does nothing, and returns nil, without a mail server.
func startDigests(cfg Config, h *dataDir, public origin.Origin, log *slog.Logger) (*digests, error) {
	m, from, ok, err := cfg.mailer()
	if err != nil || !ok {
		return nil, err
	}
	if public.Loopback() {
		log.Warn("links in e-mails lead to this machine only: say with --url which address people open", "url", public.String())
	}
	every := cfg.DigestsEvery
	if every == 0 {
		every = digestsEvery
	}
	ctx, end := context.WithCancel(context.Background())
	unread := digest.Unread{Store: h.store, Inbox: &attention.Inboxes{Store: h.store, Clock: h.clock}}
	d := &digests{log: log, end: end, job: digest.New(digest.Options{
		Store: h.store, Reader: unread, Mailer: m, From: from, URL: public.String(), Clock: h.clock, Log: log,
		Count:  countMails(h.meter),
		Active: func(_ context.Context, user string) (bool, error) { return h.hub.Active(user), nil },
	})}
	d.running.Go(func() { d.run(ctx, every) })
	return d, nil
}

func (d *digests) run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := d.job.Run(ctx); err != nil && ctx.Err() == nil {
				d.log.Error("digests were not looked at, and will be later", "error", err)
			}
		}
	}
}

// stop ends the job. A message that is being sent is given up.
func (d *digests) stop() {
	if d != nil {
		d.end()
		d.running.Wait()
	}
}
