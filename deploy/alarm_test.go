package deploy

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/canteen-chat/canteen/ops/alarm"
)

var (
	compared = regexp.MustCompile(`[<>] ([0-9.]+(?: \* [0-9.]+)*)`)
	ranged   = regexp.MustCompile(`\[([0-9]+[smh])\]`)
)

// product is the value of "14.4 * 0.001".
func product(t *testing.T, s string) float64 {
	t.Helper()
	out := 1.0
	for f := range strings.SplitSeq(s, " * ") {
		n, err := strconv.ParseFloat(f, 64)
		if err != nil {
			t.Fatal(err)
		}
		out *= n
	}
	return out
}

func about(a float64) func(float64) bool {
	return func(b float64) bool { return math.Abs(a-b) < 1e-9 }
}

// TestAlertsAreThoseOfTheServer: Prometheus raises the alerts that the server itself raises, with the same limits, times, severities and
// words. Only that the server does not answer is seen from outside alone.
func TestAlertsAreThoseOfTheServer(t *testing.T) {
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr, For string
				Labels           struct{ Severity alarm.Severity }
				Annotations      struct{ Summary string }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, rulesPath)), &file); err != nil {
		t.Fatal(err)
	}
	inside := map[string]alarm.Rule{}
	for _, r := range alarm.Rules() {
		if r.Alert != "" {
			inside[r.Alert] = r
		}
	}
	for _, a := range file.Groups[0].Rules {
		r, ok := inside[a.Alert]
		if delete(inside, a.Alert); !ok {
			if a.Alert != "CanteenDown" {
				t.Errorf("the server has no alarm for %s", a.Alert)
			}
			continue
		}
		lasts := time.Duration(0)
		if a.For != "" {
			var err error
			if lasts, err = time.ParseDuration(a.For); err != nil {
				t.Fatal(err)
			}
		}
		if lasts != r.For || a.Labels.Severity != r.Severity || a.Annotations.Summary != r.Summary {
			t.Errorf("%s: for %s, %s, %q; the server: %s, %s, %q", a.Alert, lasts, a.Labels.Severity, a.Annotations.Summary, r.For,
				r.Severity, r.Summary)
		}
		var times []time.Duration
		for _, m := range ranged.FindAllStringSubmatch(a.Expr, -1) {
			d, err := time.ParseDuration(m[1])
			if err != nil {
				t.Fatal(err)
			}
			times = append(times, d)
		}
		if r.Over != 0 && !slices.Contains(times, r.Over) || r.Over == 0 && len(times) > 0 {
			t.Errorf("%s is about %v; the server looks at %s", a.Alert, times, r.Over)
		}
		var limits []float64
		for _, m := range compared.FindAllStringSubmatch(a.Expr, -1) {
			limits = append(limits, product(t, m[1]))
		}
		want := []float64{r.Limit}
		if r.Beside != 0 {
			want = append(want, r.Beside)
		}
		switch a.Alert {
		case "CanteenNotReady": // it compares with ==
			want = nil
		case "CanteenDiskFills": // it compares what is left after that time with 0
			if want[0] = 0; !strings.Contains(a.Expr, strconv.Itoa(int(r.Limit))+" * 86400") {
				t.Errorf("%s does not look %v days ahead", a.Alert, r.Limit)
			}
		}
		for _, n := range want {
			if !slices.ContainsFunc(limits, about(n)) {
				t.Errorf("%s has the limits %v; the server has %v", a.Alert, limits, want)
			}
		}
		for _, n := range limits {
			if !slices.ContainsFunc(want, about(n)) {
				t.Errorf("%s has the limits %v; the server has %v", a.Alert, limits, want)
			}
		}
	}
	for alert := range inside {
		t.Errorf("%s has no alert %s", rulesPath, alert)
	}
}
