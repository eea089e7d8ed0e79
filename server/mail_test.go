package server_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/mailserver"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// postOffice is a server with a mail server beside it, and a clock that the test moves.
type postOffice struct {
	*world.World
	t     *testing.T
	mail  *mailserver.Server
	clock *world.Clock
	log   *world.Log
}

func openPostOffice(t *testing.T) *postOffice {
	p := &postOffice{t: t, mail: mailserver.Start(t, false), clock: world.NewClock(), log: &world.Log{}}
	p.World = world.OpenWith(t, world.Options{Log: slog.New(slog.NewTextHandler(p.log, nil)), Configure: func(c *server.Config) {
		c.Mail, c.MailFrom, c.Clock, c.DigestsEvery = p.mail.URL(), "chat@example.com", p.clock.Now, 10*time.Millisecond
	}})
	return p
}

func (p *postOffice) wants(who, digest string) {
	p.t.Helper()
	if status, body := p.Raw(who, "PATCH", "/api/v1/me", `{"settings":{"attention":{"digest":"`+digest+`"}}}`); status != 200 {
		p.t.Fatal(status, body)
	}
}

// TestDigest: a mention, a direct message and nothing else reach Mira by e-mail, an hour later; what she may no longer see does not. One
// click stops it.
func TestDigest(t *testing.T) {
	p := openPostOffice(t)
	p.wants("mira", "hourly")
	world.Eventually(t, "the digest was turned on", func() bool { return len(p.log.Take(`msg="digest turned on"`)) > 0 })
	p.clock.Advance(time.Second)
	general, secret := p.General(), p.Room("ada", "private", "secret", "mira", "jonas")
	direct := p.Room("jonas", "direct", "", "mira")
	p.Say("jonas", general, 1, "@mira <b>soup</b> is ready")
	p.Say("jonas", general, 2, "nothing for her")
	p.Say("jonas", secret, 3, "@mira the secret")
	p.Say("jonas", direct, 4, "psst")
	if status, body := p.Raw("ada", "DELETE", "/api/v1/rooms/"+secret+"/members/"+p.ID["mira"], ""); status != 204 {
		t.Fatal(status, body)
	}
	p.inboxed("soup")
	p.mail.Fail(mailserver.Fault{Step: "RCPT", Say: "450 4.2.1 later mira@example.com"})
	p.clock.Advance(time.Hour)
	world.Eventually(t, "the mail server refused", func() bool { return len(p.log.Take("will be later")) > 0 })
	p.mail.Fail(mailserver.Fault{})
	p.clock.Advance(5 * time.Minute)
	world.Eventually(t, "a message came", func() bool { return len(p.mail.Took()) == 1 })
	h, text := p.mail.Took()[0].Read(t)
	for _, s := range []string{"> @mira <b>soup</b> is ready", "> psst", p.listed("/r/" + general + "/1"), "This message mentions you."} {
		if !strings.Contains(text, s) {
			t.Errorf("no %q in %s", s, text)
		}
	}
	for _, s := range []string{"secret", "nothing for her"} {
		if strings.Contains(text, s) {
			t.Errorf("%q in %s", s, text)
		}
	}
	if h.Get("To") == "" || h.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("%v", h)
	}
	p.stop(strings.Trim(h.Get("List-Unsubscribe"), "<>"))
	p.Say("jonas", general, 5, "@mira again")
	for range 30 {
		p.clock.Advance(time.Hour)
		time.Sleep(2 * time.Millisecond)
	}
	if n := len(p.mail.Took()); n != 1 {
		t.Errorf("%d messages", n)
	}
	if all := p.log.String(); strings.Contains(all, "soup") || strings.Contains(all, "mira@example.com") {
		t.Errorf("the log tells what was mailed, or to which address: %s", all)
	}
}

// inboxed waits until Mira's inbox has a text.
func (p *postOffice) inboxed(text string) {
	p.t.Helper()
	world.Eventually(p.t, "the inbox has it", func() bool {
		_, body := p.Raw("mira", "GET", "/api/v1/inbox", "")
		return strings.Contains(body, text)
	})
}

func (p *postOffice) listed(path string) string {
	return strings.Replace(p.URL, "127.0.0.1", "localhost", 1) + path
}

// stop follows the link of the header: opening it changes nothing and leads to a page; a mail program's post stops the digest.
func (p *postOffice) stop(link string) {
	p.t.Helper()
	path := strings.TrimPrefix(link, p.listed(""))
	digest := func() string {
		me, err := world.Get[wire.Me](p.t.Context(), p.As("mira"), "/me")
		if err != nil || !me.Workspace.Mail {
			p.t.Fatal(me.Workspace, err)
		}
		return me.Settings.Attention.Digest
	}
	asks := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := asks.Get(p.URL + path)
	if err != nil {
		p.t.Fatal(err)
	}
	_ = got.Body.Close()
	page := "/unsubscribe#" + path[strings.LastIndexByte(path, '/')+1:]
	if got.StatusCode != 303 || got.Header.Get("Location") != page || digest() != "hourly" {
		p.t.Errorf("GET %d to %s, digest %s", got.StatusCode, got.Header.Get("Location"), digest())
	}
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	for range 2 {
		if r := p.Send(http.MethodPost, path, "List-Unsubscribe=One-Click", form); r.StatusCode != 204 || digest() != "off" {
			p.t.Errorf("POST %d, digest %s", r.StatusCode, digest())
		}
	}
	if r := p.Send(http.MethodPost, "/api/v1/unsubscribe/"+chat.NewSecretOf(p.ID["mira"]), "", nil); r.StatusCode != 404 {
		p.t.Errorf("a guess: %d", r.StatusCode)
	}
}

// TestNoDigestWhileThere: whoever has Canteen open gets none.
func TestNoDigestWhileThere(t *testing.T) {
	p := openPostOffice(t)
	p.wants("mira", "hourly")
	world.Eventually(t, "the digest was turned on", func() bool { return len(p.log.Take(`msg="digest turned on"`)) > 0 })
	p.clock.Advance(time.Second)
	live := p.Live("mira")
	p.Say("jonas", p.General(), 1, "@mira soup")
	world.UpTo(t, live, "message", "soup")
	p.inboxed("soup")
	p.clock.Advance(61 * time.Minute)
	time.Sleep(100 * time.Millisecond)
	if n := len(p.mail.Took()); n != 0 {
		t.Fatalf("%d messages", n)
	}
	_ = live.Close()
	world.Eventually(t, "a message came", func() bool {
		p.clock.Advance(time.Minute)
		return len(p.mail.Took()) == 1
	})
}

// TestMailSettings: what is wrong is said, and where.
func TestMailSettings(t *testing.T) {
	good := server.Config{
		Addr: "127.0.0.1:0", Data: "x", Mail: "smtp://u@mail.example.com", MailPassword: "p", MailFrom: "chat@example.com",
	}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for i, row := range []struct {
		change func(*server.Config)
		want   string
	}{
		{func(c *server.Config) { c.Mail = "" }, "--mail: is needed"},
		{func(c *server.Config) { c.MailFrom = "" }, "--mail-from: is needed"},
		{func(c *server.Config) { c.MailFrom = "chat" }, "--mail-from: must be"},
		{func(c *server.Config) { c.Mail = "mail" }, "--mail: must be smtp"},
		{func(c *server.Config) { c.MailPassword = "" }, "a user needs a password"},
		{func(c *server.Config) { c.Mail = "smtp://mail.example.com" }, "no user"},
	} {
		c := good
		row.change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("%d: %v, want %s", i, err, row.want)
		}
	}
	m := mailserver.Start(t, false)
	c := server.Config{Mail: m.URL(), MailFrom: "chat@example.com"}
	if err := server.CheckMail(t.Context(), c); err != nil {
		t.Error(err)
	}
	if err := server.TestMail(t.Context(), c, "Mira <mira@example.com>"); err != nil || len(m.Took()) != 1 {
		t.Errorf("%v, %d messages", err, len(m.Took()))
	}
	m.Fail(mailserver.Fault{Step: "GREETING", Say: "554 no"})
	err := server.CheckMail(t.Context(), c)
	if err == nil || !strings.Contains(err.Error(), "--mail: mail server, the greeting: it answered 554") {
		t.Error(err)
	}
}
