package server_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/mailserver"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// station is a server whose alarms are told by all ways, with a clock that the test moves.
type station struct {
	*world.World
	t       *testing.T
	mail    *mailserver.Server
	hook    *sink
	deadMan *sink
	clock   *world.Clock
	log     *world.Log
	free    atomic.Uint64 // percent of the disk
}

// sink is a web server that keeps what it is sent.
type sink struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	status int
}

func openSink(t *testing.T) *sink {
	s := &sink{status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
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

func (s *sink) answers(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

func (s *sink) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.bodies...)
}

func openStation(t *testing.T, change func(*server.Config)) *station {
	s := &station{t: t, mail: mailserver.Start(t, false), hook: openSink(t), deadMan: openSink(t), clock: world.NewClock(), log: &world.Log{}}
	s.free.Store(50)
	s.World = world.OpenWith(t, world.Options{Log: slog.New(slog.NewTextHandler(s.log, nil)), Configure: func(c *server.Config) {
		c.Mail, c.MailFrom, c.Clock, c.AlarmsEvery = s.mail.URL(), "chat@example.com", s.clock.Now, 5*time.Millisecond
		c.AlarmMail, c.AlarmWebhook, c.AlarmRoom = []string{"ada@example.com"}, s.hook.URL+"/services/T0/secret", "#general"
		c.DeadManURL = s.deadMan.URL + "/ping"
		c.Disk = func() (uint64, uint64, error) { return s.free.Load() << 30, 100 << 30, nil }
		if change != nil {
			change(c)
		}
	}})
	return s
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
	c, err := sqlite.OpenConn(filepath.Join(s.Dir, "canteen.db"), sqlite.OpenReadWrite)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	change := func(sql string) {
		if err := sqlitex.ExecuteTransient(c, sql, nil); err != nil {
			s.t.Fatal(err)
		}
	}
	room := s.General()
	change("ALTER TABLE message RENAME TO hidden")
	status, _ := s.Raw("mira", http.MethodGet, "/api/v1/rooms/"+room+"/messages", "")
	change("ALTER TABLE hidden RENAME TO message")
	if status != http.StatusInternalServerError {
		s.t.Fatalf("without its table the server answers %d", status)
	}
}

// posts are the texts of the bot's messages in general.
func (s *station) posts() (out []string) {
	s.t.Helper()
	_, body := s.Raw("mira", http.MethodGet, "/api/v1/rooms/"+s.General()+"/messages", "")
	var page struct {
		Messages []struct{ Text string }
	}
	if err := json.Unmarshal([]byte(body), &page); err != nil {
		s.t.Fatal(err)
	}
	for _, m := range page.Messages {
		if strings.Contains(m.Text, "[Dashboard]") {
			out = append(out, m.Text)
		}
	}
	return out
}

// mails are the subjects and texts of what was sent.
func (s *station) mails() (out []string) {
	for _, m := range s.mail.Took() {
		h, text := letter(s.t, m.Data)
		subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, subject+"\n"+text)
	}
	return out
}

// TestServerErrorIsTold: one answer with 500 is told within 70 s by e-mail, by the webhook and in the room, once, and is over by itself.
func TestServerErrorIsTold(t *testing.T) {
	s := openStation(t, nil)
	s.pass(30 * time.Second)
	s.breaks()
	s.pass(60 * time.Second)
	said := "Server errors: 1 answer with 5xx in a minute, since 12:0"
	world.Eventually(t, "all ways have told it", func() bool {
		return len(s.mails()) == 1 && len(s.hook.got()) == 1 && len(s.posts()) == 1
	})
	if _, ops := s.Raw("ada", http.MethodGet, "/api/v1/ops", ""); !strings.Contains(ops, `"healthy":false`) ||
		!strings.Contains(ops, `"alarms":[{"name":"server-errors","title":"Server errors","says":"1 answer with 5xx in a minute"`) {
		t.Error(ops)
	}
	if m := s.mails()[0]; !strings.HasPrefix(m, "Canteen: Server errors\n") || !strings.Contains(m, "New: "+said) {
		t.Error(m)
	}
	if h := s.hook.got()[0]; !strings.Contains(h, `"fallback":"New: `+said) || !strings.Contains(h, `/ops"`) {
		t.Error(h)
	}
	if p := s.posts()[0]; !strings.Contains(p, "🔴 **Server errors**: 1 answer with 5xx in a minute, since 12:0") {
		t.Error(p)
	}
	s.until("all ways have told its end", func() bool {
		return len(s.mails()) == 2 && len(s.hook.got()) == 2 && strings.Contains(s.posts()[0], "All alarms are over")
	})
	if m := s.mails()[1]; !strings.HasPrefix(m, "Canteen: over: Server errors\n") {
		t.Error(m)
	}
	if n := len(s.posts()); n != 1 {
		t.Errorf("%d messages in the room, want one", n)
	}
	if len(s.deadMan.got()) < 2 {
		t.Error("the dead man's URL is not requested")
	}
	log := s.log.String()
	if strings.Contains(log, "secret") || strings.Contains(log, "ada@example.com") || !strings.Contains(log, "alarm is over") {
		t.Error(log)
	}
}

// TestStrangersRaiseNoAlarm: requests that are wrong, however many, are no errors of the server.
func TestStrangersRaiseNoAlarm(t *testing.T) {
	s := openStation(t, nil)
	s.pass(30 * time.Second)
	for _, path := range []string{"/api/v1/rooms/x/messages", "/nothing", "/api/v1/rooms/%00/messages", "/ws", "/api/v1/files/..%2f"} {
		for _, method := range []string{"GET", "POST", "DELETE", "PATCH"} {
			s.Send(method, path, "{", nil)
			s.Raw("mira", method, path, "[[[")
		}
	}
	s.pass(5 * time.Minute)
	if len(s.mails()) != 0 || len(s.hook.got()) != 0 || len(s.posts()) != 0 {
		t.Errorf("told: %q %q %q", s.mails(), s.hook.got(), s.posts())
	}
}

// TestFillingDisk: a disk that fills up is told, and its end.
func TestFillingDisk(t *testing.T) {
	s := openStation(t, nil)
	s.pass(time.Minute)
	s.free.Store(9)
	s.until("it is told", func() bool { return len(s.mails()) == 1 })
	if m := s.mails()[0]; !strings.Contains(m, "New: Disk nearly full: 9.0 % of the disk is left") {
		t.Error(m)
	}
	s.free.Store(50)
	s.until("its end is told", func() bool { return len(s.mails()) == 2 })
}

// TestStaleBackup: that the last backup is older than a day is told, once there was one.
func TestStaleBackup(t *testing.T) {
	s := openStation(t, nil)
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
	s.until("it is told", func() bool { return len(s.mails()) == 1 })
	if m := s.mails()[0]; !strings.Contains(m, "New: No recent backup: the last backup is 24 hours old") {
		t.Error(m)
	}
	if err := server.Backup(t.Context(), s.Dir, io.Discard, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	s.until("its end is told", func() bool { return len(s.mails()) == 2 })
}

// TestFailedWayIsShown: a webhook that fails is tried again, the others are told that it fails, and nobody is told its URL.
func TestFailedWayIsShown(t *testing.T) {
	s := openStation(t, nil)
	s.hook.answers(http.StatusTeapot)
	s.pass(30 * time.Second)
	s.breaks()
	s.until("the others are told", func() bool { return len(s.mails()) == 2 })
	if m := s.mails()[1]; !strings.Contains(m, "New: Alarms are not delivered: 1 way of telling alarms fails") {
		t.Error(m)
	}
	s.hook.answers(http.StatusOK)
	s.until("the webhook is told", func() bool { return len(s.hook.got()) == 1 })
	if h := s.hook.got()[0]; !strings.Contains(h, "Server errors") {
		t.Error(h)
	}
	if log := s.log.String(); !strings.Contains(log, "alarms cannot be told") || strings.Contains(log, "secret") {
		t.Error(log)
	}
}

// TestSilenceAndTest: an administrator silences an alarm, and tries whether alarms arrive. Both are in the audit log.
func TestSilenceAndTest(t *testing.T) {
	ctx := t.Context()
	s := openStation(t, nil)
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
		t.Errorf("a silenced alarm is told: %q, %q", got, s.posts())
	}
	s.hook.answers(http.StatusNotFound)
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
		_, text := letter(t, one.Data)
		all.WriteString(text)
	}
	if n := strings.Count(all.String(), "New: Disk nearly full"); n != 1 {
		t.Errorf("the disk was told %d times", n)
	}
	if !strings.Contains(all.String(), "New: Restarts: Canteen was started 3 times within 15 minutes") {
		t.Errorf("the restarts were not told: %s", all.String())
	}
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
