package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/ops/catalogue"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// request asks for a path of a server, with headers. Host is a header too.
func request(t *testing.T, url, path, method string, headers map[string]string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	req.Host = headers["Host"]
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, string(world.Must[[]byte](t)(io.ReadAll(resp.Body)))
}

// series are the series in an answer of /metrics, with their values.
func series(t *testing.T, url string) map[string]string {
	t.Helper()
	_, text := request(t, url, "/metrics", "GET", nil)
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^([a-z_]+(?:\{.*\})?) (\S+)$`).FindAllStringSubmatch(text, -1) {
		out[m[1]] = m[2]
	}
	return out
}

// TestWhatIsMeasured: a run in which everything happens once has all metrics of the catalogue, with the values that it must have.
func TestWhatIsMeasured(t *testing.T) {
	ctx := context.Background()
	w := world.OpenWith(t, world.Options{NoRates: true, Configure: func(c *server.Config) {
		c.Vitals, c.Probe, c.ProbeEvery = true, true, time.Second
	}})
	mira, room := w.As("mira"), w.General()
	live := w.Live("jonas")
	m := w.Post("mira", room, 1)
	world.Must[wire.Message](t)(mira.React(ctx, room, m.Seq, "🍲", true))
	world.Must[wire.File](t)(mira.UploadFile(ctx, "a.txt", "text/plain", strings.NewReader("soup"), 4))
	world.UpTo(t, live, "reaction", "")
	request(t, w.URL, "/api/v1/rooms/"+room+"/changes?since=0", "GET", map[string]string{"Authorization": "Bearer " + w.Token["mira"]})
	request(t, w.URL, "/ws", "GET", nil)
	if status, body := w.Raw("mira", http.MethodPost, "/api/v1/vitals", `{"vitals":[{"name":"first_render","seconds":0.9},
		{"name":"room_switch","seconds":0.1},{"name":"echo","seconds":0.03},{"name":"reconnect"},
		{"name":"script_error","at":"assets/index-Bx3.js:1:2034"}]}`); status != http.StatusNoContent {
		t.Fatal(status, body)
	}
	if _, err := client.New(w.URL, "").SignIn(ctx, "mira@example.com", "a wrong password"); err == nil {
		t.Fatal("a wrong password signs in")
	}
	var got map[string]string
	world.Eventually(t, "the followers have processed the post", func() bool {
		got = series(t, w.URL)
		return got[`canteen_follower_lag_seconds{follower="inbox"}`] == "0" && got["canteen_probe_up"] != ""
	})
	for key, want := range map[string]string{
		"canteen_posts_total": "1", "canteen_reactions_total": "1", "canteen_uploads_total": "1", "canteen_upload_bytes_total": "4",
		"canteen_sockets": "1", "canteen_people_online": "1", "canteen_sockets_opened_total": "1", "canteen_ready": "1",
		"canteen_gap_fetches_total": "1", "canteen_sign_in_failures_total": "1", "canteen_store_commit_failures_total": "0",
		"canteen_browser_reports_total": "1", "canteen_browser_first_render_seconds_sum": "0.9", "canteen_probe_up": "1",
		"canteen_browser_room_switch_seconds_sum": "0.1", "canteen_browser_echo_seconds_count": "1",
		"canteen_browser_reconnects_total": "1", "canteen_browser_script_errors_total": "1",
		`canteen_http_requests_total{method="GET",route="/ws",status="4xx"}`:                               "1",
		`canteen_http_requests_total{method="POST",route="/api/v1/rooms/{room}/messages",status="2xx"}`:    "1",
		`canteen_http_request_duration_seconds_count{method="POST",route="/api/v1/rooms/{room}/messages"}`: "1",
	} {
		if got[key] != want {
			t.Errorf("%s is %q, want %s", key, got[key], want)
		}
	}
	for _, key := range []string{"canteen_deliveries_total", "canteen_delivery_delay_seconds_count", "canteen_store_commits_total",
		"canteen_store_sync_duration_seconds_sum", "canteen_store_commit_commands_count", "canteen_database_bytes",
		"canteen_database_wal_bytes", "canteen_disk_free_bytes", "canteen_disk_size_bytes"} {
		if v := got[key]; v == "" || v == "0" {
			t.Errorf("%s is %q", key, v)
		}
	}
	for _, d := range catalogue.All() {
		there := false
		for key := range got {
			name, _, _ := strings.Cut(key, "{")
			there = there || strings.TrimSuffix(strings.TrimSuffix(name, "_count"), "_bucket") == d.Name || name == d.Name
		}
		seldom := d.Name == catalogue.Mails || d.Name == catalogue.RateLimited || d.Name == catalogue.LogRecords
		if !there && !seldom {
			t.Errorf("%s is not measured", d.Name)
		}
	}
}

// TestAgeOfBackups: how old the last backup is, and what was last shipped, is measured; nothing is said before there is one.
func TestAgeOfBackups(t *testing.T) {
	w := world.OpenFast(t)
	if got := series(t, w.URL); got["canteen_backup_age_seconds"] != "NaN" || got["canteen_shipped_age_seconds"] != "NaN" {
		t.Errorf("before: %q and %q", got["canteen_backup_age_seconds"], got["canteen_shipped_age_seconds"])
	}
	if err := server.Backup(t.Context(), w.Dir, io.Discard, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	young := func(what, name string, s map[string]string) {
		t.Helper()
		if age, err := strconv.ParseFloat(s[name], 64); err != nil || !(age > -2 && age < 60) {
			t.Errorf("%s: %q, %v", what, s[name], err)
		}
	}
	world.Eventually(t, "the backup is measured", func() bool { return series(t, w.URL)["canteen_backup_age_seconds"] != "NaN" })
	young("after a backup", "canteen_backup_age_seconds", series(t, w.URL))
	place := filepath.Join(t.TempDir(), "shipped")
	w = world.OpenWith(t, world.Options{Configure: func(c *server.Config) {
		c.Ship = func() (backup.Place, error) { return backup.OpenDirectory(place) }
	}})
	world.Eventually(t, "shipping is measured", func() bool { return series(t, w.URL)["canteen_shipped_age_seconds"] != "NaN" })
	got := series(t, w.URL)
	young("shipped", "canteen_shipped_age_seconds", got)
	young("a backup by shipping", "canteen_backup_age_seconds", got)
}

// TestStrangersMakeNoSeries: paths, methods and ids that a stranger makes up add no series.
func TestStrangersMakeNoSeries(t *testing.T) {
	w := world.OpenFast(t)
	visit := func(i int) {
		for _, path := range []string{"/api/v1/made/up/%d", "/api/v1/rooms/%d/messages", "/page-%d", "/api/v1/../%d", "/ws?ticket=%d"} {
			for _, method := range []string{"GET", "POST", "DELETE", "TRACE", fmt.Sprintf("MADE%d", i)} {
				request(t, w.URL, fmt.Sprintf(path, i), method, map[string]string{"X-Forwarded-Host": fmt.Sprint(i)})
			}
			request(t, w.URL, fmt.Sprintf(path, i), "GET", map[string]string{"Host": fmt.Sprintf("host-%d.example", i)})
		}
	}
	visit(0)
	var before map[string]string
	world.Eventually(t, "the series count the request for them", func() bool {
		before = series(t, w.URL)
		return before[`canteen_http_requests_total{method="GET",route="/metrics",status="2xx"}`] != ""
	})
	for i := 1; i < 20; i++ {
		visit(i)
	}
	world.Eventually(t, "the answer is new", func() bool {
		return series(t, w.URL)[`canteen_http_requests_total{method="POST",route="none",status="4xx"}`] !=
			before[`canteen_http_requests_total{method="POST",route="none",status="4xx"}`]
	})
	for key := range series(t, w.URL) {
		if _, known := before[key]; !known {
			t.Errorf("there is a new series %s", key)
		}
	}
}
