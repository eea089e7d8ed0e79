package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
)

const scrapeToken = "a-token-for-prometheus"

// startPrometheus starts Debian's prometheus with the rules on a server, and gives the URL of its API. It ends with the test.
func startPrometheus(t *testing.T, target string) string {
	t.Helper()
	program := prometheusProgram(t, "prometheus")
	rules, err := filepath.Abs("prometheus/canteen.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := fmt.Sprintf(`
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [%q]
scrape_configs:
  - job_name: canteen
    authorization: { credentials: %s }
    static_configs: [{ targets: [%q] }]
`, rules, scrapeToken, target)
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := world.Address(t)
	ctx, stop := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, program, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+dir, // #nosec G204
		"--web.listen-address="+addr, "--log.level=warn")
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = c.Wait() // it was killed
	})
	return "http://" + addr + "/api/v1/"
}

// answer reads what Prometheus's API says; "" while it does not answer.
func answer(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url) // #nosec G107 -- of the process that the test started
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	var all struct{ Data json.RawMessage }
	if err := json.NewDecoder(resp.Body).Decode(&all); err != nil {
		return ""
	}
	return string(all.Data)
}

// within waits until so gives true.
func within(t *testing.T, d time.Duration, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(d); !so(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not true after %s: %s", d, what)
		}
	}
}

// TestPrometheusScrapesARun: Debian's prometheus reads the metrics of a real server by its token, loads the rules without an error, raises
// the alert after one answer with 500, and clears it by itself.
func TestPrometheusScrapesARun(t *testing.T) {
	prometheusProgram(t, "prometheus")
	w := world.OpenWith(t, world.Options{Configure: func(c *server.Config) { c.MetricsToken = scrapeToken }})
	api := startPrometheus(t, strings.TrimPrefix(w.URL, "http://"))
	alert := func() string {
		for _, state := range []string{"firing", "pending", "inactive"} {
			if strings.Contains(answer(t, api+`query?query=ALERTS{alertname="CanteenServerErrors"}`), `"alertstate":"`+state+`"`) {
				return state
			}
		}
		return "none"
	}
	within(t, 30*time.Second, "the target is up", func() bool { return strings.Contains(answer(t, api+"targets"), `"health":"up"`) })
	within(t, 30*time.Second, "all rules are evaluated", func() bool {
		rules := answer(t, api+"rules")
		return strings.Count(rules, `"health":"ok"`) == len(alerts(t)) && !strings.Contains(rules, `"health":"err"`)
	})
	within(t, 10*time.Second, "Prometheus has the counter", func() bool {
		return strings.Contains(answer(t, api+"query?query=canteen_http_server_errors_total"), `"0"`)
	})
	if got := alert(); got != "none" {
		t.Fatalf("the alert is %s from the start", got)
	}
	c, err := sqlite.OpenConn(filepath.Join(w.Dir, "canteen.db"), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	change := func(sql string) {
		if err := sqlitex.ExecuteTransient(c, sql, nil); err != nil {
			t.Fatal(err)
		}
	}
	room := w.General()
	change("ALTER TABLE message RENAME TO hidden")
	status, _ := w.Raw("mira", http.MethodGet, "/api/v1/rooms/"+room+"/messages", "")
	change("ALTER TABLE hidden RENAME TO message")
	if status != http.StatusInternalServerError {
		t.Fatalf("without its table the server answers %d", status)
	}
	began := time.Now()
	within(t, 30*time.Second, "the alert fires", func() bool { return alert() == "firing" })
	t.Logf("it fires %.1f s after the error", time.Since(began).Seconds())
	within(t, 90*time.Second, "the alert clears by itself", func() bool { return alert() == "none" })
	t.Logf("it clears %.1f s after the error", time.Since(began).Seconds())
}
