package deploy

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/canteen-chat/canteen/ops/catalogue"
	"github.com/canteen-chat/canteen/ops/metrics"
)

const (
	rulesPath     = "deploy/prometheus/canteen.rules.yml"
	dashboardPath = "deploy/grafana/canteen.json"
)

// alerts reads the rules for Prometheus: their expressions by alert.
func alerts(t *testing.T) map[string]string {
	t.Helper()
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, rulesPath)), &rules); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			out[r.Alert] = r.Expr
		}
	}
	return out
}

// panels reads the dashboard for Grafana: the expressions of each panel by title.
func panels(t *testing.T) map[string][]string {
	t.Helper()
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, dashboardPath)), &dashboard); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			out[p.Title] = append(out[p.Title], target.Expr)
		}
	}
	return out
}

var (
	metricName = regexp.MustCompile(`\b(?:canteen|go|process)_[a-z_]+\b`)
	selector   = regexp.MustCompile(`\b((?:canteen|go|process)_[a-z_]+)\{([^}]*)\}`)
	labelName  = regexp.MustCompile(`([a-z_]+)\s*[=!]`)
	grouped    = regexp.MustCompile(`by \(([a-z_, ]+)\)`)
)

// known are the names that an expression may have, with the labels of each. Those of the Go runtime and the process are in every snapshot.
func known(t *testing.T) map[string][]string {
	t.Helper()
	samples, err := metrics.New().Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, s := range samples {
		out[s.Name] = nil
	}
	for _, d := range catalogue.All() {
		out[d.Name] = d.Labels
		if d.Kind == catalogue.Histogram {
			delete(out, d.Name) // its series have suffixes
			out[d.Name+"_bucket"], out[d.Name+"_sum"], out[d.Name+"_count"] = append(slices.Clone(d.Labels), "le"), d.Labels, d.Labels
		}
	}
	return out
}

// checkExpression holds an expression to the metrics and labels that there are.
func checkExpression(t *testing.T, where, expr string, known map[string][]string) {
	t.Helper()
	var labels []string
	for _, name := range metricName.FindAllString(expr, -1) {
		own, ok := known[name]
		if !ok {
			t.Errorf("%s: there is no metric %s", where, name)
		}
		labels = append(labels, own...)
	}
	if len(metricName.FindAllString(expr, -1)) == 0 && !strings.HasPrefix(expr, "up{") {
		t.Errorf("%s names no metric: %s", where, expr)
	}
	for _, m := range selector.FindAllStringSubmatch(expr, -1) {
		for _, l := range labelName.FindAllStringSubmatch(m[2], -1) {
			if l[1] != "job" && !slices.Contains(known[m[1]], l[1]) {
				t.Errorf("%s: %s has no label %s", where, m[1], l[1])
			}
		}
	}
	for _, m := range grouped.FindAllStringSubmatch(expr, -1) {
		for _, l := range strings.Split(m[1], ", ") {
			if !slices.Contains(labels, l) {
				t.Errorf("%s: nothing in it has the label %s", where, l)
			}
		}
	}
}

// TestRulesAndDashboardNameMetricsThatExist: each metric and label in them is one of the catalogue, of the Go runtime or of the process.
func TestRulesAndDashboardNameMetricsThatExist(t *testing.T) {
	names := known(t)
	all := alerts(t)
	for alert, expr := range all {
		checkExpression(t, alert, expr, names)
	}
	shown := panels(t)
	for title, exprs := range shown {
		for _, expr := range exprs {
			checkExpression(t, title, expr, names)
		}
	}
	if len(all) < 15 || len(shown) < 12 {
		t.Errorf("only %d alerts and %d panels were found", len(all), len(shown))
	}
}

// TestEachAlertIsTested: for each alert there are series with which it must fire, and series with which it must not.
func TestEachAlertIsTested(t *testing.T) {
	text := read(t, "deploy/prometheus/canteen.test.yml")
	for alert := range alerts(t) {
		for _, must := range []string{alert + " fires\n", alert + " stays quiet\n"} {
			if !strings.Contains(text, "- name: "+must) {
				t.Errorf("canteen.test.yml has no test %q", must)
			}
		}
	}
}

// prometheusProgram is the path of a program of Debian's package prometheus, which scripts/prometheus looks for.
func prometheusProgram(t *testing.T, name string) string {
	t.Helper()
	if os.Getenv("CANTEEN_TEST_PROMETHEUS") == "" {
		t.Skip("scripts/prometheus runs it")
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPrometheusTakesTheRules: promtool accepts them, and their tests pass.
func TestPrometheusTakesTheRules(t *testing.T) {
	promtool := prometheusProgram(t, "promtool")
	t.Parallel()
	for _, args := range [][]string{{"check", "rules", "canteen.rules.yml"}, {"test", "rules", "canteen.test.yml"}} {
		c := exec.CommandContext(t.Context(), promtool, args...) // #nosec G204 -- fixed arguments
		c.Dir = filepath.Join(root, "deploy/prometheus")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}
