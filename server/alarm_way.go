package server

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/mail"
	"github.com/canteen-chat/canteen/ops/alarm"
	"github.com/canteen-chat/canteen/outbound"
)

const (
	deadManEvery = time.Minute
	mostReason   = 200 // bytes of what is shown of an error
)

// checkAlarms says what is wrong with the settings of alarms.
func (c Config) checkAlarms(say func(format string, args ...any)) {
	for _, to := range c.AlarmMail {
		if _, err := mail.ParseAddress(to); err != nil {
			say("--alarm-mail: %w", err)
		}
	}
	if len(c.AlarmMail) > 0 && c.Mail == "" {
		say("--alarm-mail: needs a mail server: name one with --mail and --mail-from")
	}
	for flag, address := range map[string]string{"--alarm-webhook": c.AlarmWebhook, "--dead-man-url": c.DeadManURL} {
		if address == "" {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
			say("%s: must be a URL such as https://example.com/hook", flag)
		}
	}
}

// waysOf are the ways by which alarms are told.
func waysOf(cfg Config, h *dataDir, url string) ([]way, error) {
	place := func(ctx context.Context) (alarm.Place, error) {
		w, err := h.store.Workspace(ctx)
		return alarm.Place{Workspace: w.Name, URL: url}, err
	}
	var out []way
	m, from, ok, err := cfg.mailer()
	if err != nil {
		return nil, err
	}
	for _, one := range cfg.AlarmMail {
		to, err := mail.ParseAddress(one)
		if err != nil {
			return nil, fmt.Errorf("--alarm-mail: %w", err)
		}
		if ok {
			out = append(out, telling("mail "+to.Email, "mail", to.Email, place, sendMail(m, from, to)))
		}
	}
	client := outbound.New(outbound.Options{Check: outbound.CheckNamed})
	if address := cfg.AlarmWebhook; address != "" {
		out = append(out, telling("webhook", "webhook", "", place, func(ctx context.Context, n alarm.Notice, from alarm.Place) error {
			body, err := n.Slack(from)
			if err != nil {
				return err
			}
			return client.Post(ctx, address, "application/json", body)
		}))
	}
	if cfg.AlarmRoom != "" {
		out = append(out, (&alarmRoom{h: h, name: strings.TrimPrefix(cfg.AlarmRoom, "#"), place: place}).way())
	}
	if cfg.DeadManURL != "" {
		out = append(out, deadMan(client, cfg.DeadManURL))
	}
	return out, nil
}

type placed func(context.Context) (alarm.Place, error)

// telling is a way by which notices are sent.
func telling(name, kind, to string, place placed, send func(context.Context, alarm.Notice, alarm.Place) error) way {
	sendFrom := func(ctx context.Context, n alarm.Notice) error {
		from, err := place(ctx)
		if err != nil {
			from.Workspace = "Canteen" // the database may be what is broken
		}
		return send(ctx, n, from)
	}
	return way{name: name, kind: kind, to: to, test: sendFrom,
		next: func(w *alarm.Watch, _ alarm.Point) (func(context.Context) error, func()) {
			n, due := w.Next(name)
			if !due {
				return nil, nil
			}
			return func(ctx context.Context) error { return sendFrom(ctx, n) }, func() { w.Sent(name, n) }
		},
	}
}

func sendMail(m mail.Mailer, from, to mail.Address) func(context.Context, alarm.Notice, alarm.Place) error {
	return func(ctx context.Context, n alarm.Notice, at alarm.Place) error {
		err := m.Send(ctx, mail.Message{
			From: from, To: to, Subject: n.Title(at), Text: n.Text(at), HTML: n.HTML(at), At: n.At, Key: n.Key,
		})
		if errors.Is(err, mail.ErrUncertain) { // better once too often
			return fmt.Errorf("it may not have been sent: %w", err)
		}
		return err
	}
}

// deadMan asks a URL each minute while the server is ready, so that somebody else notices when it does not any more.
func deadMan(client *outbound.Client, address string) way {
	const name = "dead_man"
	var last time.Time
	return way{name: name, kind: name, next: func(w *alarm.Watch, p alarm.Point) (func(context.Context) error, func()) {
		if since := p.At.Sub(last); !p.Ready || since >= 0 && since < deadManEvery {
			return nil, nil
		}
		last = p.At
		return func(ctx context.Context) error { return client.Ping(ctx, address) }, func() { w.Worked(name) }
	}}
}

// reason is an error as administrators see it: without the URL that was asked, which may hold a secret, and not too long.
func reason(err error) string {
	s := err.Error()
	if e, ok := errors.AsType[*url.Error](err); ok {
		s = e.Err.Error()
	}
	if s = strings.Join(strings.Fields(s), " "); len(s) > mostReason {
		s = strings.ToValidUTF8(s[:mostReason], "") + "…"
	}
	return s
}
