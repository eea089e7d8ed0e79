package deploy

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/alarmed"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// trouble is what Prometheus and the server itself must tell.
type trouble struct {
	alert  string // in Prometheus
	inside alarmed.Alarm
}

func troubles() []trouble {
	return []trouble{
		{"CanteenServerErrors", alarmed.Alarm{Name: "server-errors", Title: "Server errors", Says: "1 answer with 5xx in a minute"}},
		{"CanteenDiskLow", alarmed.Alarm{Name: "disk-low", Title: "Disk nearly full", Says: "9.0 % of the disk is left"}},
		{"CanteenBackupOld", alarmed.Alarm{Name: "backup-old", Title: "No recent backup", Says: "the last backup is 25 hours old"}},
		{"CanteenRestarts", alarmed.Alarm{Name: "restarts", Title: "Restarts", Says: "Canteen was started "}},
	}
}

// watched is a server with whoever watches it: Prometheus, and who hears its alarms.
type watched struct {
	scraper
	ears *alarmed.Ears
	c    *client.Client // of an owner
	dir  string
	room string // general
}

// general finds the room.
func (w *watched) general() {
	w.t.Helper()
	rooms := world.Must[[]wire.MyRoom](w.t)(w.c.Rooms(w.t.Context()))
	w.room = rooms[slices.IndexFunc(rooms, func(r wire.MyRoom) bool { return r.Name == "general" })].ID
}

// breaks makes one request fail with 500.
func (w *watched) breaks() {
	w.t.Helper()
	var err error
	world.Break(w.t, w.dir, func() { _, err = w.c.Page(w.t.Context(), w.room, nil) })
	if e, ok := errors.AsType[*client.Error](err); !ok || e.Status != http.StatusInternalServerError {
		w.t.Fatalf("without its table the server answers %v", err)
	}
}

// lastBackup makes the last backup one of the past.
func (w *watched) lastBackup(at time.Time) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, "last-backup"), []byte(at.UTC().Format(time.RFC3339)+"\n"), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// tells waits until the server tells each on the screen, in the room, by e-mail and by the webhook, or that they are over.
func (w *watched) tells(d time.Duration, over bool, of ...trouble) {
	w.t.Helper()
	began := time.Now()
	for _, one := range of {
		var missing []string
		for end := began.Add(d); ; time.Sleep(100 * time.Millisecond) {
			if missing = w.ears.Missing(w.t, w.c, w.room, one.inside, over); len(missing) == 0 {
				break
			}
			if time.Now().After(end) {
				w.t.Fatalf("%s (over: %v) is not told after %s by: %s", one.inside.Name, over, d, strings.Join(missing, ", "))
			}
		}
		w.t.Logf("%s (over: %v) is told everywhere after %.1f s", one.inside.Name, over, time.Since(began).Seconds())
	}
}

// hurry is how many times as fast as time the clock of a server runs that waits for minutes until an alarm is over.
const hurry = 20

// TestPrometheusAndTheServerTell: Debian's prometheus reads the metrics of a running server by its token, and loads the rules without an
// error. An answer with 500, a disk that fills up, and an old backup raise its alerts, and the server itself tells them by all ways. Both
// clear by themselves when there is nothing any more.
func TestPrometheusAndTheServerTell(t *testing.T) {
	prometheusProgram(t, "prometheus")
	t.Parallel()
	ears, first := alarmed.Listen(t), time.Now()
	now := func() time.Time { return first.Add(hurry * time.Since(first)) }
	var free atomic.Uint64
	free.Store(50)
	run := world.OpenWith(t, world.Options{Configure: func(c *server.Config) {
		c.MetricsToken, c.Clock, c.AlarmsEvery = scrapeToken, now, 10*time.Second/hurry
		c.Mail, c.MailFrom, c.AlarmMail = ears.Mail.URL(), "chat@example.com", []string{"ada@example.com"}
		c.AlarmWebhook, c.AlarmRoom = ears.Hook.URL+"/hook", "general"
		c.Disk = func() (uint64, uint64, error) { return free.Load() << 30, 100 << 30, nil }
	}})
	w := &watched{startPrometheus(t, strings.TrimPrefix(run.URL, "http://")), ears, run.As("ada"), run.Dir, run.General()}
	w.within(10*time.Second, "Prometheus has the counter", func() bool { return w.has("canteen_http_server_errors_total", "0") })
	all := troubles()[:3]
	var names []string
	for _, one := range all {
		if names = append(names, one.alert); w.alert(one.alert) != "none" {
			t.Errorf("%s is %s from the start", one.alert, w.alert(one.alert))
		}
	}
	w.breaks()
	free.Store(9)
	w.lastBackup(now().Add(-25 * time.Hour))
	w.becomes("firing", 30*time.Second, names...)
	w.tells(30*time.Second, false, all...)
	free.Store(50)
	if err := server.Backup(t.Context(), w.dir, io.Discard, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	w.becomes("none", 80*time.Second, names...)
	w.tells(80*time.Second, true, all...)
}

// TestPrometheusAndAKilledProcess: while the program is killed, Prometheus says that it is down; that clears when it runs again. The
// program itself tells within 70 s that it was started often, and an answer with 500 and an old backup beside it.
func TestPrometheusAndAKilledProcess(t *testing.T) {
	prometheusProgram(t, "prometheus")
	t.Parallel()
	program, dir, addr, ears := world.Program(t), filepath.Join(t.TempDir(), "data"), world.Address(t), alarmed.Listen(t)
	token := world.FirstRun(t, program, dir)
	start := func() world.Process {
		return world.Serve(t, program, dir, addr, "--metrics-token="+scrapeToken, "--mail="+ears.Mail.URL(), "--mail-from=chat@example.com",
			"--alarm-mail=mira@example.com", "--alarm-webhook="+ears.Hook.URL+"/hook", "--alarm-room=general",
			"--dead-man-url="+ears.DeadMan.URL+"/ping")
	}
	p := start()
	w := &watched{scraper: startPrometheus(t, addr), ears: ears, c: client.New(p.URL, token), dir: dir}
	w.general()
	w.becomes("none", 0, "CanteenDown", "CanteenRestarts", "CanteenBackupOld", "CanteenServerErrors")
	for n := range 3 {
		p.Kill(t)
		if n == 0 {
			w.becomes("firing", 20*time.Second, "CanteenDown")
		}
		if n == 2 {
			w.lastBackup(time.Now().Add(-25 * time.Hour))
		}
		p = start()
		w.within(20*time.Second, "Prometheus has seen the next process", func() bool {
			return w.has("changes(process_start_time_seconds[15m])", fmt.Sprint(n+1))
		})
	}
	w.breaks()
	broke := time.Now()
	w.becomes("none", 20*time.Second, "CanteenDown")
	w.becomes("firing", 20*time.Second, "CanteenRestarts", "CanteenBackupOld", "CanteenServerErrors")
	all := troubles()
	w.tells(time.Until(broke.Add(70*time.Second)), false, all[0], all[2], all[3])
	posts := world.Must[[]wire.Message](t)(alarmed.Posts(t.Context(), w.c, w.room))
	if len(posts) != 1 || !strings.HasSuffix(posts[0].Cards[0].Title, " alarms") {
		t.Errorf("%+v", posts)
	}
	if len(ears.DeadMan.Got()) == 0 {
		t.Error("the dead man's URL is not requested")
	}
	backup := exec.CommandContext(t.Context(), program, "backup", "--data", dir, filepath.Join(t.TempDir(), "backup")) // #nosec G204
	if out, err := backup.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	w.becomes("none", 20*time.Second, "CanteenBackupOld")
}
