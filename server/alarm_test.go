package server_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/alarmed"
	"github.com/canteen-chat/canteen/internal/mailserver"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// station is a server whose alarms are told by all ways, with a clock that the test moves.
type station struct {
	*world.World
	t     *testing.T
	ears  *alarmed.Ears
	clock *world.Clock
	log   *world.Log
	free  atomic.Uint64 // percent of the disk
}

func openStation(t *testing.T) *station {
	s := &station{t: t, ears: alarmed.Listen(t), clock: world.NewClock(), log: &world.Log{}}
	s.free.Store(50)
	s.open(filepath.Join(t.TempDir(), "data"), false)
	return s
}

func (s *station) open(dir string, empty bool) {
	addr := world.Address(s.t)
	log := slog.New(slog.NewTextHandler(s.log, nil))
	s.World = world.OpenWith(s.t, world.Options{Dir: dir, Empty: empty, Log: log, Configure: func(c *server.Config) {
		c.Addr, c.URL = addr, "http://Localhost:8080/" // as if a proxy listened there
		c.Mail, c.MailFrom, c.Clock, c.AlarmsEvery = s.ears.Mail.URL(), "chat@example.com", s.clock.Now, 5*time.Millisecond
		c.AlarmMail, c.AlarmWebhook, c.AlarmRoom = []string{"ada@example.com"}, s.ears.Hook.URL+"/services/T0/secret", "#general"
		c.DeadManURL = s.ears.DeadMan.URL + "/ping"
		c.Disk = func() (uint64, uint64, error) { return s.free.Load() << 30, 100 << 30, nil }
	}})
	s.URL = "http://" + addr
}

// again stops the server, and starts it on the same data.
func (s *station) again() {
	was := s.World
	was.Stop()
	s.open(was.Dir, true)
	s.ID, s.Token = was.ID, was.Token
}

// pass lets time pass in steps, as often as the server looks.
func (s *station) pass(d time.Duration) {
	for ; d > 0; d -= 10 * time.Second {
		s.clock.Advance(10 * time.Second)
		time.Sleep(8 * time.Millisecond)
	}
}

// until lets time pass until something is so, but not for hours.
func (s *station) until(what string, so func() bool) {
	s.t.Helper()
	for range 600 {
		if so() {
			return
		}
		s.clock.Advance(10 * time.Second)
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatalf("not so after 100 minutes: %s; the log: %s", what, s.log.String())
}

// breaks makes one request fail with 500.
func (s *station) breaks() {
	s.t.Helper()
	path, status := "/api/v1/rooms/"+s.General()+"/messages", 0
	world.Break(s.t, s.Dir, func() { status, _ = s.Raw("mira", http.MethodGet, path, "") })
	if status != http.StatusInternalServerError {
		s.t.Fatalf("without its table the server answers %d", status)
	}
}

// posts are the bot's messages in general.
func (s *station) posts() []wire.Message {
	s.t.Helper()
	return world.Must[[]wire.Message](s.t)(alarmed.Posts(s.t.Context(), s.As("mira"), s.General()))
}

// mails are the subjects and texts of what was sent.
func (s *station) mails() []string {
	s.t.Helper()
	return s.ears.Mails(s.t)
}

// everywhere lets time pass until all ways tell an alarm, or with over, its end. It is one message in the room, and green in the end.
func (s *station) everywhere(a alarmed.Alarm, over bool) {
	s.t.Helper()
	missing := []string{"all"}
	s.until(fmt.Sprintf("%s (over: %v) is told by all ways", a.Name, over), func() bool {
		missing = s.ears.Missing(s.t, s.As("ada"), s.General(), a, over)
		return len(missing) == 0
	})
	posts := s.posts()
	if c := posts[0].Cards[0]; len(posts) != 1 || (c.Color == "#2eb886") != over || (c.Title == "All is well again") != over {
		s.t.Errorf("over: %v, %d messages in the room, the first %+v", over, len(posts), c)
	}
}

// TestServerErrorIsTold: one answer with 500 is told within 70 s by e-mail, by the webhook and in the room, once, and is over by itself.
func TestServerErrorIsTold(t *testing.T) {
	s := openStation(t)
	s.pass(30 * time.Second)
	s.breaks()
	for range 150 { // one error is less than 1 % of the requests
		s.Raw("mira", http.MethodGet, "/api/v1/rooms", "")
	}
	s.pass(60 * time.Second)
	said := "Server errors: 1 answer with 5xx in a minute, since 12:0"
	world.Eventually(t, "all ways have told it", func() bool {
		return len(s.mails()) == 1 && len(s.ears.Hook.Got()) == 1 && len(s.posts()) == 1
	})
	if _, ops := s.Raw("ada", http.MethodGet, "/api/v1/ops", ""); !strings.Contains(ops, `"healthy":false`) ||
		!strings.Contains(ops, `"alarms":[{"name":"server-errors","title":"Server errors","says":"1 answer with 5xx in a minute"`) {
		t.Error(ops)
	}
	if m := s.mails()[0]; !strings.HasPrefix(m, "Canteen: Server errors\n") || !strings.Contains(m, "New: "+said) {
		t.Error(m)
	}
	if h := s.ears.Hook.Got()[0]; !strings.Contains(h, `"fallback":"New: `+said) || !strings.Contains(h, `/ops"`) {
		t.Error(h)
	}
	p := s.posts()[0]
	if c := p.Cards[0]; len(p.Cards) != 1 || c.Color != "#a30200" || c.Title != "1 alarm" || len(c.Fields) != 1 ||
		!strings.HasPrefix(c.Fields[0].Value, "**1 answer with 5xx in a minute**\nUrgent · limit 0 · since 12:0") ||
		!slices.Equal(c.Buttons, []wire.CardButton{{Text: "Health of the server", URL: "http://localhost:8080/ops"}}) {
		t.Errorf("%+v", p.Cards)
	}
	if !p.Fallback || !strings.HasPrefix(p.Text, "1 alarm\nServer errors: **1 answer with 5xx in a minute**\n") ||
		!strings.HasSuffix(p.Text, "Health of the server: http://localhost:8080/ops") {
		t.Errorf("for those that show no cards: %q", p.Text)
	}
	s.everywhere(alarmed.Alarm{Name: "server-errors", Title: "Server errors"}, true)
	if m := s.mails(); len(m) != 2 || !strings.HasPrefix(m[1], "Canteen: over: Server errors\n") {
		t.Error(m)
	}
	over := "All is well again\n✅ Server errors: 1 answer with 5xx in a minute\nFrom 12:0"
	if now := s.posts()[0]; now.Seq != p.Seq || !strings.HasPrefix(now.Text, over) {
		t.Errorf("%+v", now)
	}
	if len(s.ears.DeadMan.Got()) < 2 {
		t.Error("the dead man's URL is not requested")
	}
	log := s.log.String()
	if strings.Contains(log, "secret") || strings.Contains(log, "ada@example.com") || !strings.Contains(log, "alarm is over") {
		t.Error(log)
	}
}

// TestStrangersRaiseNoAlarm: requests that are wrong, however many, are no errors of the server.
func TestStrangersRaiseNoAlarm(t *testing.T) {
	s := openStation(t)
	s.pass(30 * time.Second)
	for _, path := range []string{"/api/v1/rooms/x/messages", "/nothing", "/api/v1/rooms/%00/messages", "/ws", "/api/v1/files/..%2f"} {
		for _, method := range []string{"GET", "POST", "DELETE", "PATCH"} {
			s.Send(method, path, "{", nil)
			s.Raw("mira", method, path, "[[[")
		}
	}
	s.pass(5 * time.Minute)
	if len(s.mails()) != 0 || len(s.ears.Hook.Got()) != 0 || len(s.posts()) != 0 {
		t.Errorf("told: %q %q %+v", s.mails(), s.ears.Hook.Got(), s.posts())
	}
}

// TestFillingDisk: a disk that fills up is told by all ways, and its end.
func TestFillingDisk(t *testing.T) {
	s := openStation(t)
	s.pass(time.Minute)
	s.free.Store(9)
	low := alarmed.Alarm{Name: "disk-low", Title: "Disk nearly full", Says: "9.0 % of the disk is left"}
	s.everywhere(low, false)
	if c := s.posts()[0].Cards[0]; c.Color != "#daa038" || !strings.Contains(c.Fields[0].Value, "\nLimit 10 % · since 12:0") {
		t.Errorf("%+v", c)
	}
	s.free.Store(50)
	s.everywhere(low, true)
}

// TestStaleBackup: that the last backup is older than a day is told by all ways, once there was one, and that there is a newer one.
func TestStaleBackup(t *testing.T) {
	s := openStation(t)
	s.pass(time.Minute)
	s.clock.Advance(48 * time.Hour)
	s.pass(time.Minute)
	if got := s.mails(); len(got) != 0 {
		t.Fatalf("without a backup: %q", got)
	}
	if err := server.Backup(t.Context(), s.Dir, io.Discard, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(24 * time.Hour)
	old := alarmed.Alarm{Name: "backup-old", Title: "No recent backup", Says: "the last backup is 24 hours old"}
	s.everywhere(old, false)
	if err := server.Backup(t.Context(), s.Dir, io.Discard, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	s.everywhere(old, true)
}

// TestFailedWayIsShown: a webhook that fails is tried again, the others are told that it fails, and nobody is told its URL.
func TestFailedWayIsShown(t *testing.T) {
	s := openStation(t)
	s.ears.Hook.Answers(http.StatusTeapot)
	s.pass(30 * time.Second)
	s.breaks()
	s.until("the others are told", func() bool { return len(s.mails()) == 2 })
	if m := s.mails()[1]; !strings.Contains(m, "New: Alarms are not delivered: 1 way of telling alarms fails") {
		t.Error(m)
	}
	s.ears.Hook.Answers(http.StatusOK)
	s.until("the webhook is told", func() bool { return len(s.ears.Hook.Got()) == 1 })
	if h := s.ears.Hook.Got()[0]; !strings.Contains(h, "Server errors") {
		t.Error(h)
	}
	if log := s.log.String(); !strings.Contains(log, "alarms cannot be told") || strings.Contains(log, "secret") {
		t.Error(log)
	}
}

// TestSilenceAndTest: an administrator silences an alarm, and tries whether alarms arrive. Both are in the audit log.
func TestSilenceAndTest(t *testing.T) {
	ctx := t.Context()
	s := openStation(t)
	ada := s.As("ada")
	err := ada.SilenceAlarm(ctx, "soup", wire.SilenceAlarm{})
	if e, ok := errors.AsType[*client.Error](err); !ok || e.Status != http.StatusNotFound {
		t.Errorf("an unknown alarm: %v", err)
	}
	until := wire.SilenceAlarm{Until: &wire.Time{Time: s.clock.Now().Add(2 * time.Hour)}}
	if err := ada.SilenceAlarm(ctx, "disk-low", until); err != nil {
		t.Fatal(err)
	}
	s.free.Store(9)
	s.pass(10 * time.Minute)
	_, ops := s.Raw("ada", http.MethodGet, "/api/v1/ops", "")
	for _, part := range []string{
		`{"name":"disk-low","title":"Disk nearly full","says":"9.0 % of the disk is left","state":"alarm","severity":"warn",`,
		`"silenced_until":"2026-11-24T14:00:00.000Z"}`, `"deliveries":[{"kind":"mail","to":"ada@example.com"},{"kind":"webhook"},`,
		`{"name":"certificate","title":"Certificate ends","state":"no_data"`, `"healthy":true`,
	} {
		if !strings.Contains(ops, part) {
			t.Errorf("GET /ops has no %s: %s", part, ops)
		}
	}
	if got := s.mails(); len(got) != 0 || len(s.posts()) != 0 {
		t.Errorf("a silenced alarm is told: %q, %+v", got, s.posts())
	}
	s.ears.Hook.Answers(http.StatusNotFound)
	tested, err := ada.TestAlarms(ctx)
	if err != nil || len(tested.Deliveries) != 3 {
		t.Fatalf("%+v, %v", tested, err)
	}
	for _, d := range tested.Deliveries {
		if fails := d.Kind == "webhook"; fails != (d.FailingSince != nil) || fails != (d.Error != "") || fails == (d.At != nil) {
			t.Errorf("%+v", d)
		}
	}
	if got := s.mails(); len(got) != 1 || !strings.Contains(got[0], "New: A test: somebody tried whether alarms arrive here") {
		t.Errorf("%q", got)
	}
	if p := s.posts(); len(p) != 1 || p[0].Cards[0].Title != "A test" || len(p[0].Cards[0].Buttons) != 1 {
		t.Errorf("%+v", p)
	}
	if err := ada.SilenceAlarm(ctx, "disk-low", wire.SilenceAlarm{}); err != nil {
		t.Fatal(err)
	}
	s.until("it is told when the silence has ended", func() bool { return len(s.mails()) > 1 })
	if m := s.mails()[1]; !strings.Contains(m, "New: Disk nearly full") {
		t.Error(m)
	}
	for _, line := range []string{"alarm silenced", "alarm=disk-low", "alarms tested"} {
		if !strings.Contains(s.log.String(), line) {
			t.Errorf("the log has no %q", line)
		}
	}
}

// TestBotOfThatNameTellsNoAlarms: nobody can take the handle of the bot of alarms, and so keep them from the room. Whoever has it from before
// it was reserved does not get them into a room that they choose; administrators see why nothing is told there.
func TestBotOfThatNameTellsNoAlarms(t *testing.T) {
	ctx := t.Context()
	s := openStation(t)
	mira := s.SignIn("mira")
	_, err := mira.MakeBot(ctx, wire.NewBotBody{Name: "Alarms", Handle: "canteen-alarms"})
	if client.Status(err) != http.StatusBadRequest {
		t.Error(err)
	}
	bot := world.Must[wire.User](t)(mira.MakeBot(ctx, wire.NewBotBody{Name: "Alarms", Handle: "earlier"}))
	world.Rename(t, s.Dir, "earlier", "canteen-alarms")
	world.Must[wire.Member](t)(mira.PutMember(ctx, s.General(), bot.ID, ""))
	tested := world.Must[wire.TestedAlarms](t)(s.SignIn("ada").TestAlarms(ctx)).Deliveries
	i := slices.IndexFunc(tested, func(d wire.OpsDelivery) bool { return d.Kind == "room" })
	if !strings.Contains(tested[i].Error, "somebody's bot") || len(s.posts()) != 0 {
		t.Errorf("%+v, %+v", tested[i], s.posts())
	}
}

// TestRestartTellsNothingAgain: an alarm that lasts is not told again by the next process.
func TestRestartTellsNothingAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	m, clock := mailserver.Start(t, false), world.NewClock()
	for i := range 4 {
		w := world.OpenWith(t, world.Options{Dir: dir, Empty: i > 0, Configure: func(c *server.Config) {
			c.Mail, c.MailFrom, c.AlarmMail = m.URL(), "chat@example.com", []string{"ada@example.com"}
			c.Clock, c.AlarmsEvery = clock.Now, 5*time.Millisecond
			c.Disk = func() (uint64, uint64, error) { return 5 << 30, 100 << 30, nil }
		}})
		for range 12 {
			clock.Advance(10 * time.Second)
			time.Sleep(10 * time.Millisecond)
		}
		if i == 0 {
			world.Eventually(t, "the alarm is told", func() bool { return len(m.Took()) == 1 })
		}
		w.Stop()
	}
	took := m.Took()
	var all strings.Builder
	for _, one := range took {
		_, text := one.Read(t)
		all.WriteString(text)
	}
	if n := strings.Count(all.String(), "New: Disk nearly full"); n != 1 {
		t.Errorf("the disk was told %d times", n)
	}
	if !strings.Contains(all.String(), "New: Restarts: Canteen was started 3 times within 15 minutes") {
		t.Errorf("the restarts were not told: %s", all.String())
	}
}

// TestKilledServerIsTold: a server that starts again and again tells it by all ways, in one message however often it starts, and the end.
func TestKilledServerIsTold(t *testing.T) {
	s := openStation(t)
	for range 2 {
		s.pass(time.Minute)
		s.again()
	}
	often := alarmed.Alarm{Name: "restarts", Title: "Restarts", Says: "Canteen was started 3 times within 15 minutes"}
	s.everywhere(often, false)
	s.again()
	worse := "**Canteen was started 4 times within 15 minutes**\nLimit 2 · since 12:0"
	s.until("the card says how often", func() bool { return strings.HasPrefix(s.posts()[0].Cards[0].Fields[0].Value, worse) })
	s.everywhere(often, true)
}

// TestBrokenAlarmsFile: a file that somebody has spoiled does not keep the server from starting.
func TestBrokenAlarmsFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	world.OpenWith(t, world.Options{Dir: dir}).Stop()
	if err := os.WriteFile(filepath.Join(dir, "alarms.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	log := &world.Log{}
	world.OpenWith(t, world.Options{Dir: dir, Empty: true, Log: slog.New(slog.NewTextHandler(log, nil))}).Stop()
	if !strings.Contains(log.String(), "what was known of alarms is lost") {
		t.Error(log.String())
	}
}

// TestAlarmSettings: what is wrong is said, and where.
func TestAlarmSettings(t *testing.T) {
	good := server.Config{
		Addr: "127.0.0.1:0", Data: "x", Mail: "smtp://mail.example.com", MailFrom: "chat@example.com", AlarmMail: []string{"a@example.com"},
		AlarmWebhook: "https://hooks.example.com/x", DeadManURL: "http://10.0.0.1:8000/x",
	}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for i, row := range []struct {
		change func(*server.Config)
		want   string
	}{
		{func(c *server.Config) { c.Mail, c.MailFrom = "", "" }, "--alarm-mail: needs a mail server"},
		{func(c *server.Config) { c.AlarmMail = []string{"ada"} }, "--alarm-mail: must be"},
		{func(c *server.Config) { c.AlarmWebhook = "hooks.example.com" }, "--alarm-webhook: must be"},
		{func(c *server.Config) { c.DeadManURL = "ftp://example.com" }, "--dead-man-url: must be"},
	} {
		c := good
		row.change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%d: %v, want %s", i, err, row.want)
		}
	}
}
