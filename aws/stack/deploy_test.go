package stack

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// TestDeploy creates a stack, finds nothing to change, changes it, and changes only the pages.
func TestDeploy(t *testing.T) {
	w := newWorld(t, "first")
	out := w.must(Deploy, "Canteen v1.0.0 is deployed", "URL: "+*w.o.PublicURL, "Set up the workspace: "+*w.o.PublicURL+"/setup#")
	if len(w.secrets) != 1 || !strings.HasPrefix(w.secrets[0], "first- ") ||
		!strings.Contains(out, strings.TrimPrefix(w.secrets[0], "first- ")) {
		t.Errorf("the secret of the first run is %q, the link says %s", w.secrets, out)
	}
	if st := w.state(); st.status != "CREATE_COMPLETE" || st.outputs["Version"] != "v1.0.0" || st.outputs["TablePrefix"] != "first-" {
		t.Errorf("the stack is %+v", st)
	}
	w.headers("/rooms/any", "text/html", "no-cache")
	w.headers("/assets/a-1.js", "text/javascript", "immutable")

	w.o.Setup = nil // the stand-in is never set up
	w.must(Deploy)
	if !slices.Equal(w.updated, []string{"first-", "first-"}) { // also when nothing was to change: an earlier run may have been cut short
		t.Errorf("stored data was updated in %q", w.updated)
	}
	w.has(w.log.String(), "The stack is as it should be")

	days := 7
	w.o.LogRetentionDays, w.o.MetricMath = &days, nil // options that are not given keep their values
	w.must(Deploy)
	if p := w.state().parameters; p["LogRetentionDays"] != "7" || p["MetricMath"] != "no" || p["OriginSecret"] == "" {
		t.Errorf("the parameters are %v", p)
	}

	w.o.Pages = withPage(w.o.Pages, 2)
	w.faults.inject(nil, nil)
	w.must(Deploy)
	calls := w.faults.called()
	if !slices.ContainsFunc(calls, func(c string) bool { return strings.HasSuffix(c, "/invalidation") }) ||
		slices.Contains(calls, "ExecuteChangeSet") {
		t.Errorf("the pages changed alone; calls: %v", calls)
	}
	page := slices.IndexFunc(calls, func(c string) bool { return strings.HasPrefix(c, "PUT") && strings.HasSuffix(c, "/index.html") })
	asset := slices.IndexFunc(calls, func(c string) bool { return strings.HasPrefix(c, "PUT") && strings.HasSuffix(c, "/assets/a-2.js") })
	if asset < 0 || page < asset {
		t.Errorf("the page went up before what it names: %v", calls)
	}
	w.headers("/assets/a-1.js", "text/javascript", "immutable") // still there, for open tabs
	other := &cloudwatch.PutMetricAlarmInput{                   // of a stack called first-b
		AlarmName: aws.String("first-b-NoProbe"), Namespace: aws.String("Canteen"), MetricName: aws.String("Probe"), Period: aws.Int32(60),
		EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), Statistic: types.StatisticSum,
		ComparisonOperator: types.ComparisonOperatorLessThanThreshold,
	}
	if _, err := w.cloud().cw.PutMetricAlarm(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	w.must(Status, "UPDATE_COMPLETE", "v1.0.0", "0 of 13 in alarm", "healthy", "--setup-link")
	w.o.Setup = func(context.Context, *Cloud, string, string) error { return nil }
	w.must(Status, "Set up the workspace: "+*w.o.PublicURL+"/setup#")
}

// headers fails unless the front serves the path with these headers.
func (w *world) headers(path, kind, cache string) {
	w.t.Helper()
	resp, err := http.Get(*w.o.PublicURL + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), kind) || !strings.Contains(resp.Header.Get("Cache-Control"), cache) ||
		resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		w.t.Errorf("%s: %s %v", path, resp.Status, resp.Header)
	}
}

// TestFailedChange: a failed change is rolled back and the first failure is named; the stack still works.
func TestFailedChange(t *testing.T) {
	w := newWorld(t, "failing")
	w.must(Deploy)
	was := w.o.Template
	w.addBadAlarm()
	w.refuses(Deploy, "failed and was rolled back", "UPDATE_ROLLBACK_COMPLETE", "BadAlarm", "ComparisonOperator")
	w.o.Template = was
	w.must(Deploy)
}

// addBadAlarm adds an alarm to the template that cannot be made.
func (w *world) addBadAlarm() {
	w.edit("  TooManyGaps: # a share", "  BadAlarm:\n    Type: AWS::CloudWatch::Alarm\n    Properties: { Namespace: Canteen, MetricName: "+
		"X, Threshold: 1, EvaluationPeriods: 1 }\n  TooManyGaps: # a share")
}

// TestFailedFirst: what a failed first deployment leaves is deleted, except for tables, which are imported.
func TestFailedFirst(t *testing.T) {
	w := newWorld(t, "stumbling")
	was := w.o.Template
	w.addBadAlarm()
	w.refuses(Deploy, "failed and was rolled back", "BadAlarm", "ComparisonOperator")
	if st := w.state(); st == nil || st.status != "ROLLBACK_COMPLETE" {
		t.Fatalf("the stack is %+v", st)
	}
	w.o.Template = was
	w.must(Deploy)
	w.has(w.log.String(), "The first deployment of stumbling failed", "BadAlarm")
}

// TestInterrupted: Ctrl-C at each step, then the same command again.
func TestInterrupted(t *testing.T) {
	w := newWorld(t, "interrupted")
	for _, at := range []string{"Deploy ", "Make the bucket", "Upload functions", "Upload templates", "The change makes",
		"Make the stack", "made ", "Uploaded ", "Wait for"} {
		ctx, stop := context.WithCancel(t.Context())
		w.log.when(at, stop)
		w.log.reset()
		err := Deploy(ctx, w.o)
		stop()
		if err == nil && at != "Wait for" && !strings.Contains(w.log.String(), "as it should be") {
			t.Errorf("interrupted at %q it ended well\n%s", at, w.log)
		}
	}
	w.must(Deploy)
}

// TestResumed: a deployment in progress is followed if it is the same, and left alone if not.
func TestResumed(t *testing.T) {
	w := newWorld(t, "resumed")
	w.must(Deploy)
	looks := 0
	busy := func(action, body string) string {
		if action == "DescribeStacks" && looks < 5 {
			looks++
			return strings.Replace(body, "<StackStatus>CREATE_COMPLETE<", "<StackStatus>CREATE_IN_PROGRESS<", 1)
		}
		return body
	}
	w.faults.inject(nil, busy)
	w.must(Deploy)
	w.has(w.log.String(), "This deployment has been under way", "made       Rooms", "The stack is as it should be")

	looks = 0
	days := 3
	w.o.LogRetentionDays = &days
	w.faults.inject(nil, busy)
	w.refuses(Deploy, "another deployment of resumed is under way", "CREATE_IN_PROGRESS")
	if calls := w.faults.called(); len(calls) > 4 {
		t.Errorf("it went on all the same: %v", calls)
	}
}

// TestOvertaken: another deployment begins after this one has looked.
func TestOvertaken(t *testing.T) {
	w := newWorld(t, "overtaken")
	w.must(Deploy)
	days := 3
	w.o.LogRetentionDays = &days
	w.faults.inject(func(action string, _ *http.Request) *faultResponse {
		if action == "ExecuteChangeSet" {
			return &faultResponse{400, "InvalidChangeSetStatus", "ChangeSet is in OBSOLETE status"}
		}
		return nil
	}, nil)
	w.refuses(Deploy, "another deployment of this stack began at the same moment")
	if !slices.Contains(w.faults.called(), "DeleteChangeSet") {
		t.Error("the change set stays")
	}
}

// TestStuckRollback: deploy continues a rollback that failed, then deploys.
func TestStuckRollback(t *testing.T) {
	w := newWorld(t, "stuck")
	w.must(Deploy)
	looks, continued := 0, false
	w.faults.inject(func(action string, _ *http.Request) *faultResponse {
		if action == "ContinueUpdateRollback" {
			continued = true
			return &faultResponse{200, "ContinueUpdateRollbackResult", ""}
		}
		return nil
	}, func(action, body string) string {
		if action == "DescribeStacks" && !continued {
			looks++
			return strings.Replace(body, "<StackStatus>CREATE_COMPLETE<", "<StackStatus>UPDATE_ROLLBACK_FAILED<", 1)
		}
		return body
	})
	w.must(Deploy)
	if !continued || looks == 0 {
		t.Error("the rollback was not continued")
	}
}

// TestTablesAreNotReplaced: a change that would replace a table is refused before it begins, and leaves no change set.
func TestTablesAreNotReplaced(t *testing.T) {
	w := newWorld(t, "careful")
	w.must(Deploy)
	was := w.o.Template
	for name, edit := range map[string][2]string{
		"Rooms": {"AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }, { AttributeName: sk, AttributeType: S }]",
			"AttributeDefinitions: [{ AttributeName: pk, AttributeType: N }, { AttributeName: sk, AttributeType: S }]"},
		"Unique": {"TableName: !Sub ${AWS::StackName}-unique", "TableName: !Sub ${AWS::StackName}-distinct"},
	} {
		w.o.Template = was
		w.edit(edit[0], edit[1])
		w.faults.inject(nil, nil)
		w.refuses(Deploy, "would replace or remove the table "+name, "nothing was changed")
		if calls := w.faults.called(); slices.Contains(calls, "CreateChangeSet") {
			t.Errorf("%s: calls %v", name, calls)
		}
	}
}

// TestCloudFormationKnowsBetter: a replacement that only CloudFormation detects is refused too, and the change set deleted.
func TestCloudFormationKnowsBetter(t *testing.T) {
	w := newWorld(t, "warned")
	w.must(Deploy)
	days := 3
	w.o.LogRetentionDays = &days
	for _, how := range []string{"<Action>Modify</Action><Replacement>True</Replacement>",
		"<Action>Modify</Action><Replacement>Conditional</Replacement>", "<Action>Remove</Action>"} {
		w.faults.inject(nil, func(action, body string) string {
			if action == "DescribeChangeSet" {
				return strings.Replace(body, "<Changes>", "<Changes><member><Type>Resource</Type><ResourceChange>"+how+
					"<LogicalResourceId>Users</LogicalResourceId><ResourceType>AWS::DynamoDB::Table</ResourceType></ResourceChange></member>", 1)
			}
			return body
		})
		w.refuses(Deploy, "would replace or remove the table Users", "nothing was changed")
		if calls := w.faults.called(); slices.Contains(calls, "ExecuteChangeSet") || !slices.Contains(calls, "DeleteChangeSet") {
			t.Errorf("%s: calls %v", how, calls)
		}
	}
}

// TestOlder: a binary does not change what a newer one deployed.
func TestOlder(t *testing.T) {
	w := newWorld(t, "older")
	w.o.Version = "v1.10.0"
	w.must(Deploy)
	w.o.Version = "v1.9.3"
	w.refuses(Deploy, "was deployed by Canteen v1.10.0, and this is v1.9.3", "--downgrade")
	w.o.Downgrade = true
	w.must(Deploy)
	now := w.o.Template
	w.edit("Generation: 2", "Generation: 3")
	w.edit("Value: '2'", "Value: '3'")
	w.o.Version = "v2.0.0"
	w.must(Deploy)
	w.o.Template, w.o.Version = now, "v1.10.0"
	w.refuses(Deploy, "a newer Canteen (v2.0.0)", "would not understand")
}

// TestCredentials: each problem with credentials has a message that says what to do.
func TestCredentials(t *testing.T) {
	w := newWorld(t, "nobody")
	who := func(code string) {
		w.faults.inject(func(action string, _ *http.Request) *faultResponse {
			if action == "GetCallerIdentity" {
				return &faultResponse{403, code, "The security token included in the request is wrong"}
			}
			return nil
		}, nil)
	}
	who("ExpiredToken")
	w.refuses(Deploy, "have expired", "aws sso login")
	who("InvalidClientTokenId")
	w.refuses(Deploy, "AWS does not know these credentials")
	w.faults.inject(nil, nil)
	w.o.Profile = "work"
	w.refuses(Deploy, `no profile "work"`, "--profile")
	w.o.Profile = ""
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	w.refuses(Deploy, "no region", "--region")
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	w.refuses(Deploy, "no AWS credentials", "aws configure")
}

// TestMissingRight: the missing right is named at every step.
func TestMissingRight(t *testing.T) {
	for action, right := range map[string]string{
		"CreateChangeSet": "cloudformation:CreateChangeSet", "DescribeStacks": "cloudformation:DescribeStacks",
		"DescribeTable":    "dynamodb:DescribeTable",
		"ExecuteChangeSet": "cloudformation:ExecuteChangeSet",
	} {
		w := newWorld(t, "unable")
		w.faults.inject(func(a string, _ *http.Request) *faultResponse {
			if a == action {
				return &faultResponse{403, "AccessDenied", "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: " + right +
					" on resource: arn:aws:x:eu-central-1:123456789012:thing/unable because no identity-based policy allows the " + right +
					" action"}
			}
			return nil
		}, nil)
		w.refuses(Deploy, "the right "+right+" is missing, on arn:aws:x:eu-central-1:123456789012:thing/unable", "--print-policy")
	}
}
