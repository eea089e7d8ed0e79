package template

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/ops/catalogue"
)

// TestAlarms: every problem that the design names has an alarm, each notifies the topic and is on the dashboard, and missing data counts as
// a problem for the probe alone. Parts of composite alarms notify nobody.
func TestAlarms(t *testing.T) {
	d := load(t)
	const share = "IF(requests > 20 && errors > 1, 100 * errors / requests, 0) over "
	want := map[string]string{ // of the metric, and of the threshold
		"AnyServerError": "5xx > 0", "AnySocketError": "SocketErrors > 0", "SocketFunctionFailed": "Errors > 0",
		"SocketNotCalled": "ExecutionError > 0",
		"ServerErrorRate": share + "300 > 1", "SlowRequests": "Latency > 1500",
		"SlowPush": "CommitToPush > 3000", "StreamBehind": "IteratorAge > 10000", "PutAside": "ApproximateNumberOfMessagesVisible > 0",
		"RestThrottled": "Throttles > 0", "SocketThrottled": "Throttles > 0", "FanOutThrottled": "Throttles > 0",
		"JobsThrottled":        "Throttles > 0",
		"NearConcurrencyLimit": `ConcurrentExecutions > {"Ref":"ConcurrencyAlarm"}`,
		"ErrorBudgetFastBurn":  "FastBurnLong and FastBurnShort", "ErrorBudgetSlowBurn": "SlowBurnLong and SlowBurnShort",
		"MailFails":   "MailFailed > 2",
		"NoProbe":     "ProbeMissing and ProbeSucceeded",
		"TooManyGaps": "IF(pushed >= 1000, 100 * FILL(gaps, 0) / pushed, 0) over 3600 > 2",
	}
	parts := map[string]string{
		"FastBurnLong": share + "3600 > 1.44", "FastBurnShort": share + "300 > 1.44", "SlowBurnLong": share + "21600 > 0.6",
		"SlowBurnShort": share + "1800 > 0.6", "ProbeMissing": "Probe < 1", "ProbeSucceeded": "Probe > 0",
	}
	board, withMail := dashboards(t, d)
	alarms := of(d, "AWS::CloudWatch::Alarm")
	maps.Copy(alarms, of(d, "AWS::CloudWatch::CompositeAlarm"))
	for name, a := range alarms {
		p := a.Properties
		if part, ok := parts[name]; ok {
			if got := alarmRule(p); got != part || p["AlarmActions"] != nil || p["OKActions"] != nil {
				t.Errorf("%s is %s, want %s", name, got, part)
			}
			delete(parts, name)
			continue
		}
		if got := alarmRule(p); got != want[name] {
			t.Errorf("%s is %s, want %s", name, got, want[name])
		}
		delete(want, name)
		if to := text(p["AlarmActions"]); to != `[{"Ref":"Alarms"}]` || text(p["OKActions"]) != to {
			t.Errorf("%s tells %s", name, to)
		}
		if p["AlarmRule"] == nil && p["TreatMissingData"] != "notBreaching" {
			t.Errorf("%s takes silence for %v", name, p["TreatMissingData"])
		}
		on := func(board string) bool { return strings.Contains(board, ":alarm:${AWS::StackName}."+name+`"`) }
		if !on(withMail) || on(board) != (a.Condition != "HasMail") { // without mail, its alarm would be a gap
			t.Errorf("%s is on the dashboard: %v with mail, %v without", name, on(withMail), on(board))
		}
	}
	for name, want := range map[string]string{"ProbeMissing": "breaching", "ProbeSucceeded": "ignore"} { // silent until the first success
		if got := alarms[name].Properties["TreatMissingData"]; got != want {
			t.Errorf("%s takes silence for %v", name, got)
		}
	}
	if len(parts) > 0 {
		t.Errorf("missing: %v", parts)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	if b := d.Resources["Budget"]; !strings.Contains(text(b.Properties), `"FORECASTED"`) ||
		!strings.Contains(text(b.Properties), `{"Ref":"Alarms"}`) {
		t.Error("no budget tells the topic of its forecast")
	}
	for _, b := range []string{board, withMail} {
		var widgets struct{ Widgets []any }
		if err := json.Unmarshal([]byte(b), &widgets); err != nil || len(widgets.Widgets) < 15 {
			t.Errorf("the dashboard has %d widgets: %v", len(widgets.Widgets), err)
		}
	}
}

// TestDashboardShowsWhatIsFelt: the dashboard has what the probe and browsers measure.
func TestDashboardShowsWhatIsFelt(t *testing.T) {
	board, _ := dashboards(t, load(t))
	for _, m := range catalogue.All() {
		for _, name := range m.AWS {
			own := strings.HasPrefix(name, "Browser") || strings.HasPrefix(name, "Probe")
			if own && !strings.Contains(board, `["Canteen", "`+name+`", "Stack", "${AWS::StackName}", `) {
				t.Errorf("%s is not on the dashboard", name)
			}
		}
	}
}

// dashboards are the dashboard of a stack without mail, and that of one with mail.
func dashboards(t *testing.T, d document) (without, with string) {
	t.Helper()
	body := listed(object(d.Resources["Dashboard"].Properties["DashboardBody"])["Fn::Sub"])
	if len(body) != 2 {
		t.Fatalf("the dashboard has no place for the alarm of mail: %v", body)
	}
	mail := listed(object(object(body[1])["MailFails"])["Fn::If"])
	if len(mail) != 3 || mail[0] != "HasMail" || mail[2] != "" {
		t.Fatalf("the alarm of mail is on the dashboard by %v", mail)
	}
	of := func(alarm any) string {
		return strings.ReplaceAll(fmt.Sprint(body[0]), "${MailFails}", fmt.Sprint(alarm))
	}
	return of(""), of(object(mail[1])["Fn::Sub"])
}

// alarmRule is what an alarm watches: a metric or an expression with its period, and the threshold, or other alarms.
func alarmRule(p map[string]any) string {
	if rule := object(p["AlarmRule"])["Fn::Sub"]; rule != nil {
		parts := regexp.MustCompile(`^ALARM\("\$\{(\w+)\}"\) AND ALARM\("\$\{(\w+)\}"\)$`).FindStringSubmatch(fmt.Sprint(rule))
		if parts == nil {
			return fmt.Sprint(rule)
		}
		return parts[1] + " and " + parts[2]
	}
	metric := fmt.Sprint(p["MetricName"])
	if all := listed(p["Metrics"]); p["Metrics"] != nil {
		metric = fmt.Sprintf("%v over %v", object(all[len(all)-1])["Expression"], object(object(all[0])["MetricStat"])["Period"])
	}
	operator := map[any]string{"GreaterThanThreshold": ">", "LessThanThreshold": "<"}[p["ComparisonOperator"]]
	return metric + " " + operator + " " + text(p["Threshold"])
}

// TestAccessLog: the HTTP API writes a line of JSON for each request, without what users write, which the function's line can be found by.
func TestAccessLog(t *testing.T) {
	d := load(t)
	s := object(d.Resources["HttpStage"].Properties["AccessLogSettings"])
	if !strings.Contains(text(s["DestinationArn"]), "AccessLog") || d.Resources["AccessLog"].Properties["RetentionInDays"] == nil {
		t.Errorf("the log goes to %s", text(s["DestinationArn"]))
	}
	var line map[string]string
	if err := json.Unmarshal([]byte(fmt.Sprint(s["Format"])), &line); err != nil || line["request"] != "$context.requestId" ||
		line["status"] != "$context.status" {
		t.Errorf("a line is %v: %v", s["Format"], err)
	}
	for name, v := range line {
		if regexp.MustCompile(`path|query|header|authorizer|identity`).MatchString(strings.ToLower(v)) {
			t.Errorf("%s is %s", name, v)
		}
	}
}

// TestLogOfCloudFront: CloudFront logs requests without cookies, which are secrets, into a private bucket where logs are kept as long as
// others. It needs the bucket's access list.
func TestLogOfCloudFront(t *testing.T) {
	d := load(t)
	logging := text(object(d.Resources["Distribution"].Properties["DistributionConfig"])["Logging"])
	bucket := d.Resources["LogBucket"].Properties
	for _, want := range []string{"LogsAccess", "LogBucket.DomainName", `"IncludeCookies":false`} {
		if !strings.Contains(logging, want) {
			t.Errorf("the distribution logs %s, without %s", logging, want)
		}
	}
	for name, want := range map[string]string{
		"OwnershipControls": "BucketOwnerPreferred", "PublicAccessBlockConfiguration": `"RestrictPublicBuckets":true`,
		"LifecycleConfiguration": "LogRetentionDays",
	} {
		if !strings.Contains(text(bucket[name]), want) {
			t.Errorf("%s of the bucket is %s", name, text(bucket[name]))
		}
	}
}
