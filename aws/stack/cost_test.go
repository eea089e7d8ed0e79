package stack

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestBill checks the order of magnitude of the estimate, and its constants against the template.
func TestBill(t *testing.T) {
	for people, most := range map[int][2]float64{50: {5, 20}, 500: {20, 70}, 5000: {250, 800}} {
		list, paid := Sum(Estimate(people, MeasuredCounts(), DefaultHabits()))
		if list < most[0] || list > most[1] || paid > list {
			t.Errorf("%d people: $%.2f, $%.2f within the free tier; the design says about %v", people, list, paid, most)
		}
	}
	list, paid := Sum(Estimate(50, Counts{}, Habits{}))
	if list > 11 || paid > 3.5 {
		t.Errorf("nobody talks: $%.2f, $%.2f within the free tier", list, paid)
	}
	b, err := os.ReadFile("../template/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	template := string(b)
	if alarms := strings.Count(template, "Type: AWS::CloudWatch::Alarm\n") + 1; alarms != alarmMetrics { // one watches two metrics
		t.Errorf("the alarms of the template watch %d metrics, the estimate says %d", alarms, alarmMetrics)
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
