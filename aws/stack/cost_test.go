package stack

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestBill checks the order of magnitude of the estimate, and its constants against the template.
func TestBill(t *testing.T) {
	for people, most := range map[int][2]float64{50: {5, 20}, 500: {20, 100}, 5000: {250, 1090}} {
		list, paid := Sum(Estimate(people, MeasuredCounts(), DefaultHabits()))
		if list < most[0] || list > most[1] || paid > list {
			t.Errorf("%d people: $%.2f, $%.2f within the free tier; the design says about %v", people, list, paid, most)
		}
	}
	list, paid := Sum(Estimate(50, MeasuredCounts(), Habits{}))
	if list > 12 || paid > 8 {
		t.Errorf("nobody talks: $%.2f, $%.2f within the free tier", list, paid)
	}
	silent := DefaultHabits()
	silent.Links = 0
	with, _ := Sum(Estimate(5000, MeasuredCounts(), DefaultHabits()))
	if without, _ := Sum(Estimate(5000, MeasuredCounts(), silent)); with-without < 20 || with-without > 80 {
		t.Errorf("previews cost 5,000 people $%.2f", with-without)
	}
	b, err := os.ReadFile("../template/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	template := string(b)
	optional := strings.Count(template, "Type: AWS::CloudWatch::Alarm\n    Condition: HasMail\n") // with mail only
	watched := strings.Count(template, "Type: AWS::CloudWatch::Alarm\n") - strings.Count(template, "      Metrics:\n") +
		strings.Count(template, "MetricStat:") - optional
	if watched != alarmMetrics {
		t.Errorf("the alarms of the template watch %d metrics, the estimate says %d", watched, alarmMetrics)
	}
	if n := strings.Count(template, "Type: AWS::CloudWatch::CompositeAlarm\n"); n != composites {
		t.Errorf("the template has %d composite alarms, the estimate says %d", n, composites)
	}
	written := map[string]bool{}
	for _, file := range []string{"jobs", "rest", "socket", "stream", "vitals"} {
		b, err := os.ReadFile("../lambda/" + file + ".go")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:newMetric|flag)\("(\w+)"`).FindAllStringSubmatch(string(b), -1) {
			written[m[1]] = true
		}
	}
	if len(written) != idleMetrics+talkMetrics+browserMetrics {
		t.Errorf("the functions write %d metrics, the estimate says %d, %d and %d", len(written), idleMetrics, talkMetrics, browserMetrics)
	}
	if n := len(regexp.MustCompile(`\["(?:AWS/\w+|Canteen)", "`).FindAllString(template, -1)); n <= 50 {
		t.Errorf("the dashboard has %d metrics, and AWS charges nothing up to 50", n)
	}
	if n := strings.Count(template, "Type: AWS::DynamoDB::Table\n"); n != tables {
		t.Errorf("the template has %d tables, the estimate says %d", n, tables)
	}
}

// TestBillInDocs: docs/aws.md contains the computed table. BILL=write updates it.
func TestBillInDocs(t *testing.T) {
	const file = "../../docs/aws.md"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`(?m)^\| a month, USD \|.*\n(\|.*\n)+`)
	if os.Getenv("BILL") == "write" {
		b = table.ReplaceAllLiteral(b, []byte(BillTable()))
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if string(table.Find(b)) != BillTable() {
		t.Errorf("docs/aws.md shows another bill (BILL=write go test -run TestBillInDocs ./aws/stack writes it):\n%s", BillTable())
	}
}
