package digest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/digest"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/mail"
	"github.com/canteen-chat/canteen/settings"
)

// office is a job over the model store, with what waits, who is active and the mail server played by the test.
type office struct {
	*testing.T
	store   *model.Store
	job     *digest.Job
	now     time.Time
	waits   []digest.Item // of everybody
	asked   [][2]time.Time
	reading func() // while somebody reads what waits
	broken  func(user string) error
	active  map[string]bool
	answers func(mail.Message) error
	sent    []mail.Message
	counts  map[string]int
	log     strings.Builder
}

func open(t *testing.T, people ...string) *office {
	o := &office{
		T: t, store: model.New(nil), now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC),
		active: map[string]bool{}, counts: map[string]int{},
		answers: func(mail.Message) error { return nil },
	}
	o.job = o.process()
	for i, p := range people {
		u := chat.NewUser{User: chat.User{ID: p, Handle: p, Name: p, Role: chat.Member, Email: p + "@example.org", Epoch: 1,
			Settings: settings.Default()}, EmailFold: p + "@example.org"}
		var err error
		if i == 0 {
			u.User.Role = chat.Owner
			_, err = o.store.Setup(t.Context(), chat.Setup{Workspace: chat.Workspace{Name: "Acme"}, Owner: u, RoomID: "general", At: o.now})
		} else {
			_, err = o.store.AddUser(t.Context(), chat.AddUser{User: u, At: o.now})
		}
		if err != nil {
			t.Fatal(err)
		}
		o.wants(p, settings.DigestHourly)
	}
	return o
}

// process is another process with the same store.
func (o *office) process() *digest.Job {
	return digest.New(digest.Options{
		Store: o.store, Reader: o, Mailer: o, From: mail.Address{Email: "chat@example.com"}, URL: "https://chat.example.com",
		Active: func(_ context.Context, user string) (bool, error) { return o.active[user], nil },
		Count:  func(result string) { o.counts[result]++ }, Clock: func() time.Time { return o.now },
		Log: slog.New(slog.NewTextHandler(&o.log, nil)),
	})
}

func (o *office) wants(user string, d settings.Digest) {
	o.Helper()
	_, err := o.store.UpdateUser(o.Context(), chat.UpdateUser{
		User: user, Settings: &settings.Input{Attention: &settings.AttentionInput{Digest: &d}}, At: o.now,
	})
	if err != nil {
		o.Fatal(err)
	}
}

// Waiting implements digest.Reader: what waits that is in the window.
func (o *office) Waiting(ctx context.Context, user string, since, until time.Time) (digest.Waiting, error) {
	o.asked = append(o.asked, [2]time.Time{since, until})
	if f := o.reading; f != nil {
		o.reading = nil
		f()
	}
	u, err := o.store.User(ctx, user)
	if err == nil && o.broken != nil {
		err = o.broken(user)
	}
	w := digest.Waiting{User: u, Name: "Acme", People: map[string]chat.User{"jonas": {ID: "jonas", Name: "Jonas"}}}
	for _, i := range o.waits {
		if i.At.After(since) && !i.At.After(until) {
			w.Items = append(w.Items, i)
		}
	}
	return w, err
}

// Send implements mail.Mailer.
func (o *office) Send(_ context.Context, m mail.Message) error {
	err := o.answers(m)
	if err == nil || errors.Is(err, mail.ErrUncertain) {
		o.sent = append(o.sent, m)
	}
	return err
}

// after lets time pass, and the job run.
func (o *office) after(d time.Duration) {
	o.Helper()
	o.now = o.now.Add(d)
	if err := o.job.Run(o.Context()); err != nil {
		o.Fatal(err)
	}
}

// writes lets a message wait that is written a second from now.
func (o *office) writes(text string) {
	o.now = o.now.Add(time.Second)
	o.waits = append(o.waits, digest.Item{
		Room: chat.Room{ID: "general", Kind: chat.Public, Name: "general"}, Author: "jonas", Text: text,
		Seq: int64(len(o.waits) + 1), At: o.now, Reason: "This message mentions you.",
	})
}

// wantSent checks the texts of the messages since the last time.
func (o *office) wantSent(texts ...string) {
	o.Helper()
	if len(o.sent) != len(texts) {
		o.Fatalf("%d messages were sent, want %q", len(o.sent), texts)
	}
	for i, m := range o.sent {
		if !strings.Contains(m.Text, "> "+texts[i]+"\n") || strings.Count(m.Text, "\n> ") != 1 {
			o.Errorf("a message holds %q, want only %q", m.Text, texts[i])
		}
	}
	o.sent = nil
}

// TestNothingTwice: a digest holds what is new since the last one, and nothing that was there before it was turned on.
func TestNothingTwice(t *testing.T) {
	o := open(t, "mira")
	o.writes("old")
	o.after(time.Minute)
	o.after(59 * time.Minute)
	o.wantSent()
	o.writes("soup")
	o.after(59 * time.Second)
	o.wantSent() // an hour has passed only now; the message is younger than a minute
	o.after(time.Hour)
	o.wantSent("soup")
	o.after(30 * time.Minute)
	o.writes("salad")
	o.after(29 * time.Minute)
	o.wantSent()
	o.after(59 * time.Second)
	o.wantSent("salad")
	for range 50 {
		o.after(time.Hour)
	}
	o.wantSent()
	for i := range o.asked[1:] {
		if !o.asked[i][1].Equal(o.asked[i+1][0]) {
			t.Errorf("a gap or an overlap between %v and %v", o.asked[i], o.asked[i+1])
		}
	}
}

// TestOffAndOn: whoever turns the digest off and on again and again gets none at all, and whoever changes how often, one an hour.
func TestOffAndOn(t *testing.T) {
	o := open(t, "mira")
	for range 30 {
		o.writes("soup")
		o.wants("mira", settings.DigestOff)
		o.wants("mira", settings.DigestHourly)
		o.after(10 * time.Minute)
	}
	o.wantSent()
	for range 30 {
		o.wants("mira", settings.DigestDaily)
		o.wants("mira", settings.DigestHourly)
		o.after(10 * time.Minute)
		o.writes("salad")
	}
	if n := len(o.sent); n < 4 || n > 5 {
		t.Errorf("%d digests in five hours", n)
	}
}

// TestTheDelay: what is younger than the user's delay is left for the next digest.
func TestTheDelay(t *testing.T) {
	o := open(t, "mira")
	delay := 30 * time.Minute
	if _, err := o.store.UpdateUser(t.Context(), chat.UpdateUser{
		User: "mira", Settings: &settings.Input{Attention: &settings.AttentionInput{PushDelay: &delay}}, At: o.now,
	}); err != nil {
		t.Fatal(err)
	}
	o.after(0)
	o.after(20 * time.Minute)
	o.writes("first")
	o.after(20 * time.Minute)
	o.writes("second")
	o.after(20 * time.Minute)
	o.wantSent("first")
	o.after(time.Hour)
	o.wantSent("second")
}

// TestActive: whoever is there gets nothing, until they are away.
func TestActive(t *testing.T) {
	o := open(t, "mira")
	o.after(0)
	o.active["mira"] = true
	o.writes("soup")
	o.after(time.Hour)
	o.after(time.Hour)
	o.wantSent()
	o.active["mira"] = false
	o.after(9 * time.Minute)
	o.wantSent()
	o.after(time.Minute)
	o.wantSent("soup")
}

// TestTheServerIsDown: after three failures in a row the mail server is left alone, people are tried again with growing pauses, and each
// gets their digest once.
func TestTheServerIsDown(t *testing.T) {
	people := []string{"ada", "ben", "cem", "dan", "eva"}
	o := open(t, people...)
	o.after(0)
	o.writes("soup")
	tries := 0
	o.answers = func(mail.Message) error { tries++; return errors.New("connection refused") }
	o.after(time.Hour)
	if tries != 3 || o.counts[digest.Failed] != 3 {
		t.Fatalf("%d tries", tries)
	}
	for range 240 { // four hours
		o.after(time.Minute)
	}
	if tries > 100 || tries < 20 {
		t.Errorf("%d tries in four hours for %d people", tries, len(people))
	}
	if n := strings.Count(o.log.String(), "no e-mail has been sent for long"); n != 1 {
		t.Errorf("the log says %d times that mail fails", n)
	}
	if strings.Contains(o.log.String(), "example.org") || strings.Contains(o.log.String(), "soup") {
		t.Errorf("the log tells addresses or texts: %s", o.log.String())
	}
	o.answers = func(mail.Message) error { return nil }
	for range 300 {
		o.after(time.Minute)
	}
	got := map[string]int{}
	for _, m := range o.sent {
		got[m.To.Name]++
	}
	if fmt.Sprint(got) != "map[ada:1 ben:1 cem:1 dan:1 eva:1]" {
		t.Errorf("sent %v", got)
	}
}

// TestOneCannotBeRead: when what waits for somebody cannot be read, it is tried again with growing pauses, and the others get their digests.
func TestOneCannotBeRead(t *testing.T) {
	o := open(t, "ada", "ben", "cem")
	o.after(0)
	o.writes("soup")
	tries := 0
	o.broken = func(user string) error {
		if user != "ada" {
			return nil
		}
		tries++
		return errors.New("a message is damaged")
	}
	o.now = o.now.Add(time.Hour)
	if err := o.job.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "digest of ada: ") {
		t.Errorf("the job says %v", err)
	}
	o.wantSent("soup", "soup")
	for range 60 {
		o.now = o.now.Add(time.Minute)
		_ = o.job.Run(t.Context())
	}
	if tries < 3 || tries > 6 {
		t.Errorf("%d tries in an hour", tries)
	}
	o.broken = func(string) error { return errors.New("all is damaged") }
	o.writes("salad")
	o.now = o.now.Add(5 * time.Hour)
	if err := o.job.Run(t.Context()); err == nil || strings.Count(err.Error(), "digest of ") != 3 {
		t.Errorf("the job says %v", err)
	}
}

// TestRefused: an address that is refused for good is left alone for a week, and is no reason to leave others alone.
func TestRefused(t *testing.T) {
	o := open(t, "ada", "ben", "cem", "dan", "mira")
	o.after(0)
	o.writes("soup")
	tries := 0
	o.answers = func(m mail.Message) error {
		if m.To.Name == "mira" {
			return nil
		}
		tries++
		return fmt.Errorf("%w: 550", mail.ErrRefused)
	}
	o.after(time.Hour)
	o.wantSent("soup")
	for range 24 * 6 {
		o.after(time.Hour)
	}
	if tries != 4 {
		t.Errorf("%d tries within six days", tries)
	}
	o.after(24 * time.Hour)
	if tries != 8 {
		t.Errorf("%d tries after seven days", tries)
	}
	o.wants("ada", settings.DigestOff)
	o.wants("ada", settings.DigestHourly) // begins anew: with what comes from now on
	o.after(0)
	o.writes("salad")
	o.after(time.Hour)
	if tries != 9 {
		t.Errorf("%d tries after she turned it on again", tries)
	}
}

// TestUncertain: what the server may have taken is not sent again.
func TestUncertain(t *testing.T) {
	o := open(t, "mira")
	o.after(0)
	o.writes("soup")
	o.answers = func(mail.Message) error { return mail.ErrUncertain }
	o.after(time.Hour)
	o.wantSent("soup")
	o.answers = func(mail.Message) error { return nil }
	o.after(time.Hour)
	o.wantSent()
}

// TestKilled: a process that ends after the message was taken and before that is kept sends it once more, as the same message; until then
// another process leaves it alone.
func TestKilled(t *testing.T) {
	o := open(t, "mira")
	o.after(0)
	o.writes("soup")
	kill := errors.New("killed")
	o.answers = func(m mail.Message) error { o.sent = append(o.sent, m); panic(kill) }
	o.now = o.now.Add(time.Hour)
	func() {
		defer func() { _ = recover() }()
		_ = o.job.Run(t.Context())
	}()
	first := o.sent[0].ID()
	o.wantSent("soup")
	o.answers = func(mail.Message) error { return nil }
	o.job = o.process()
	o.after(9 * time.Minute)
	o.wantSent()
	o.after(time.Minute)
	if len(o.sent) != 1 || o.sent[0].ID() != first {
		t.Fatalf("%d messages, %v", len(o.sent), o.sent)
	}
	o.wantSent("soup")
	o.after(time.Hour)
	o.wantSent()
}

// TestTwoProcesses: while one sends a digest, another does not; and a setting that is changed meanwhile stays.
func TestTwoProcesses(t *testing.T) {
	o := open(t, "mira")
	o.after(0)
	o.writes("soup")
	o.answers = func(mail.Message) error {
		o.answers = func(mail.Message) error { t.Error("sent by another process"); return nil }
		if err := o.process().Run(t.Context()); err != nil {
			t.Error(err)
		}
		o.wants("mira", settings.DigestDaily)
		return nil
	}
	o.after(time.Hour)
	o.wantSent("soup")
	d, err := o.store.Digest(t.Context(), "mira")
	if err != nil || !d.Due.Equal(o.now) || !d.Last.Equal(o.now) {
		t.Errorf("%+v, %v", d, err)
	}
	o.after(0)
	if d, _ = o.store.Digest(t.Context(), "mira"); !d.Due.Equal(time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("the daily digest is due at %s", d.Due)
	}
}

// TestTwoProcessesAtOnce: of two that look at the same digest at the same time, one sends it.
func TestTwoProcessesAtOnce(t *testing.T) {
	o := open(t, "mira")
	o.after(0)
	o.writes("soup")
	o.reading = func() {
		if err := o.process().Run(t.Context()); err != nil {
			t.Error(err)
		}
	}
	o.after(time.Hour)
	o.wantSent("soup")
}

// TestTurnedOff: once it was turned off nothing is sent, and it is not looked at again.
func TestTurnedOff(t *testing.T) {
	o := open(t, "mira")
	o.after(0)
	o.writes("soup")
	o.wants("mira", settings.DigestOff)
	o.after(time.Hour)
	o.wantSent()
	if due, err := o.store.DueDigests(t.Context(), o.now.Add(1000*time.Hour), 10); err != nil || len(due) > 0 {
		t.Errorf("%v, %v", due, err)
	}
}
