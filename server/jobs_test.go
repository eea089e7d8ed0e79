package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/internal/mailserver"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// mailJob is the job of the e-mails, as Ada sees it.
func (p *postOffice) mailJob() wire.OpsJob {
	p.t.Helper()
	var out wire.Ops
	status, body := p.Raw("ada", http.MethodGet, "/api/v1/ops", "")
	if err := json.Unmarshal([]byte(body), &out); err != nil || status != http.StatusOK {
		p.t.Fatal(status, body, err)
	}
	for _, j := range out.Jobs {
		if j.Name == "mail" {
			return j
		}
	}
	p.t.Fatalf("there is no job mail: %s", body)
	return wire.OpsJob{}
}

// mailFails is a post office in which a digest of Mira's was tried in vain.
func mailFails(t *testing.T) *postOffice {
	t.Helper()
	p := openPostOffice(t)
	p.wants("mira", "hourly")
	world.Eventually(t, "the digest was turned on", func() bool { return len(p.log.Take(`msg="digest turned on"`)) > 0 })
	p.clock.Advance(time.Second)
	p.Say("jonas", p.General(), 1, "@mira soup")
	p.inboxed("soup")
	if j := p.mailJob(); j.Failed != 0 || !j.CanRetry || !j.CanDiscard {
		t.Errorf("before: %+v", j)
	}
	p.mail.Fail(mailserver.Fault{Step: "RCPT", Say: "450 4.2.1 later mira@example.com"})
	p.clock.Advance(time.Hour)
	world.Eventually(t, "the mail server refused", func() bool { return len(p.log.Take("will be later")) > 0 })
	world.Eventually(t, "the job has failed", func() bool { return p.mailJob().Failed == 1 })
	p.mail.Fail(mailserver.Fault{})
	return p
}

// TestRetryMail: what could not be mailed is mailed at once when an administrator asks for that.
func TestRetryMail(t *testing.T) {
	p := mailFails(t)
	time.Sleep(50 * time.Millisecond) // the job runs every 10 ms
	if n := len(p.mail.Took()); n != 0 {
		t.Fatalf("%d messages before anybody asked", n)
	}
	if status, body := p.Raw("ada", http.MethodPost, "/api/v1/ops/jobs/mail/retry", ""); status != http.StatusNoContent {
		t.Fatal(status, body)
	}
	world.Eventually(t, "a message came", func() bool { return len(p.mail.Took()) == 1 })
	world.Eventually(t, "nothing has failed any more", func() bool { return p.mailJob().Failed == 0 })
	if status, body := p.Raw("ada", http.MethodPost, "/api/v1/ops/jobs/alerts/retry", ""); status != http.StatusNotFound {
		t.Errorf("of a job that cannot do this: %d %s", status, body)
	}
}

// TestDiscardMail: what was given up is never mailed, and what comes later is.
func TestDiscardMail(t *testing.T) {
	p := mailFails(t)
	if status, body := p.Raw("ada", http.MethodPost, "/api/v1/ops/jobs/mail/discard", ""); status != http.StatusNoContent {
		t.Fatal(status, body)
	}
	if j := p.mailJob(); j.Failed != 0 {
		t.Errorf("after it was given up: %+v", j)
	}
	p.clock.Advance(2 * time.Hour)
	time.Sleep(100 * time.Millisecond)
	if n := len(p.mail.Took()); n != 0 {
		t.Errorf("%d messages", n)
	}
	p.Say("jonas", p.General(), 2, "@mira salad")
	p.inboxed("salad")
	p.clock.Advance(2 * time.Hour)
	world.Eventually(t, "a message came", func() bool { return len(p.mail.Took()) == 1 })
	if _, text := p.mail.Took()[0].Read(t); !strings.Contains(text, "salad") || strings.Contains(text, "soup") {
		t.Errorf("it says %s", text)
	}
}
