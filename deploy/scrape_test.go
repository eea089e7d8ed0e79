package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/internal/world"
)

const scrapeToken = "a-token-for-prometheus"

// scraper is a running Prometheus.
type scraper struct {
	t   *testing.T
	api string // URL of its API
}

// startPrometheus starts Debian's prometheus with the rules on a server. It ends with the test. It scrapes and decides each second, and
// alerts after 2 s instead of minutes; all limits are those of the rules.
func startPrometheus(t *testing.T, target string) scraper {
	t.Helper()
	program := prometheusProgram(t, "prometheus")
	dir := t.TempDir()
	lasts := regexp.MustCompile(`\n {8}for: [0-9]+m\n`)
	rules := lasts.ReplaceAllString(read(t, rulesPath), "\n        for: 2s\n")
	config := fmt.Sprintf(`
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [canteen.rules.yml]
scrape_configs:
  - job_name: canteen
    authorization: { credentials: %s }
    static_configs: [{ targets: [%q] }]
`, scrapeToken, target)
	for name, text := range map[string]string{"canteen.rules.yml": rules, "prometheus.yml": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
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
	s := scraper{t, "http://" + addr + "/api/v1/"}
	s.within(30*time.Second, "the target is up", func() bool { return strings.Contains(s.answer("targets"), `"health":"up"`) })
	s.within(30*time.Second, "all rules are evaluated", func() bool {
		rules := s.answer("rules")
		return strings.Count(rules, `"health":"ok"`) == len(alerts(t)) && !strings.Contains(rules, `"health":"err"`)
	})
	return s
}

// answer reads what Prometheus's API says; "" while it does not answer.
func (s scraper) answer(path string) string {
	s.t.Helper()
	resp, err := http.Get(s.api + path) // #nosec G107 -- of the process that the test started
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

// has says whether a query gives a value.
func (s scraper) has(query, value string) bool {
	s.t.Helper()
	return strings.Contains(s.answer("query?query="+url.QueryEscape(query)), fmt.Sprintf("%q]", value))
}

// alert is the state of an alert.
func (s scraper) alert(name string) string {
	s.t.Helper()
	says := s.answer("query?query=" + url.QueryEscape(`ALERTS{alertname="`+name+`"}`))
	for _, state := range []string{"firing", "pending"} {
		if strings.Contains(says, `"alertstate":"`+state+`"`) {
			return state
		}
	}
	return "none"
}

// becomes waits until alerts have a state, and logs how long that took.
func (s scraper) becomes(state string, d time.Duration, names ...string) {
	s.t.Helper()
	began := time.Now()
	for _, name := range names {
		s.within(d, name+" is "+state, func() bool { return s.alert(name) == state })
		s.t.Logf("%s is %s after %.1f s", name, state, time.Since(began).Seconds())
	}
}

// within waits until so gives true.
func (s scraper) within(d time.Duration, what string, so func() bool) {
	s.t.Helper()
	for end := time.Now().Add(d); !so(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("not true after %s: %s", d, what)
		}
	}
}
