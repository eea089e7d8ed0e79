// Package alarmed hears the alarms of a server by all ways, as tests of the whole program need it: a mail server and web servers that
// keep what they are sent, the card in a room, and what the screen shows.
package alarmed

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/mailserver"
	"github.com/canteen-chat/canteen/wire"
)

// Ears are what a server tells its alarms to.
type Ears struct {
	Mail          *mailserver.Server
	Hook, DeadMan *Sink
}

// Listen starts them until the end of the test.
func Listen(t testing.TB) *Ears {
	t.Helper()
	return &Ears{Mail: mailserver.Start(t, false), Hook: openSink(t), DeadMan: openSink(t)}
}

// Sink is a web server that keeps what it is sent.
type Sink struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	status int
}

func openSink(t testing.TB) *Sink {
	t.Helper()
	s := &Sink{status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil { // the server was killed meanwhile
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		w.WriteHeader(s.status)
		if s.status == http.StatusOK {
			s.bodies = append(s.bodies, string(b))
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// Answers sets the status of all answers from now on. Only bodies that are answered with 200 are kept.
func (s *Sink) Answers(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// Got are the bodies that came.
func (s *Sink) Got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.bodies)
}

// Mails are the subjects and texts of the e-mails that came.
func (e *Ears) Mails(t testing.TB) (out []string) {
	t.Helper()
	for _, m := range e.Mail.Took() {
		h, text := m.Read(t)
		subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, subject+"\n"+text)
	}
	return out
}

// Posts are the messages with cards at the end of a room.
func Posts(ctx context.Context, c *client.Client, room string) (out []wire.Message, err error) {
	page, err := c.Page(ctx, room, nil)
	for _, m := range page.Messages {
		if len(m.Cards) > 0 {
			out = append(out, m)
		}
	}
	return out, err
}

// Alarm is what is told: the name of a rule, its title, and the words with which what is wrong begins.
type Alarm struct{ Name, Title, Says string }

// Missing are those of the screen, the room, e-mail and the webhook that do not tell an alarm, or with over, its end. c is an administrator
// in the room. It asks the server only when e-mail and webhook tell: its requests lower the share of those that fail.
func (e *Ears) Missing(t testing.TB, c *client.Client, room string, a Alarm, over bool) (out []string) {
	t.Helper()
	says, state := "New: "+a.Title+": "+a.Says, "alarm"
	if over {
		says, state = "Over: "+a.Title, "ok"
	}
	has := func(all []string, part string) bool {
		return slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, part) })
	}
	if !has(e.Mails(t), says) {
		out = append(out, "mail")
	}
	if !has(e.Hook.Got(), `"fallback":"`+says) {
		out = append(out, "webhook")
	}
	if len(out) > 0 {
		return out
	}
	ctx := context.Background()
	var screen wire.Ops
	if err := c.Do(ctx, http.MethodGet, "/ops", nil, &screen); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(screen.Alarms, func(s wire.OpsAlarm) bool {
		return s.Name == a.Name && s.State == state && (over || strings.HasPrefix(s.Says, a.Says))
	}) {
		out = append(out, "screen")
	}
	posts, err := Posts(ctx, c, room)
	if err != nil {
		t.Fatal(err)
	}
	value := "**" + strings.ToLower(a.Says)
	if len(posts) == 0 || !slices.ContainsFunc(posts[len(posts)-1].Cards[0].Fields, func(f wire.CardField) bool {
		return over && f.Title == "✅ "+a.Title || !over && f.Title == a.Title && strings.HasPrefix(strings.ToLower(f.Value), value)
	}) {
		out = append(out, "room")
	}
	return out
}
